// SPDX-License-Identifier: MIT
import GRDB
import Testing
import Vault

@testable import Connect

/// A keyring and agents that are put in force together, or not at all.
@Suite struct KeyringAndAgentsTests {
    private let agents = try! Agents(parsing: "bot \(AgentFiles.hash("bot")) *\n".utf8)

    private func shop() async throws -> Shop {
        let shop = try Shop(keys: ["a"])
        #expect(try await shop.putInForce(shop.keyring) == .inForce(missing: []))
        try shop.seed(0..<2, issuedAt: Shop.begin)
        return shop
    }

    @Test("a keyring that is refused keeps the agents out as well, and nothing is written down")
    func refused() async throws {
        let shop = try await shop()
        for (ring, refusal) in [
            (try Shop.ring("b"), KeyringRefusal.needed(KeyID("a")!, rows: 2)),
            (try Shop.ring("b", "a", others: ["a"]), .otherBytes(KeyID("a")!, rows: 2)),
        ] {
            do throws(ReloadFailure) {
                try await shop.site.serve(agents, ring)
                Issue.record("it was put in force")
            } catch {
                guard case .refused([refusal]) = error else { throw error }
            }
            #expect(shop.site.keyIDs == [KeyID("a")!] && shop.site.agentNames == [])
        }
        #expect(try shop.committed("SELECT 1 FROM audit WHERE action = 'reload'").isEmpty)
    }

    @Test(
        "a store that cannot take new keys keeps both as they were; with the same keys agents come and go"
    )
    func full() async throws {
        let shop = try await shop()
        for table in ["keys", "audit"] {
            try shop.execute(
                "CREATE TRIGGER \(table)_full BEFORE INSERT ON \(table) BEGIN SELECT RAISE(ABORT, 'no'); END")
        }
        let new = try Shop.ring("b", "a")
        await #expect(throws: ReloadFailure.self) { try await shop.site.serve(agents, new) }
        #expect(shop.site.keyIDs == [KeyID("a")!] && shop.site.agentNames == [])
        try await shop.site.serve(agents, shop.keyring)
        #expect(shop.site.agentNames == ["bot"])
    }

    @Test("both are in force at once, and written down; who seals again is woken; a missing key is told each time")
    func served() async throws {
        let shop = try await shop()
        let heard = shop.site.resealing.bell.rings
        try await shop.site.serve(agents, Shop.ring("b", "a"))
        #expect(shop.site.keyIDs.map(\.description) == ["b", "a"] && shop.site.agentNames == ["bot"])
        #expect(shop.site.resealing.bell.rings > heard)
        let audit = try shop.committed("SELECT reason FROM audit WHERE action = 'reload'").map {
            $0["reason"] as String
        }
        #expect(audit == ["keys: b a; agents: bot"])
        try shop.store.close()

        let lost = try Shop(in: shop.directory, keys: ["c"])
        for ring in try [Shop.ring("c"), Shop.ring("d", "c")] { try await lost.site.serve(.none, ring) }
        let told = lost.log.lines.filter { $0.hasPrefix("error key missing key=a") && $0.hasSuffix("rows=2") }
        #expect(told.count == 2)
    }
}
