// SPDX-License-Identifier: MIT
import Foundation
import Glibc
import Testing

/// The agents that a person would start from, as they are in the repository.
@Suite
struct ExampleAgentTests {
    /// A language, and the command in front of the agent's own arguments.
    enum Language: String, CaseIterable {
        case python = "agent.py"
        case node = "agent.mjs"

        var command: [String] {
            [self == .python ? "python3" : "node", Programs.repository + "/Examples/agent/" + rawValue]
        }
    }

    /// One agent of a stage, with its position.
    private struct Agent {
        let language: Language
        let stage: Stage
        let key: String

        var position: String { stage.directory + "/position" }

        func arguments(_ more: [String]) -> [String] {
            Array(language.command.dropFirst()) + [
                "--base", stage.agentBase, "--key-file", stage.directory + "/agent-key", "--position", position,
                "--graph", stage.standIn.url, "--once",
            ] + (more.contains("--first") ? more.filter { $0 != "--first" } : ["--all"] + more)
        }

        func run(_ more: String...) async throws -> Command {
            let said = try await Command.run("/usr/bin/env", [language.command[0]] + arguments(more))
            #expect(!said.output.contains("IGAA") && !said.error.contains("IGAA") && !said.output.contains(key))
            return said
        }
    }

    private static func use(_ language: Language, _ body: (Stage, Agent) async throws -> Void) async throws {
        try await Stage.run { stage in
            let key = try await stage.employ([("bot", "*")])[0]
            guard
                FileManager.default.createFile(
                    atPath: stage.directory + "/agent-key", contents: Data((key + "\n").utf8),
                    attributes: [.posixPermissions: 0o600])
            else { throw Missing("no key file") }
            try await body(stage, Agent(language: language, stage: stage, key: key))
        }
    }

    @Test(
        "It hears of a connection and sends a message with its token, and goes on where it was",
        arguments: Language.allCases)
    func sends(language: Language) async throws {
        try await Self.use(language) { stage, agent in
            async let running = agent.run("--to", "17841400000000042", "--text", "Hello")
            // It waits by now, or it asks a moment later: it hears of it either way.
            #expect(try await stage.connect(Browser()).status == 200)
            let said = try await running
            let user = try #require(try stage.kept.users().first).id
            #expect(said.end == .exit(0), "\(said.error)")
            #expect(said.output == "connected: \(user)\nsent: \(user): aWdfZAG1faXRlbTox\n")
            #expect(try await stage.standIn.calls().messages == 1)
            #expect(try String(contentsOfFile: agent.position, encoding: .utf8) == "1")

            #expect(try await stage.connect(Browser()).status == 200)
            #expect(try await agent.run().output == "connected: \(user)\n", "the first event is not told again")
        }
    }

    @Test("A token that Graph refuses is reported, and the agent says who has to act", arguments: Language.allCases)
    func refused(language: Language) async throws {
        try await Self.use(language) { stage, agent in
            #expect(try await stage.connect(Browser()).status == 200)
            let user = try #require(try stage.kept.users().first).id
            try await stage.standIn.fail("messages", "password-changed")
            // One who is wrong about it: Instagram takes the token.
            let wrong = try await agent.run("--to", "17841400000000042")
            #expect(wrong.output == "connected: \(user)\nrefused: \(user): good, connected\n")

            #expect(try await stage.connect(Browser()).status == 200)
            try await stage.standIn.fail("read-profile", "password-changed")
            try await stage.standIn.set(
                #"{"faults": [{"endpoint": "messages", "kind": "password-changed"}, {"endpoint": "read-profile", "kind": "password-changed"}]}"#
            )
            let said = try await agent.run("--to", "17841400000000042")
            #expect(said.end == .exit(0), "\(said.error)")
            #expect(said.output == "connected: \(user)\nrefused: \(user): dead, reconnect_required\n")
            #expect(try await agent.run("--to", "17841400000000042").output == "reconnect_required: \(user)\n")
            #expect(try await stage.standIn.calls().messages == 2, "nothing is sent again")
        }
    }

    @Test(
        "What may have arrived is not sent again: no answer, or one that says nothing",
        arguments: Language.allCases, [("drop-after-success", "no answer"), ("html-502", "502")])
    func unsure(language: Language, fault: (kind: String, told: String)) async throws {
        try await Self.use(language) { stage, agent in
            #expect(try await stage.connect(Browser()).status == 200)
            let user = try #require(try stage.kept.users().first).id
            try await stage.standIn.fail("messages", fault.kind)
            let said = try await agent.run("--to", "17841400000000042")
            #expect(said.output.hasPrefix("connected: \(user)\nunsure: \(user): \(fault.told); it may have arrived"))
            #expect(try await stage.standIn.calls().messages == 1)
        }
    }

    @Test(
        "Events that are forgotten make it read the users anew; a service that is away makes it wait",
        arguments: Language.allCases)
    func gone(language: Language) async throws {
        try await Self.use(language) { stage, agent in
            #expect(try await stage.connect(Browser()).status == 200)
            let user = try #require(try stage.kept.users().first).id
            try Data("99999".utf8).write(to: URL(fileURLWithPath: agent.position))
            await stage.responder?.stop()
            async let running = agent.run()
            // nginx says 502 while nobody is there, and the agent asks again.
            _ = try await eventually("a request that met nobody") {
                stage.said("nginx-access").contains(#""/agent/v1/events" 502 "#) ? () : nil
            }
            try stage.startResponder()
            let said = try await running
            #expect(said.end == .exit(0), "\(said.error)")
            #expect(said.output.hasPrefix("waiting: 502\n") && said.output.hasSuffix("connected: \(user)\n"))
            #expect(try String(contentsOfFile: agent.position, encoding: .utf8) == "1")
        }
    }

    @Test("On its first start it begins with what happens from now on", arguments: Language.allCases)
    func first(language: Language) async throws {
        try await Self.use(language) { stage, agent in
            #expect(try await stage.connect(Browser()).status == 200)
            async let running = agent.run("--first", "--to", "17841400000000042")
            // It waits for something to happen.
            _ = try await eventually("a first position") {
                (try? String(contentsOfFile: agent.position, encoding: .utf8)) == "1" ? () : nil
            }
            #expect(try await stage.connect(Browser()).status == 200)
            let said = try await running
            #expect(said.output.split(separator: "\n").count { $0.hasPrefix("connected: ") } == 1)
            #expect(try await stage.standIn.calls().messages == 1)
        }
    }

    @Test("A key that nobody knows ends it, with a word about it", arguments: Language.allCases)
    func unknown(language: Language) async throws {
        try await Self.use(language) { stage, agent in
            try await stage.employ([("another", "*")])
            let said = try await agent.run()
            #expect(said.end == .exit(1) && said.error.contains("the agent key is not known"))
        }
    }
}
