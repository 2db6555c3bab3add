// SPDX-License-Identifier: MIT
import Foundation
import GRDB
import Instagram
import TestSupport
import Testing
import Vault

@testable import Connect

/// Sealing again, over the real store.
@Suite struct ResealingTests {
    private static let day: Int64 = 86_400

    /// So many rows of the key `a`, and the ring `b`, `a` in force.
    private func shop(_ rows: Int, issuedAt: UnixTime = Shop.begin) async throws -> Shop {
        let shop = try Shop(keys: ["a"])
        #expect(try await shop.putInForce(shop.keyring) == .inForce(missing: []))
        try shop.seed(0..<rows, issuedAt: issuedAt)
        #expect(try await shop.putInForce(Shop.ring("b", "a")) == .inForce(missing: []))
        return shop
    }

    private func token(_ account: Int, _ shop: Shop) throws -> String {
        try User(shop.row(account)).token(shop.site.keyring).exposedText()
    }

    @Test("every row comes under the first key, with its number and everything else as it was; then the old key may go")
    func pass() async throws {
        let shop = try await shop(250)
        let columns = "SELECT id, generation, updated_at, next_renewal_at, state FROM users ORDER BY id"
        let before = try shop.committed(columns)
        await shop.site.resealing.pass()
        #expect(try shop.rowsByKey() == ["b": 250])
        #expect(try shop.committed(columns) == before)
        for account in 0..<250 { #expect(try token(account, shop) == "T\(account)x0") }
        #expect(
            shop.log.lines.filter { $0.hasPrefix("notice resealed") } == ["notice resealed key=b rows=250 unreadable=0"]
        )
        #expect(try await shop.putInForce(Shop.ring("b")) == .inForce(missing: []))
        await shop.site.resealing.pass()
        #expect(shop.log.lines.filter { $0.contains("resealed") }.count == 1, "nothing to do is nothing to tell")
    }

    @Test("keys behind the second are sealed again as well, those that the ring lacks are left")
    func several() async throws {
        let shop = try await shop(3)
        _ = try await shop.putInForce(Shop.ring("c", "b", "a"))
        await shop.site.resealing.pass()
        _ = try await shop.putInForce(Shop.ring("d", "c"))
        try shop.store.close()
        let lost = try Shop(in: shop.directory, keys: ["d", "x"])
        await lost.site.resealing.pass()
        #expect(try lost.rowsByKey() == ["c": 3])
        _ = try await lost.putInForce(Shop.ring("d", "x", "y", "c"))
        await lost.site.resealing.pass()
        #expect(try lost.rowsByKey() == ["d": 3])
    }

    @Test("a row that does not open is told and counted, left as it is, and holds up no other; its key cannot go")
    func unreadable() async throws {
        let shop = try await shop(120)
        try shop.execute("UPDATE users SET instagram_user_id = 'x' WHERE id = 'u7'")
        let before = try shop.row(7)
        await shop.site.resealing.pass()
        #expect(try shop.rowsByKey() == ["a": 1, "b": 119])
        #expect(try shop.row(7) == before)
        #expect(shop.log.lines.contains { $0.hasPrefix("error unreadable row") && $0.hasSuffix("user=u7") })
        #expect(shop.log.lines.contains("notice resealed key=b rows=119 unreadable=1"))
        #expect(
            String(decoding: shop.store.metrics.text(nil, flowsInFlight: 0, now: shop.now), as: UTF8.self)
                .contains("ig_shop_auth_unreadable_rows_total 1\n"))
        #expect(try await shop.putInForce(Shop.ring("b")) == .refused([.needed(KeyID("a")!, rows: 1)]))
    }

    @Test("a box that was made before a renewal, a new connection or a letting go never takes their place")
    func late() async throws {
        let shop = try await shop(4)
        let ring = shop.site.keyring
        let read = try await shop.store.users(sealedBy: KeyID("a")!, after: .min, limit: 10)
        let late = try read.map { user in
            let field = SealedField.accessToken(
                user: user.id, account: user.instagramUserID!, generation: user.generation)
            return Resealed(
                user: user, old: user.box!, new: try ring.seal(user.token(ring), as: field, random: .system))
        }
        // Renewed, let go, wiped; and one that was put back with an older box at the same number.
        let renewed = Renewed(issuedAt: shop.now, expiresAt: shop.now + 60 * Self.day, scopes: nil, next: nil)
        _ = try await shop.store.renewed(read[0], renewed, now: shop.now) { [keys = shop.site.keys] field in
            try keys.current.seal(LongLivedToken(utf8: "new"), as: field, random: .system)
        }
        try shop.execute("UPDATE users SET instagram_access_token = NULL, state = 'not_connected' WHERE id = 'u1'")
        let other = try shop.keyring.seal(
            LongLivedToken(utf8: "other"),
            as: .accessToken(user: "u2", account: SimulatedInstagram.id(2), generation: read[2].generation),
            random: .system)
        try shop.execute("UPDATE users SET instagram_access_token = ? WHERE id = 'u2'", [Data(other.bytes)])
        #expect(try await shop.store.reseal(late, with: ring.signingID, in: shop.site.keys) == 1)
        #expect(try token(0, shop) == "new" && token(2, shop) == "other" && token(3, shop) == "T3x0")
        #expect(try shop.row(1)["instagram_access_token"] as Data? == nil)
        #expect(try await shop.store.reseal(late, with: ring.signingID, in: shop.site.keys) == 0, "once")
    }

    @Test("what was sealed with a first key that is first no more is thrown away")
    func ringChanged() async throws {
        let shop = try await shop(2)
        let (ring, read) = (shop.site.keyring, try await shop.store.users(sealedBy: KeyID("a")!, after: .min, limit: 9))
        let late = try read.map { user in
            let field = SealedField.accessToken(
                user: user.id, account: user.instagramUserID!, generation: user.generation)
            return Resealed(
                user: user, old: user.box!, new: try ring.seal(user.token(ring), as: field, random: .system))
        }
        #expect(try await shop.putInForce(Shop.ring("a")) == .inForce(missing: []), "no row needs b")
        #expect(try await shop.store.reseal(late, with: ring.signingID, in: shop.site.keys) == nil)
        #expect(try shop.rowsByKey() == ["a": 2])
    }

    @Test(
        "renewals, new grants and hand-outs go on while keys come and go: each row opens at any moment",
        .timeLimit(.minutes(2)))
    func race() async throws {
        let shop = try await shop(40)
        let rounds = Soak.times(12, full: 120)
        let engine = Task { await shop.site.resealing.run() }
        let done = Tally<Void>()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                for round in 0..<rounds {
                    let new = "k\(round)"
                    let old = shop.site.keyring.signingID.description
                    _ = try await shop.putInForce(Shop.ring(new, old, "a"))
                    shop.site.resealing.bell.ring()
                    try await until { try shop.rowsByKey() == [new: 40] }
                    _ = try await shop.putInForce(Shop.ring(new, "a"))
                }
                done.add(())
            }
            for part in 0..<3 {
                group.addTask {
                    var numbers = SeededNumbers(UInt64(part))
                    while done.all.isEmpty {
                        let id = "u\(Int.random(in: 0..<40, using: &numbers))"
                        let user = try #require(try await shop.store.user(id))
                        let opened = await shop.site.renewals.token(of: user) ?? LongLivedToken(utf8: "")
                        if part == 0, !opened.isEmpty {
                            let renewed = Renewed(
                                issuedAt: shop.now, expiresAt: shop.now + 60 * Self.day, scopes: nil, next: nil)
                            _ = try await shop.store.renewed(user, renewed, now: shop.now) {
                                [keys = shop.site.keys] field in
                                try keys.current.seal(opened, as: field, random: .system)
                            }
                        }
                        await Task.yield()
                    }
                }
            }
            try await group.waitForAll()
        }
        shop.site.resealing.stop()
        await engine.value
        for account in 0..<40 { #expect(try token(account, shop) == "T\(account)x0") }
        #expect(shop.log.lines.allSatisfy { !$0.hasPrefix("error") })
    }

    @Test("a renewal that met a row without its key does not put it off once a key opens it")
    func putOff() async throws {
        let shop = try await shop(1, issuedAt: Shop.begin + -40 * Self.day)
        let (read, now) = (try #require(try await shop.store.user("u0")), shop.now)
        func putOff() async throws -> Bool {
            try await shop.store.postpone(unreadable: read, until: now + Self.day, failures: 1, keys: shop.site.keys)
        }
        let due = try shop.row(0)["next_renewal_at"] as Int64
        #expect(try await !putOff(), "the key is there")
        await shop.site.resealing.pass()
        #expect(try await shop.putInForce(Shop.ring("b")) == .inForce(missing: []))
        #expect(try await !putOff(), "another key opens it")
        #expect(try shop.row(0)["next_renewal_at"] == due && shop.row(0)["renewal_failures"] == 0)
        try shop.execute("UPDATE users SET instagram_access_token = ?", [Data(try #require(read.box).bytes)])
        #expect(try await putOff(), "the key is missing")
        #expect(try shop.row(0)["next_renewal_at"] == (now + Self.day).seconds && shop.row(0)["renewal_failures"] == 1)
    }

    @Test(
        "what waited for a missing key is due as soon as it is back, by a reload or a start; other rows are left",
        arguments: [false, true])
    func back(byStart: Bool) async throws {
        let shop = try await shop(3, issuedAt: Shop.begin + -40 * Self.day)
        await shop.site.resealing.pass()
        try shop.store.close()
        let lost = try Shop(in: shop.directory, keys: ["c"])
        #expect(try await lost.putInForce(lost.keyring) == .inForce(missing: [MissingKey(id: KeyID("b")!, rows: 3)]))
        #expect(await lost.site.renewals.renew("u0", isAsked: false) == .unreadable)
        #expect(try lost.row(0)["next_renewal_at"] as Int64 > lost.now.seconds)
        try lost.execute(
            "UPDATE users SET webhooks_error = 'unreadable', next_webhooks_at = ? WHERE id = 'u1'",
            [(lost.now + Self.day).seconds])
        try lost.execute("UPDATE users SET next_renewal_at = ? WHERE id = 'u2'", [(lost.now + 5).seconds])
        if byStart { try lost.store.close() }
        let again = byStart ? try Shop(in: shop.directory, keys: ["c", "b"]) : lost
        #expect(try await again.putInForce(Shop.ring("c", "b")) == .inForce(missing: []))
        let heard = again.site.renewals.bell.rings
        await again.site.resealing.pass()
        #expect(again.site.renewals.bell.rings > heard)
        #expect(try again.row(0)["next_renewal_at"] == again.now.seconds)
        #expect(try again.row(1)["next_webhooks_at"] == again.now.seconds)
        #expect(try again.row(2)["next_renewal_at"] == (again.now + 5).seconds)
        #expect(try again.rowsByKey() == ["c": 3])
        await again.site.resealing.pass()
        #expect(again.log.lines.filter { $0.hasPrefix("notice key is back") } == ["notice key is back key=b"])
    }
}
