// SPDX-License-Identifier: MIT
import Connect
import Foundation
import Testing

/// `agent-key` at a prompt.
@Suite
struct AgentKeyTests {
    private func run(_ words: String...) async throws -> Command {
        try await Command.run(Programs.shopAuth, ["agent-key"] + words)
    }

    @Test("The first line is the key, the rest an agents file that knows it; another key each time")
    func output() async throws {
        var keys: Set<String> = []
        for _ in 1...2 {
            let said = try await run("bot", "--users", "42/shop-a,a%20b")
            #expect(said.end == .exit(0) && said.error == "")
            let lines = said.output.split(separator: "\n", omittingEmptySubsequences: false)
            #expect(lines[0].wholeMatch(of: /igsa_[A-Za-z0-9_-]{43}/) != nil)
            let file = lines.dropFirst().joined(separator: "\n")
            #expect(!file.contains(lines[0]), "the key is told once")
            let agents = try Agents(parsing: file.utf8)
            let agent = try #require(agents.agent(presenting: "Bearer \(lines[0])"))
            #expect(agents.names == ["bot"])
            #expect(agent.mayServe("42/shop-a") && agent.mayServe("a b") && !agent.mayServe("other"))
            keys.insert(String(lines[0]))
        }
        #expect(keys.count == 2)
    }

    @Test("Ids may be given one by one, as they are; * means everybody only where it is said with --users")
    func users() async throws {
        let each = try await run("bot", "--user", "42/shop a", "--user", "x,y", "--user", "*", "--user", "m\u{fc}ller")
        let agent = try #require(try agents(each).all.first)
        for user in ["42/shop a", "x,y", "*", "m\u{fc}ller"] { #expect(agent.mayServe(user)) }
        #expect(!agent.mayServe("x") && !agent.mayServe("anybody"))
        #expect(try agents(await run("bot", "--users", "*")).all.first?.mayServe("anybody") == true)
    }

    @Test("Users that are left out, or anything that the file would refuse, is a usage error; no key is made")
    func usage() async throws {
        let bad = [
            ["bot"], [], ["bot", "--users", "*", "--user", "a"], ["b/ot", "--users", "*"], ["#", "--users", "*"],
            ["", "--users", "*"], ["igsa_bot", "--users", "*"], ["bot\nx", "--users", "*"], ["bot", "--users", ""],
            ["bot", "--users", "1,,2"], ["bot", "--users", "1 # 2"], ["bot", "--users", "*\nx y *"],
            ["bot", "--users", "%"], ["bot", "--user", ""], ["bot", "--user", "a\u{7f}"],
        ]
        for words in bad {
            let said = try await Command.run(Programs.shopAuth, ["agent-key"] + words)
            #expect(said.end == .exit(64), "\(words)")
            #expect(said.output == "" && !said.error.contains(#/igsa_[A-Za-z0-9_-]{43}/#), "\(words)")
        }
    }

    @Test("check names the agents and says how many users each may ask for; no file is a note")
    func check() async throws {
        let directory = NSTemporaryDirectory() + "ig-agent-key-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let environment = [
            "IG_SHOP_AUTH_AGENTS": directory + "/agents", "META_APP_ID": "1", "META_APP_SECRET": "x",
            "META_REDIRECT_URI": "http://localhost/auth/instagram/callback", "IG_SHOP_AUTH_KEYS": directory + "/none",
            "IG_SHOP_AUTH_DATABASE": directory + "/db", "META_WEBHOOK_FIELDS": "messages,comments",
        ]
        func report() async throws -> String {
            try await Command.run(Programs.shopAuth, ["check"], environment: environment).output
        }
        let none = try await report()
        #expect(none.contains("note   IG_SHOP_AUTH_AGENTS: there is no \(directory)/agents"))
        #expect(none.contains("ok     IG_SHOP_AUTH_RENEWALS_PER_MINUTE: 200\n"))
        #expect(none.contains("ok     META_WEBHOOK_FIELDS: messages,comments\n"))

        let made = [
            try await run("bot", "--users", "*"), try await run("shop-a", "--users", "42/shop-a"),
            try await run("shops", "--users", "42/shop-a,42/shop-b,42/shop-c"),
        ]
        let text = made.map { $0.output.split(separator: "\n").dropFirst().joined(separator: "\n") + "\n" }.joined()
        _ = FileManager.default.createFile(
            atPath: directory + "/agents", contents: Data(text.utf8), attributes: [.posixPermissions: 0o600])
        let said = "\(directory)/agents: bot (every user), shop-a (1 user), shops (3 users)\n"
        #expect(try await report().contains("ok     IG_SHOP_AUTH_AGENTS: " + said))
    }

    private func agents(_ said: Command) throws -> Agents {
        try Agents(parsing: said.output.split(separator: "\n").dropFirst().joined(separator: "\n").utf8)
    }
}
