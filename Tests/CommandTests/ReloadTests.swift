// SPDX-License-Identifier: MIT
import Foundation
import Glibc
import Testing

@testable import ig_shop_auth

@Suite(.timeLimit(.minutes(1))) struct ReloadTests {
    @Test("Who never had the lock tells the service, overwrites nobody's request, and ends with 75")
    func crowded() async throws {
        let directory = try TemporaryDirectory()
        let environment = ["RUNTIME_DIRECTORY": directory.path]
        let desk = try #require(ReloadDesk(environment: environment))
        let lock = open(desk.lock, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        defer { close(lock) }
        try #require(flock(lock, LOCK_EX) == 0)
        try desk.ask("the winner's")

        let service = Process()
        // Other tests of this process ignore SIGHUP, and a child would inherit that.
        service.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        service.arguments = ["--default-signal=HUP", "sleep", "5"]
        try service.run()
        let name = "/proc/\(service.processIdentifier)/comm"
        while (try? String(contentsOfFile: name, encoding: .utf8)) != "sleep\n" {
            try await Task.sleep(for: .milliseconds(5))
        }
        defer { service.terminate() }
        let environmentOfUnit = environment.merging(["MAINPID": "\(service.processIdentifier)"]) { $1 }
        let refusal = await #expect(throws: Complaint.self) {
            try await Reload().reload(environment: environmentOfUnit, patience: .milliseconds(50))
        }
        #expect(refusal?.exit == SysExit.temporary)
        #expect(desk.asked() == "the winner's")
        service.waitUntilExit()
        #expect(service.terminationReason == .uncaughtSignal && service.terminationStatus == SIGHUP)
    }
}
