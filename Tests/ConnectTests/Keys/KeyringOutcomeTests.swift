// SPDX-License-Identifier: MIT
import Foundation
import GRDB
import HTTPTypes
import Testing
import Vault

@testable import Connect

/// Which keyrings the store lets be put in force.
@Suite struct KeyringOutcomeTests {
    private let a = KeyID("a")!, b = KeyID("b")!, z = KeyID("z")!

    /// A shop that was started with the ring `b`, `a`, and has rows of both.
    private func shop() async throws -> Shop {
        let shop = try Shop(keys: ["a"])
        #expect(try await shop.putInForce(shop.keyring) == .inForce(missing: []))
        try shop.seed(0..<3, issuedAt: Shop.begin)
        #expect(try await shop.putInForce(Shop.ring("b", "a")) == .inForce(missing: []))
        var browser = Browser()
        await shop.connect(&browser)
        #expect(try shop.rowsByKey() == ["a": 3, "b": 1])
        return shop
    }

    @Test("a new first key seals from that moment on; a key that no row needs may go, and come back as it was")
    func replaced() async throws {
        let shop = try await shop()
        #expect(try await shop.putInForce(Shop.ring("c", "b", "a")) == .inForce(missing: []))
        var browser = Browser()
        shop.instagram.account = "2"
        await shop.connect(&browser)
        #expect(try shop.rowsByKey() == ["a": 3, "b": 1, "c": 1])
        try shop.execute("DELETE FROM users WHERE \(Schema.keyID) = 'c'")
        #expect(try await shop.putInForce(Shop.ring("b", "a")) == .inForce(missing: []))
        #expect(try await shop.putInForce(Shop.ring("a", "c", "b")) == .inForce(missing: []))
        #expect(shop.site.keyring.ids.map(\.description) == ["a", "c", "b"])
    }

    @Test("a key that rows need cannot be dropped: each is told with its rows, and nothing changes")
    func dropped() async throws {
        let shop = try await shop()
        #expect(
            try await shop.putInForce(Shop.ring("c")) == .refused([.needed(b, rows: 1), .needed(a, rows: 3)]))
        #expect(try await shop.putInForce(Shop.ring("b")) == .refused([.needed(a, rows: 3)]))
        #expect(shop.site.keyring.ids == [b, a])
        #expect(try shop.committed("SELECT id FROM keys ORDER BY id").map { $0["id"] } == ["a", "b"])
        let told = KeyringRefusal.needed(a, rows: 3).description
        #expect(told.contains("key a is gone") && told.contains("3 rows") && told.contains("put it back"))
        #expect(told.contains("`unreadable row`") && told.contains("forget USER"), "rows that are never sealed again")
    }

    @Test("an id that comes back with other bytes is refused, also after a restart, and when no row needs it")
    func otherBytes() async throws {
        let shop = try await shop()
        let other = try Shop.ring("b", "a", others: ["a"])
        #expect(try await shop.putInForce(other) == .refused([.otherBytes(a, rows: 3)]))
        #expect(shop.site.keyring.isSame(as: try Shop.ring("b", "a")))
        try shop.execute("DELETE FROM users")
        #expect(try await shop.putInForce(other) == .refused([.otherBytes(a, rows: 0)]))
        try shop.store.close()
        let again = try Shop(in: shop.directory, keys: ["b"])
        #expect(try await again.putInForce(other) == .refused([.otherBytes(a, rows: 0)]))
        #expect(try await again.putInForce(Shop.ring("b", "a")) == .inForce(missing: []))
        let seen = try Inspection(path: shop.directory.database)
        #expect(seen.otherBytes(in: other) == [a], "who only looks can tell")
        #expect(try seen.otherBytes(in: Shop.ring("b", "a", "z")) == [])
        let told = KeyringRefusal.otherBytes(a, rows: 3).description
        #expect(told.contains("key a has other bytes") && told.contains("3 rows") && told.contains("name of its own"))
    }

    @Test("a key that is missing already refuses nothing, is told each time, and is welcome when it comes back")
    func missing() async throws {
        let shop = try await shop()
        try shop.store.close()
        let again = try Shop(in: shop.directory, keys: ["b"])
        let missing = KeyringOutcome.inForce(missing: [MissingKey(id: a, rows: 3)])
        #expect(try await again.putInForce(again.keyring) == missing)
        #expect(try await again.putInForce(Shop.ring("c", "b")) == missing)
        #expect(try await again.store.review(again.site.keys).outcome == missing)
        #expect(
            try await again.putInForce(Shop.ring("c", "b", "a", others: ["a"])) == .refused([.otherBytes(a, rows: 3)]))
        #expect(try await again.putInForce(Shop.ring("c", "b", "a")) == .inForce(missing: []))
        #expect(try await again.putInForce(Shop.ring("c", "b")) == .refused([.needed(a, rows: 3)]))
    }

    @Test("a key that was never in force here may come with any bytes, though rows name it")
    func neverInForce() async throws {
        let shop = try Shop(keys: ["z"])
        try shop.seed(0..<2, issuedAt: Shop.begin)
        try shop.store.close()
        let again = try Shop(in: shop.directory, keys: ["a"])
        #expect(try await again.putInForce(again.keyring) == .inForce(missing: [MissingKey(id: z, rows: 2)]))
        #expect(try await again.putInForce(Shop.ring("a", "z")) == .inForce(missing: []))
    }

    @Test("a store that cannot commit changes nothing, in memory either")
    func full() async throws {
        let shop = try await shop()
        try shop.execute(
            """
            CREATE TABLE child (n TEXT REFERENCES keys (id) DEFERRABLE INITIALLY DEFERRED);
            CREATE TRIGGER t AFTER INSERT ON keys BEGIN INSERT INTO child VALUES ('nobody'); END
            """)
        await #expect(throws: StoreFailure.sqlite(787)) { try await shop.putInForce(Shop.ring("c", "b", "a")) }
        #expect(shop.site.keyring.ids == [b, a])
        // What is known already needs no page.
        #expect(try await shop.putInForce(Shop.ring("a", "b")) == .inForce(missing: []))
    }

    @Test(
        "what connections and renewals seal while keyrings change is sealed by a key in force", .timeLimit(.minutes(1)))
    func storm() async throws {
        let shop = try Shop.forAgents(keys: ["k0"])
        #expect(try await shop.store.start(with: shop.site.keys).unwritten == nil)
        let users = (0..<6).map { "s\($0)" }
        for (number, user) in users.enumerated() { await shop.connect(user, account: "\(100 + number)") }
        shop.instagram.account = "100"
        let done = Tally<Void>()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                defer { done.add(()) }
                for round in 1...60 {
                    let (new, old) = ("k\(round)", "k\(round - 1)")
                    let added = try await shop.putInForce(Shop.ring(new, old))
                    await shop.site.resealing.pass()
                    let dropped = try await shop.putInForce(Shop.ring(new))
                    #expect(added == .inForce(missing: []) && dropped == added, "no row needs \(old)")
                }
            }
            group.addTask {
                repeat { try await connect("s0", shop) } while done.all.isEmpty
            }
            for user in users.dropFirst() {
                group.addTask {
                    repeat {
                        // Old enough to be renewed.
                        try shop.execute("UPDATE users SET token_issued_at = 0 WHERE id = ?", [user])
                        #expect(await shop.site.renewals.renew(user, isAsked: true) == .renewed)
                    } while done.all.isEmpty
                }
            }
            try await group.waitForAll()
        }
        for user in users {
            let row = try #require(try await shop.store.user(user))
            #expect(throws: Never.self) { try row.token(shop.site.keyring) }
        }
        #expect(shop.log.lines.allSatisfy { !$0.hasPrefix("error") })
    }

    @Test("a new connection, a renewal and a letting go seal inside the write that keeps the box")
    func insideTheWrite() async throws {
        let sealed = Tally<Bool>()
        let random = Randomness { count in
            // Only a box's nonce is that long.
            if count == 12 { sealed.add(Self.isInsideWrite) }
            return Randomness.system.bytes(count)
        }
        let shop = try Shop(random: random)
        let isInside = try await shop.store.write { _ in Self.isInsideWrite }
        #expect(isInside && !Self.isInsideWrite)
        var browser = Browser()
        await shop.connect(&browser)
        #expect(sealed.all == [true])
        try shop.execute("UPDATE users SET token_issued_at = 0")
        let user = try #require(try shop.committed("SELECT id FROM users").first)["id"] as String
        #expect(await shop.site.renewals.renew(user, isAsked: true) == .renewed)
        #expect(sealed.all == [true, true])
        #expect(await shop.disconnect(browser).status == .ok)
        #expect(sealed.all == [true, true, true])
    }

    /// The writer has a thread of its own, and whoever waits for it is a task.
    private static var isInsideWrite: Bool { withUnsafeCurrentTask { $0 == nil } }

    /// Connects, unless the key of the flow's cookie is gone before the callback comes.
    private func connect(_ user: String, _ shop: Shop) async throws {
        var browser = Browser()
        let start = await shop.answer(.json(.post, Route.start, browser, Shop.ours), as: user)
        browser.take(start)
        let path = Route.callback + "?code=\(Shop.code)&state=\(try #require(start.state))"
        let answer = await shop.answer(.json(.get, path, browser), as: user)
        #expect(answer.status == .ok || answer.errorCode == "invalid_state", "\(answer.text)")
    }
}
