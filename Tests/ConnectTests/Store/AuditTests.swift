// SPDX-License-Identifier: MIT
import GRDB
import HTTPTypes
import Instagram
import Testing
import Vault

@testable import Connect

@Suite struct AuditTests {
    private static func rows(_ shop: Shop) throws -> [String] {
        try shop.committed("SELECT * FROM audit ORDER BY id").map { row in
            let generation = (row["generation"] as Int64?).map(String.init) ?? "-"
            return "\(row["action"] as String) \(generation) \(row["request_id"] as String? ?? "-")"
        }
    }

    @Test("a connection and its sign-in are written down with it: user, generation, request")
    func connect() async throws {
        let shop = try Shop()
        var browser = Browser()
        await shop.connect(&browser)
        let generation = shop.store.generation
        #expect(try Self.rows(shop) == ["connect \(generation) \(Request.id)", "sign-in \(generation) \(Request.id)"])
        let user = try shop.committed("SELECT id FROM users")[0]["id"] as String
        #expect(
            try shop.committed("SELECT user, at, agent, reason, times FROM audit").allSatisfy { row in
                row["user"] == user && row["at"] == shop.now.seconds && row["agent"] == nil && row["times"] == 1
            })
    }

    @Test("who is signed in by the web server connects, and signs in nowhere")
    func remoteUser() async throws {
        let shop = try Shop(identity: .remoteUser(edge: EdgeSecret(utf8: Shop.edge)))
        var browser = Browser()
        let started = await shop.answer(
            .json(.post, Route.start, browser, ["Sec-Fetch-Site": "same-origin"]), as: "anna")
        browser.take(started)
        let state = try #require(started.state)
        let path = Route.callback + "?code=\(Shop.code)&state=\(state)"
        #expect(await shop.answer(.json(.get, path, browser), as: "anna").status == .ok)
        #expect(
            try shop.committed("SELECT action, user FROM audit").map {
                "\($0["action"] as String) \($0["user"] as String)"
            } == ["connect anna"])
    }

    @Test("a connection that is not kept leaves no entry, and one that cannot be audited is not kept")
    func together() async throws {
        let shop = try Shop()
        var browser = Browser()
        shop.instagram.answer(.exchangeCode, .success(.flatRefusal))
        await shop.connect(&browser)
        #expect(try Self.rows(shop) == [])
        try shop.execute("CREATE TRIGGER t BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'no'); END")
        #expect(await shop.connect(&browser).status == .serviceUnavailable)
        #expect(try shop.committed("SELECT * FROM users").isEmpty)
    }

    @Test("a sign-out is written down once, also when a copy of its cookie signs out again; a replaced session is none")
    func signOut() async throws {
        let shop = try Shop()
        var browser = Browser()
        await shop.connect(&browser)
        let first = shop.store.generation
        await shop.connect(&browser)
        let second = shop.store.generation
        let signOut = Request.json(.post, Route.signOut, browser, ["Sec-Fetch-Site": "same-origin"])
        for _ in 0..<2 { #expect(await shop.answer(signOut).status == .ok) }
        #expect(
            try Self.rows(shop) == [
                "connect \(first) \(Request.id)", "sign-in \(first) \(Request.id)", "connect \(second) \(Request.id)",
                "sign-in \(second) \(Request.id)", "sign-out \(second) \(Request.id)",
            ])
    }

    @Test("what is put in force is written down by name, a hundred agents at most; also where none is left")
    func reload() async throws {
        let shop = try Shop()
        func file(_ count: Int) throws -> Agents {
            try Agents(parsing: (0..<count).map { "a\($0) \(AgentFiles.hash("a\($0)")) *\n" }.joined().utf8)
        }
        for count in [2, 102, 0] { try await shop.site.serve(try file(count), shop.keyring) }
        let reasons = try shop.committed("SELECT reason FROM audit WHERE action = 'reload' ORDER BY id").map {
            $0["reason"] as String
        }
        #expect(reasons.count == 3 && reasons[0] == "keys: a b; agents: a0 a1" && reasons[2] == "keys: a b; agents: ")
        #expect(reasons[1].hasPrefix("keys: a b; agents: a0 a1 ") && reasons[1].hasSuffix(" a99 and 2 more"))

        try shop.execute("CREATE TRIGGER t BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'no'); END")
        try await shop.site.serve(try file(1), shop.keyring)
        #expect(shop.site.agentNames == ["a0"], "a full disk keeps nobody in who was taken out")
        #expect(shop.log.lines.contains { $0.hasPrefix("error storage") })
    }
}
