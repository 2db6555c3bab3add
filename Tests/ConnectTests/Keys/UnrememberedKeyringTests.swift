// SPDX-License-Identifier: MIT
import GRDB
import Testing
import Vault

@testable import Connect

/// Keyrings that are in force though the disk did not take them when the service started.
@Suite struct UnrememberedKeyringTests {
    private let a = KeyID("a")!, b = KeyID("b")!

    /// A shop whose first start with `b`, `a` could not write its keys down.
    private func shop() async throws -> Shop {
        let shop = try Shop(keys: ["b", "a"])
        try shop.fillKeys()
        let start = try await shop.store.start(with: shop.site.keys)
        #expect(start.outcome == .inForce(missing: []) && start.unwritten != nil)
        return shop
    }

    private func connect(_ shop: Shop) async throws {
        var browser = Browser()
        await shop.connect(&browser)
        #expect(try shop.rowsByKey() == ["b": 1])
    }

    @Test("other bytes under the name of such a key are refused, and the row that it has sealed still opens")
    func otherBytes() async throws {
        let shop = try await shop()
        try await connect(shop)
        try shop.makeRoom()
        let refused = KeyringOutcome.refused([.otherBytes(b, rows: 1)])
        #expect(try await shop.putInForce(Shop.ring("b", "a", others: ["b"])) == refused)
        #expect(try await shop.putInForce(Shop.ring("c", "b", "a", others: ["b"])) == refused)
        #expect(shop.site.keyIDs == [b, a])
        #expect(try await shop.store.probe(shop.site.keys)?.user.token(shop.keyring) != nil)
    }

    @Test("a reload of the same keys writes them down as soon as there is room; before that it serves the agents")
    func sameKeys() async throws {
        let shop = try await shop()
        let agents = try Agents(parsing: "bot \(AgentFiles.hash("bot")) *\n".utf8)
        try await shop.site.serve(agents, shop.keyring)
        #expect(shop.site.agentNames == ["bot"])
        #expect(try shop.remembered().isEmpty)
        try shop.makeRoom()
        try await shop.site.serve(agents, shop.keyring)
        #expect(try shop.remembered() == ["a", "b"])
        #expect(try await shop.store.review(shop.site.keys).isRemembered)
    }

    @Test("without a reload they are written down as well, and so is that a key is missing")
    func bySealingAgain() async throws {
        let first = try Shop(keys: ["z"])
        #expect(try await first.store.start(with: first.site.keys).unwritten == nil)
        try first.seed(0..<2, issuedAt: Shop.begin)
        try first.store.close()
        let shop = try Shop(in: first.directory, keys: ["b", "a"])
        try shop.fillKeys()
        let missing = MissingKey(id: KeyID("z")!, rows: 2)
        let start = try await shop.store.start(with: shop.site.keys)
        #expect(start.outcome == .inForce(missing: [missing]) && start.unwritten != nil)
        try shop.makeRoom()
        await shop.site.resealing.pass()
        #expect(try shop.remembered() == ["a", "b", "z"])
        #expect(try await shop.store.isBack(missing.id))
    }

    @Test("a key that is dropped before it could be written down keeps its name all the same")
    func dropped() async throws {
        let shop = try await shop()
        try shop.makeRoom()
        #expect(try await shop.putInForce(Shop.ring("c")) == .inForce(missing: []))
        #expect(try shop.remembered() == ["a", "b", "c"])
        #expect(
            try await shop.putInForce(Shop.ring("c", "b", others: ["b"])) == .refused([.otherBytes(b, rows: 0)]))
    }

    @Test("where nothing can be written, a start reads what is known: other bytes under an old name end it")
    func locked() async throws {
        let first = try Shop(keys: ["a"])
        _ = try await first.store.start(with: first.site.keys)
        try first.seed(0..<2, issuedAt: Shop.begin)
        try first.store.close()
        let other = KeyringInForce(try Shop.ring("a", others: ["a"]))
        let shop = try Shop(in: first.directory, keys: ["a"])
        try shop.execute("PRAGMA busy_timeout = 0")
        var configuration = Configuration()
        configuration.allowsUnsafeTransactions = true
        let somebody = try DatabaseQueue(path: first.directory.database, configuration: configuration)
        try await somebody.writeWithoutTransaction { db in try db.execute(sql: "BEGIN IMMEDIATE") }
        let start = try await shop.store.start(with: other)
        #expect(start.outcome == .refused([.otherBytes(a, rows: 2)]) && start.unwritten == .sqlite(5))
        #expect(try await shop.store.start(with: shop.site.keys).outcome == .inForce(missing: []))
        try await somebody.writeWithoutTransaction { db in try db.execute(sql: "ROLLBACK") }
    }
}

extension Shop {
    /// From here on no key can be written down.
    fileprivate func fillKeys() throws {
        try execute("CREATE TRIGGER keys_full BEFORE INSERT ON keys BEGIN SELECT RAISE(ABORT, 'no'); END")
    }

    fileprivate func makeRoom() throws { try execute("DROP TRIGGER keys_full") }

    /// Keys of which something is written down.
    fileprivate func remembered() throws -> [String] {
        try committed("SELECT id FROM keys ORDER BY id").map { $0["id"] }
    }
}
