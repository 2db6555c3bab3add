// SPDX-License-Identifier: MIT
import Connect
import Foundation
import Glibc
import TestSupport
import Testing
import Vault

/// SIGHUP, and the agents file that it has read again.
@Suite
struct ReloadTests {
    @Test("A good file is in force; of a broken one, or of none, each fault is told and the old one stays")
    func reload() async throws {
        try await Stage.run { stage in
            _ = try await eventually("the notice") {
                try stage.journal().first { $0["event"] == "no agents file" && $0["file"] == stage.agents }
            }
            let key = AgentKey.generate()
            try write([line("bot", key)], stage)
            #expect(try await answer(stage) == ["reloaded: bot"])
            try write([line("bot", key), "", line("shop-a", .generate(), users: "42/shop-a")], stage)
            #expect(try await answer(stage) == ["reloaded: bot shop-a"])

            try write(["# ours", "bot \(key.exposedText()) *", "broken", line("new", .generate())], stage)
            let refused = try await answer(stage)
            #expect(refused.count == 3)
            #expect(refused[0].hasPrefix("reload refused: \(stage.agents): line 2: a key stands here"))
            #expect(refused[1].hasPrefix("reload refused: \(stage.agents): line 3: a line is a name, a hash"))
            #expect(refused[2] == "reload changed nothing: bot shop-a")

            try FileManager.default.removeItem(atPath: stage.agents)
            #expect(
                try await answer(stage) == [
                    "reload refused: \(stage.agents) is gone; a file without a line is one without an agent",
                    "reload changed nothing: bot shop-a",
                ])
            try write([line("bot", key)], stage, mode: 0o644)
            #expect(
                try await answer(stage) == [
                    "reload refused: \(stage.agents) has mode 644; chmod 0640 or tighter",
                    "reload changed nothing: bot shop-a",
                ])
            try write([String](repeating: "broken", count: 150), stage)
            let many = try await answer(stage)
            #expect(many.count == 102 && many[100] == "reload refused: 50 more; `ig-shop-auth check` tells them")
            try write([], stage)
            #expect(try await answer(stage) == ["reloaded: "], "an empty file is nobody")

            #expect(!stage.said("journal").contains(key.exposedText().dropFirst(5)))
            #expect(try await Browser().fetch(stage.status).status == 200)
            #expect(await stage.responder?.stop() == .exit(0))
        }
    }

    @Test("A hundred SIGHUPs at once, the file another one each time: the last one is in force, and none ends it")
    func burst() async throws {
        try await Stage.run { stage in
            let count = Soak.times(100)
            let key = AgentKey.generate()
            for number in 1...count {
                try write([line("agent-\(number)", key)], stage)
                stage.responder?.signal(SIGHUP)
            }
            _ = try await eventually("the last file") {
                try stage.journal().last { $0["event"] == "reloaded" }?["agents"] == "agent-\(count)" ? () : nil
            }
            #expect(try stage.journal().allSatisfy { $0["event"] != "reload refused" }, "a file is there at any time")
            #expect(try await Browser().fetch(stage.status).status == 200)

            // And into the stop.
            stage.responder?.signal(SIGTERM)
            while stage.responder?.isRunning == true {
                stage.responder?.signal(SIGHUP)
                await Task.yield()
            }
            #expect(await stage.responder?.end() == .exit(0))
            Soak.record("SIGHUP, the agents file another one each time", count, "the last file in force")
        }
    }

    @Test("SIGHUP from the first moment of a start: it starts, with the file as it was at the last signal in force")
    func atStart() async throws {
        try await Stage.run { stage in
            let key = AgentKey.generate()
            let count = Soak.times(8)
            for number in 1...count {
                #expect(await stage.responder?.stop() == .exit(0))
                try write([line("old", key)], stage)
                try FileManager.default.removeItem(atPath: stage.journalPath)
                try stage.startResponder()
                let responder = try #require(stage.responder)
                // Until the program is loaded there is nobody to ignore anything.
                while try !Signals.minds(SIGHUP, responder.pid) { await Task.yield() }
                // The last signal falls anywhere in the milliseconds in which files are read and services started.
                let signals = 1 + number % 8
                for signal in 1...signals {
                    try write([line("new-\(signal)", key)], stage)
                    responder.signal(SIGHUP)
                    if signal < signals { try await Task.sleep(for: .microseconds(500)) }
                }
                _ = try await eventually("the last file") {
                    guard responder.isRunning else { throw Missing("it has ended: \(stage.said("responder"))") }
                    let told = (try? stage.journal()) ?? []
                    let last = told.last { ["started", "reloaded"].contains($0["event"]) }
                    return last?["agents"] == "new-\(signals)" ? () : nil
                }
                try await stage.ready()
            }
            Soak.record("starts under SIGHUP from the first moment", count, "each started, the last file in force")
        }
    }

    @Test("An agents file that is bad at the start: each fault on standard error, exit 78; check says the same")
    func badAtStart() async throws {
        try await Stage.run { stage in
            let key = AgentKey.generate()
            try write([line("bot", key), line("bot", key), "a \(key.exposedText()) ,"], stage)
            let places = ["line 2: the name", "line 2: the hash", "line 3: a key", "line 3: user 1"]
            let expected = places.map { "IG_SHOP_AUTH_AGENTS: \(stage.agents): \($0)" }
            let serve = try await Command.run(Programs.shopAuth, ["serve"], environment: stage.environment)
            #expect(serve.end == .exit(78))
            #expect(serve.lines.count == 4)
            for (line, begin) in zip(serve.lines, expected) { #expect(line.hasPrefix("ig-shop-auth: " + begin)) }
            let check = try await Command.run(Programs.shopAuth, ["check"], environment: stage.environment)
            #expect(check.end == .exit(78))
            for begin in expected { #expect(check.output.contains("fault  " + begin)) }
            let secret = key.exposedText().dropFirst(5)
            #expect(!serve.error.contains(secret) && !check.output.contains(secret))
        }
    }

    // MARK: What an operator does

    private func line(_ name: String, _ key: AgentKey, users: String = "*") -> String {
        Agents.line(name: name, key: key, users: users)
    }

    /// Under another name first, as an editor does it: at no time is half a file there.
    private func write(_ lines: [String], _ stage: Stage, mode: Int = 0o600) throws {
        let new = stage.agents + ".new"
        let text = lines.map { $0 + "\n" }.joined()
        guard
            FileManager.default.createFile(
                atPath: new, contents: Data(text.utf8), attributes: [.posixPermissions: mode]),
            rename(new, stage.agents) == 0
        else { throw Missing("no agents file") }
    }

    /// SIGHUP, and what the journal says of it, to the line that says what is in force.
    private func answer(_ stage: Stage) async throws -> [String] {
        let before = try told(stage).count
        stage.responder?.signal(SIGHUP)
        return try await eventually("the journal") {
            let new = try told(stage).dropFirst(before)
            return new.last.map { !$0.hasPrefix("reload refused") } ?? false ? Array(new) : nil
        }
    }

    private func told(_ stage: Stage) throws -> [String] {
        try stage.journal().compactMap { line in
            guard let event = line["event"], event.hasPrefix("reload") else { return nil }
            return "\(event): \(line["fault"] ?? line["agents"] ?? "")"
        }
    }
}
