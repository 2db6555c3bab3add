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
        service.executableURL = URL(fileURLWithPath: "/bin/sleep")
        service.arguments = ["60"]
        try service.run()
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
