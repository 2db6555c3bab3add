// SPDX-License-Identifier: MIT
import Foundation
import GRDB
import HTTPTypes
import TestSupport
import Testing
import Vault

@testable import Connect

/// Rows that somebody with a hand in the file has changed: their tokens open nowhere, and each is told.
@Suite struct TamperedRowTests {
    enum Way: String, CaseIterable, Sendable {
        /// The boxes of two rows change places.
        case swapped
        /// The row goes to another user, or to another account, with its box.
        case otherUser, otherAccount
        /// The box names another key of the ring.
        case otherKey
        /// The box that stood there before a renewal comes back.
        case older
        /// The number of an older grant comes back with its box, beside a newer row's account.
        case renumbered
        case bit, cut, longer, empty, noise
    }

    @Test("what is changed in a row opens nowhere, is told and counted; its neighbours go on", arguments: Way.allCases)
    func tampered(_ way: Way) async throws {
        let shop = try Shop.forAgents(keys: ["a", "b"])
        for (name, account) in [("anna", "11"), ("bert", "12"), ("carl", "13")] {
            await shop.connect(name, account: account)
        }
        let older = try box("anna", shop)
        await shop.connect("anna", account: "11", token: "IGAA_newer")
        try tamper(way, older, shop)
        let victims = way == .swapped ? ["anna", "bert"] : way == .otherUser ? ["dora"] : ["anna"]

        for victim in victims {
            let answer = await shop.token(victim)
            #expect(answer.status != .ok && answer.accessToken == nil, "\(way): \(answer.text)")
            let user = try #require(try await shop.store.user(victim))
            #expect(await shop.site.renewals.token(of: user) == nil)
            #expect(shop.log.lines.contains { $0.hasPrefix("error unreadable row") && $0.hasSuffix("user=\(victim)") })
        }
        #expect(await shop.token("carl").status == .ok)
        // Sealing again meets them as well, where the box says that it is a key's.
        _ = try await shop.putInForce(Shop.ring("c", "a", "b"))
        await shop.site.resealing.pass()
        #expect(await shop.token("carl").status == .ok)
        for victim in victims {
            let user = try #require(try await shop.store.user(victim))
            #expect(throws: OpenFailure.self) { try user.token(shop.site.keyring) }
        }
        let counted = String(decoding: shop.store.metrics.text(nil, flowsInFlight: 0, now: shop.now), as: UTF8.self)
        #expect(!counted.contains("ig_shop_auth_unreadable_rows_total 0\n"))
    }

    @Test("boxes with any bit changed, in their own rows: none is handed out, none ends the process")
    func bits() async throws {
        let shop = try Shop.forAgents(keys: ["a", "b"])
        await shop.connect("anna")
        let good = try box("anna", shop)
        let token = await shop.token("anna").accessToken
        var numbers = SeededNumbers(44)
        let tries = Soak.times(300, full: 5_000)
        for _ in 0..<tries {
            var bad = good
            let bit = Int.random(in: 0..<bad.count * 8, using: &numbers)
            bad[bit / 8] ^= 1 << (bit % 8)
            try put(bad, "anna", shop)
            let answer = await shop.token("anna")
            #expect(answer.status != .ok && answer.accessToken == nil, "bit \(bit)")
        }
        try put(good, "anna", shop)
        #expect(await shop.token("anna").accessToken == token)
        Soak.record("rows whose sealed token has a bit changed", tries, "0 handed out, each told")
    }

    private func box(_ user: String, _ shop: Shop) throws -> [UInt8] {
        let row = try #require(
            try shop.committed("SELECT instagram_access_token AS box FROM users WHERE id = ?", [user]).first)
        return Array(try #require(row["box"] as Data?))
    }

    private func put(_ box: [UInt8], _ user: String, _ shop: Shop) throws {
        try shop.execute("UPDATE users SET instagram_access_token = ? WHERE id = ?", [Data(box), user])
    }

    private func tamper(_ way: Way, _ older: [UInt8], _ shop: Shop) throws {
        let present = try box("anna", shop)
        switch way {
        case .swapped:
            try put(box("bert", shop), "anna", shop)
            try put(present, "bert", shop)
        case .otherUser: try shop.execute("UPDATE users SET id = 'dora' WHERE id = 'anna'")
        case .otherAccount: try shop.execute("UPDATE users SET instagram_user_id = '77' WHERE id = 'anna'")
        case .otherKey:
            #expect(present[2] == UInt8(ascii: "a"))
            try put(present.prefix(2) + [UInt8(ascii: "b")] + present.dropFirst(3), "anna", shop)
        case .older: try put(older, "anna", shop)
        case .renumbered: try shop.execute("UPDATE users SET generation = generation - 1 WHERE id = 'anna'")
        case .bit: try put(present.dropLast() + [present[present.count - 1] ^ 1], "anna", shop)
        case .cut: try put(present.dropLast(), "anna", shop)
        case .longer: try put(present + [0], "anna", shop)
        case .empty: try put([], "anna", shop)
        case .noise: try put(Randomness.system.bytes(200), "anna", shop)
        }
    }
}
