// SPDX-License-Identifier: MIT
import Connect
import Foundation
import Glibc
import Testing
import Vault

/// `ig-shop-auth reload`, which is what `systemctl reload` runs.
@Suite
struct ReloadVerdictTests {
    @Test("It returns when the new files are in force, and says what is; an agent that is out is told so at once")
    func inForce() async throws {
        let systemd = try Systemd()
        try await Stage.run(systemd.options()) { stage in
            let (kept, gone) = (AgentKey.generate(), AgentKey.generate())
            func users(_ key: AgentKey) async throws -> Int {
                try await stage.ask("users", key: key.exposedText()).status
            }
            try write([line("bot", kept), line("old", gone)], stage)
            let first = try await systemd.reload(stage)
            #expect(first.end == .exit(0) && first.error == "")
            #expect(first.output == "in force: keys system\nin force: agents bot old\n")
            #expect(systemd.notify.status == "serving; keys system; 2 agents")
            #expect(try await users(gone) == 200)

            try write([line("bot", kept)], stage)
            try stage.writeKeys([Stage.key("next")] + stage.keyLines())
            let second = try await systemd.reload(stage)
            // No wait and no second try: the command has returned.
            #expect(try await users(gone) == 401)
            #expect(try await users(kept) == 200)
            #expect(second.output == "in force: keys next system\nin force: agents bot\n")
            #expect(systemd.notify.status == "serving; keys next system; 1 agent")
            #expect(!(first.output + second.output).contains(kept.exposedText().dropFirst(5)))
        }
    }

    @Test("Each fault is a line and the exit code is 78: a broken line, other bytes under an old name; nothing changes")
    func refused() async throws {
        let systemd = try Systemd()
        try await Stage.run(systemd.options()) { stage in
            let key = AgentKey.generate()
            try write([line("bot", key)], stage)
            #expect(try await systemd.reload(stage).end == .exit(0))

            try write([line("bot", key), "broken", "a \(key.exposedText()) *"], stage)
            let broken = try await systemd.reload(stage)
            #expect(broken.end == .exit(78) && broken.output == "")
            #expect(broken.lines.count == 3)
            #expect(broken.lines[0].hasPrefix("ig-shop-auth: \(stage.agents): line 2: "))
            #expect(broken.lines[1].hasPrefix("ig-shop-auth: \(stage.agents): line 3: "))
            #expect(broken.lines[2] == "ig-shop-auth: nothing has changed")
            #expect(!broken.error.contains(key.exposedText().dropFirst(5)))
            #expect(try await stage.ask("users", key: key.exposedText()).status == 200)
            try write([line("bot", key)], stage)

            let good = try stage.keyLines()
            try stage.writeKeys([Stage.key("system")])
            let other = try await systemd.reload(stage)
            #expect(other.end == .exit(78) && other.lines.count == 2)
            #expect(other.lines[0].hasPrefix("ig-shop-auth: \(stage.keys): ") && other.lines[0].contains("system"))
            try stage.writeKeys(good)
            #expect(try await systemd.reload(stage).end == .exit(0))
        }
    }

    @Test("Ten at once: each is answered, and the last one's files are in force")
    func together() async throws {
        let systemd = try Systemd()
        try await Stage.run(systemd.options()) { stage in
            let key = AgentKey.generate()
            try await withThrowingTaskGroup(of: Command.self) { group in
                for number in 0..<10 {
                    try write([line("agent-\(number)", key)], stage)
                    group.addTask { try await systemd.reload(stage) }
                }
                for try await command in group { #expect(command.end == .exit(0), "\(command.error)") }
            }
            #expect(try stage.journal().last { $0["event"] == "reloaded" }?["agents"] == "agent-9")
        }
    }

    @Test("A SIGHUP without a request leaves no verdict; a directory that nobody can write to does not stop the reload")
    func withoutNotes() async throws {
        let systemd = try Systemd()
        try await Stage.run(systemd.options()) { stage in
            _ = try await stage.reload()
            #expect(try FileManager.default.contentsOfDirectory(atPath: systemd.runtime) == [])

            // No directory can be written to like one that is gone, also for root.
            try FileManager.default.removeItem(atPath: systemd.runtime)
            let reloads = try stage.journal().count { $0["event"] == "reloaded" }
            let reload = try await systemd.reload(stage)
            #expect(reload.end == .exit(74) && reload.lines.count == 1)
            #expect(reload.error.contains("its journal says what is in force"))
            _ = try await eventually("the reload") {
                try stage.journal().count { $0["event"] == "reloaded" } > reloads ? () : nil
            }
        }
    }

    @Test("A verdict that cannot be written is told in the journal, and the new files are in force")
    func unwritten() async throws {
        let systemd = try Systemd()
        try await Stage.run(systemd.options()) { stage in
            // What the service would write to is a directory: so it is for root, too.
            try FileManager.default.createDirectory(
                atPath: systemd.runtime + "/reload.verdict.new", withIntermediateDirectories: false)
            try "of-nobody\n".write(toFile: systemd.runtime + "/reload", atomically: true, encoding: .utf8)
            try write([line("bot", .generate())], stage)
            stage.responder?.signal(SIGHUP)
            let line = try await eventually("the line") {
                try stage.journal().first { $0["event"] == "reload not answered" }
            }
            #expect(line["failure"]?.contains("reload.verdict.new: ") == true)
            #expect(try stage.journal().last { $0["event"] == "reloaded" }?["agents"] == "bot")
        }
    }

    @Test("A SIGHUP in a stop is no reload: the files are not read any more")
    func stopping() async throws {
        let systemd = try Systemd()
        try await Stage.run(systemd.options()) { stage in
            let browser = Browser()
            let callback = try await stage.consented(browser)
            try await stage.standIn.fail("exchange-code", nil, count: 1, latency: 3_000)
            let answer = Task { try await browser.fetch(callback.request) }
            try await stage.standIn.wait(for: "exchange-code", count: 1)
            try write([line("late", .generate())], stage)
            stage.responder?.signal(SIGTERM)
            _ = try await eventually("the stop") { try stage.journal().first { $0["event"] == "stopping" } }
            stage.responder?.signal(SIGHUP)
            #expect(try await answer.value.status == 200)
            #expect(await stage.responder?.end() == .exit(0))
            #expect(try !stage.journal().contains { $0["event"] == "reloaded" })
        }
    }

    @Test("By hand it says what to type, exit 64; to a service that is not there, 69")
    func byHand() async throws {
        let systemd = try Systemd()
        let byHand = try await Command.run(Programs.shopAuth, ["reload"])
        #expect(byHand.end == .exit(64) && byHand.lines.count == 1)
        #expect(byHand.error.contains("systemctl reload ig-shop-auth") && byHand.error.contains("kill -HUP"))
        for process in ["0", "1", "-1", "x"] {
            let wrong = try await Command.run(
                Programs.shopAuth, ["reload"], environment: ["MAINPID": process, "RUNTIME_DIRECTORY": systemd.runtime])
            #expect(wrong.end == .exit(64))
        }
        let gone = try await Command.run("/bin/bash", ["-c", "echo $$"])
        let absent = try await Command.run(
            Programs.shopAuth, ["reload"],
            environment: [
                "MAINPID": gone.output.trimmingCharacters(in: .newlines), "RUNTIME_DIRECTORY": systemd.runtime,
            ])
        #expect(absent.end == .exit(69) && absent.lines.count == 1)
    }

    private func line(_ name: String, _ key: AgentKey) -> String { Agents.line(name: name, key: key, users: "*") }

    private func write(_ lines: [String], _ stage: Stage) throws {
        let text = lines.map { $0 + "\n" }.joined()
        guard
            FileManager.default.createFile(
                atPath: stage.agents + ".new", contents: Data(text.utf8), attributes: [.posixPermissions: 0o600]),
            rename(stage.agents + ".new", stage.agents) == 0
        else { throw Missing("no agents file") }
    }
}
