// SPDX-License-Identifier: MIT
import Foundation
import Testing

@testable import ig_shop_auth

@Suite struct ReloadDeskTests {
    @Test("A verdict is of the request that it names, and of no other")
    func verdicts() throws {
        let directory = try TemporaryDirectory()
        let desk = try #require(ReloadDesk(environment: ["RUNTIME_DIRECTORY": directory.path]))
        #expect(desk.asked() == nil && desk.verdict(on: "a") == nil)
        try desk.ask("a")
        #expect(desk.asked() == "a")
        try desk.answer("a", .refused(["line 2: no", "line 3: no"]))
        #expect(desk.verdict(on: "a") == .refused(["line 2: no", "line 3: no"]))
        try desk.ask("b")
        #expect(desk.verdict(on: "b") == nil && desk.asked() == "b")
        try desk.answer("b", .inForce(["keys a", "agents "]))
        #expect(desk.verdict(on: "b") == .inForce(["keys a", "agents "]))
        let left = try FileManager.default.contentsOfDirectory(atPath: directory.path)
        #expect(Set(left) == ["reload", "reload.verdict"])
    }

    @Test("The first of systemd's directories; without an absolute one there is no desk")
    func directories() {
        #expect(ReloadDesk(environment: ["RUNTIME_DIRECTORY": "/run/a:/run/b"])?.directory == "/run/a")
        for none in ["", ":", "relative"] { #expect(ReloadDesk(environment: ["RUNTIME_DIRECTORY": none]) == nil) }
        #expect(ReloadDesk(environment: [:]) == nil)
    }

    @Test("What cannot be written is told with its path")
    func unwritable() throws {
        let directory = try TemporaryDirectory()
        let desk = try #require(ReloadDesk(environment: ["RUNTIME_DIRECTORY": directory.path + "/gone"]))
        let failure = #expect(throws: ReloadDesk.Failure.self) { try desk.ask("a") }
        #expect(failure?.description == "\(directory.path)/gone/reload.new: No such file or directory")
    }
}
