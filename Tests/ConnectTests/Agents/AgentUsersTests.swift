// SPDX-License-Identifier: MIT
import Foundation
import GRDB
import HTTPTypes
import TestSupport
import Testing

@testable import Connect

/// Status objects, one and many.
@Suite struct AgentUsersTests {
    private static func names(_ answer: Answer) -> [String] {
        (answer.json["users"] as? [[String: Any]] ?? []).compactMap { $0["user"] as? String }
    }

    /// All pages of a listing. What is done between two of them may change the rows.
    private static func pages(
        _ shop: Shop, _ query: String = "", as agent: String = "bot", between: (Int) throws -> Void = { _ in }
    ) async throws -> [[String]] {
        var pages: [[String]] = []
        var after: String?
        repeat {
            let more = after.map { "&after=\($0.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? "")" }
            let answer = await shop.ask("/agent/v1/users?\(query)\(more ?? "")", as: agent)
            #expect(answer.status == .ok && answer.body.count < 190_000, "\(answer.body.count)")
            pages.append(names(answer))
            after = answer.json["next"] as? String
            try between(pages.count)
        } while after != nil && pages.count < 5_000
        return pages
    }

    /// Copies of a row under other names, with texts as long as they are ever kept.
    private static func add(
        _ names: some Sequence<String>, to shop: Shop, text: String = "x", state: String = "connected"
    ) throws {
        try shop.store.pool.write { db in
            for name in names {
                try db.execute(
                    sql: """
                        INSERT INTO users (id, instagram_username, instagram_name, instagram_account_type,
                            instagram_access_token, generation, session_epoch, token_issued_at, token_expires_at, scopes,
                            state, reason, webhooks_error, connected_at, updated_at)
                        SELECT ?, ?, ?, ?, instagram_access_token, generation, 0, token_issued_at, token_expires_at,
                            scopes, ?, CASE ? WHEN 'connected' THEN NULL ELSE 'expired' END, 'unavailable', connected_at, updated_at
                        FROM users WHERE id = 'anna'
                        """, arguments: [name, text, text, text, state, state])
            }
        }
    }

    @Test("A status object has every field, the user's name in front, and never a token")
    func status() async throws {
        let shop = try Shop.forAgents()
        await shop.connect("anna")
        let answer = await shop.ask("/agent/v1/users/anna")
        let fields = [
            "status", "user", "state", "connected", "reason", "instagram_user_id", "instagram_username", "name",
            "account_type", "scopes", "connected_at", "token_expires_at", "next_renewal_at", "webhooks_subscribed_at",
            "webhooks_error",
        ]
        #expect(Set(answer.json.keys) == Set(fields))
        #expect(answer.json["user"] as? String == "anna" && answer.json["connected"] as? Bool == true)
        let list = await shop.ask("/agent/v1/users")
        let first = try #require((list.json["users"] as? [[String: Any]])?.first)
        #expect(Set(first.keys) == Set(fields.dropFirst()))
        #expect(Set(list.json.keys) == ["status", "users", "next"])
        #expect(!answer.text.contains("IGAA") && !list.text.contains("IGAA"))
        let head = await shop.ask("/agent/v1/users/anna", .head)
        #expect(head.status == .ok)
    }

    @Test(
        "limit is 1 to 500, state one of four, after a name; anything else is 400",
        arguments: [
            ("limit=1", true), ("limit=500", true), ("limit=0", false), ("limit=501", false), ("limit=-1", false),
            ("limit=", false), ("limit=1.0", false), ("limit=1&limit=1", false), ("state=connected", true),
            ("state=expiring", true), ("state=reconnect_required", true), ("state=not_connected", true),
            ("state=", false),
            ("state=Connected", false), ("state=x", false), ("after=a%2Fb", true), ("after=", false),
            ("after=%00", false), ("after=%FF", false), ("after=\(String(repeating: "x", count: 129))", false),
            ("other=1", true), ("", true),
        ])
    func parameters(query: String, isGood: Bool) async throws {
        let shop = try Shop.forAgents()
        let answer = await shop.ask("/agent/v1/users?\(query)")
        #expect(answer.status == (isGood ? .ok : .badRequest))
        #expect(answer.json["next"] as? String == nil)
    }

    @Test(
        "Pages have everybody once, in the order of their names' bytes, whatever the limit",
        arguments: [1, 7, 100, 500])
    func everybody(limit: Int) async throws {
        let shop = try Shop.forAgents()
        await shop.connect("anna")
        let others = (0..<230).map { "user \($0) \u{e9}" } + ["Z", "\u{1f600}", "\u{e9}", "e\u{301}", "42/shop-a"]
        try Self.add(others, to: shop)
        let pages = try await Self.pages(shop, "limit=\(limit)")
        let all = pages.flatMap(\.self)
        #expect(
            all.map { Array($0.utf8) }
                == (others + ["anna"]).map { Array($0.utf8) }.sorted { $0.lexicographicallyPrecedes($1) })
        #expect(pages.allSatisfy { $0.count <= limit })
        #expect(pages.dropLast(2).allSatisfy { $0.count == limit }, "only the last pages may be short")
    }

    @Test("An agent with a list sees those of it who are there, by pages too, and nobody else")
    func lists() async throws {
        let shop = try Shop.forAgents()
        await shop.connect("anna")
        try Self.add(["42/shop-a", "42/shop-b", "42/shop-c", "42/shop-zz"], to: shop)
        #expect(try await Self.pages(shop, as: "shop-a").flatMap(\.self) == ["42/shop-a"])
        for limit in [1, 2, 100] {
            let seen = try await Self.pages(shop, "limit=\(limit)", as: "many").flatMap(\.self)
            #expect(seen == ["42/shop-a", "42/shop-b"])
        }
    }

    @Test("A filter by state finds what the status objects show, however rare it is")
    func states() async throws {
        let shop = try Shop.forAgents()
        await shop.connect("anna")
        try Self.add((0..<6_000).map { "u\($0)" }, to: shop)
        try Self.add(["a", "u3000b", "zz"], to: shop, state: "reconnect_required")
        let pages = try await Self.pages(shop, "state=reconnect_required")
        #expect(pages.flatMap(\.self) == ["a", "u3000b", "zz"])
        #expect(pages.count <= 4, "a page looks at some thousand rows")
        shop.now = Shop.begin + 50 * 86_400
        let expiring = try await Self.pages(shop, "state=expiring&limit=500").flatMap(\.self)
        #expect(expiring.count == 6_001 && Set(expiring).count == 6_001)
        #expect(try await Self.pages(shop, "state=connected").flatMap(\.self) == [])
    }

    @Test("1,000 users with the longest names and texts: no answer above what the edge takes, nobody missing or twice")
    func longest() async throws {
        let shop = try Shop.forAgents()
        await shop.connect("anna")
        // Each of these bytes takes six in JSON.
        func name(_ number: Int, _ mark: Character) -> String {
            "\(mark)\(10_000 + number)" + String(repeating: "<", count: 122)
        }
        let names = (0..<1_000).map { name($0, "n") }
        try Self.add(names, to: shop, text: String(repeating: "\"", count: 200))
        let numbers = Tally<Int>()
        let pages = try await Self.pages(shop, "limit=500") { page in
            // Before and behind the place where the reader is, while they read.
            numbers.add(page)
            try Self.add([name(page, "a"), name(page, "z")], to: shop)
        }
        let seen = pages.flatMap(\.self)
        #expect(Set(seen).count == seen.count, "nobody twice")
        #expect(Set(seen).isSuperset(of: names + ["anna"]), "nobody missing who was there")
        #expect(seen.filter { $0.hasPrefix("z") }.count >= numbers.all.count - 1)
        #expect(pages.count > 10)
    }

    @Test("A database that cannot be read is 503 on every route of agents")
    func unreadable() async throws {
        let shop = try Shop.forAgents()
        await shop.connect("anna")
        try shop.execute("ALTER TABLE users RENAME TO hidden")
        for path in ["users", "users/anna", "users/anna/token", "accounts/1/token"] {
            let answer = await shop.ask("/agent/v1/\(path)")
            #expect(answer.status == .serviceUnavailable && answer.errorCode == "storage_unavailable", "\(path)")
        }
        try shop.execute("ALTER TABLE events RENAME TO hidden_events")
        #expect(await shop.events().status == .serviceUnavailable)
    }
}
