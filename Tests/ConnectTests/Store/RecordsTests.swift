// SPDX-License-Identifier: MIT
import Foundation
import GRDB
import Testing
import Vault

@testable import Connect

@Suite struct RecordsTests {
    private static func users(
        _ shop: Shop, state: String? = nil, keys: [KeyID]? = [KeyID("a")!, KeyID("b")!]
    ) throws -> [UserRecord] {
        var records: [UserRecord] = []
        try Records(path: shop.directory.database).users(state: state, keys: keys, now: shop.now) { records.append($0) }
        return records
    }

    @Test("a user's state is the one that the status object shows, beside the process that serves")
    func states() async throws {
        let shop = try Shop()
        for account in ["1", "2", "3", "4", "5", "6"] {
            var browser = Browser()
            shop.instagram.account = account
            await shop.connect(&browser)
        }
        func set(_ columns: String, of account: String) throws {
            try shop.execute("UPDATE users SET \(columns) WHERE instagram_user_id = '\(account)'")
        }
        let day: Int64 = 86_400
        let now = shop.now.seconds
        try set("token_expires_at = \(now + 14 * day), next_renewal_at = \(now + 60)", of: "1")
        try set("token_expires_at = \(now + 14 * day - 1)", of: "2")
        try set("token_expires_at = \(now)", of: "3")
        try set("state = 'reconnect_required', reason = 'revoked', token_expires_at = \(now - 1)", of: "4")
        try set("state = 'not_connected'", of: "5")
        try shop.execute(
            "UPDATE users SET instagram_access_token = ? WHERE instagram_user_id = '6'",
            [Data(try Self.box(by: "z"))])
        func told(_ records: [UserRecord]) -> [String: String] {
            Dictionary(
                uniqueKeysWithValues: records.map { record in
                    let days = record.daysToExpiry.map(String.init) ?? "-"
                    return (record.instagramUserID ?? "-", "\(record.state) \(record.reason ?? "-") \(days)")
                })
        }
        let all = try Self.users(shop)
        #expect(
            told(all) == [
                "1": "connected - 14", "2": "expiring - 13", "3": "reconnect_required expired 0",
                "4": "reconnect_required revoked -1", "5": "not_connected - 59",
                "6": "reconnect_required key_missing 59",
            ])
        #expect(all.map(\.user) == all.map(\.user).sorted())
        #expect(all.first { $0.instagramUserID == "1" }?.nextRenewalAt == shop.now + 60)
        for state in Records.states {
            let some = try Self.users(shop, state: state)
            #expect(some.map(\.user) == all.filter { $0.state == state }.map(\.user) && !some.isEmpty)
        }
        #expect(try told(Self.users(shop, keys: nil))["6"] == "connected - 59", "nobody can say what is missing")
    }

    /// A box that a key sealed which is not in the keyring.
    private static func box(by key: String) throws -> [UInt8] {
        let keyring = try Keyring(parsing: Shop.line(key).utf8)
        let field = SealedField.accessToken(user: "u", account: "6", generation: 1)
        return try keyring.seal(LongLivedToken(utf8: "t"), as: field, random: .system).bytes
    }

    @Test("what fills more than a page is told whole and once, in order")
    func pages() async throws {
        let shop = try Shop()
        let count = 2 * Records.page
        try shop.execute(
            """
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < \(count))
            INSERT INTO users (id, generation, session_epoch, state, updated_at)
                SELECT printf('%06d', i), i, 0, 'not_connected', 0 FROM n
            """)
        #expect(try Self.users(shop).map(\.user) == (1...count).map { String(String($0 + 1_000_000).dropFirst()) })
        try shop.execute(
            """
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < \(count))
            INSERT INTO audit (at, action, user, generation) SELECT i, 'connect', CASE i % 2 WHEN 0 THEN 'even' END, i
                FROM n
            """)
        let records = try Records(path: shop.directory.database)
        func generations(_ selection: AuditSelection) throws -> [Int64?] {
            var found: [Int64?] = []
            try records.audit(selection) { found.append($0.generation) }
            return found
        }
        let all = try records.auditSelection()
        try shop.execute("INSERT INTO audit (at, action, user, generation) VALUES (1, 'connect', 'even', 0)")
        #expect(try generations(all) == (1...Int64(count)).map(Optional.some), "what came later is not in it")
        let even = try records.auditSelection(user: "even", last: 1_001)
        #expect(try generations(even).compactMap(\.self) == Array(stride(from: 2, through: Int64(count), by: 2)) + [0])
        let late = try records.auditSelection(since: UnixTime(Int64(count) - 1))
        #expect(try generations(late) == [Int64(count) - 1, Int64(count)])
    }

    @Test("a database of an older version is told as that, and stays as it is")
    func older() throws {
        let directory = try TemporaryDirectory()
        let old = try DatabaseQueue(path: directory.database)
        try Schema.migrator.migrate(old, upTo: "3 clocks")
        try old.close()
        #expect(throws: StoreFailure.olderSchema) { try Records(path: directory.database) }
        #expect(throws: StoreFailure.sqlite(14)) { try Records(path: directory.path + "/none") }  // SQLITE_CANTOPEN
        let applied = try DatabaseQueue(path: directory.database).read { try Schema.migrator.appliedIdentifiers($0) }
        #expect(!applied.contains("4 renewal"))
    }
}
