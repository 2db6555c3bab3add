// SPDX-License-Identifier: MIT
import Foundation
import GRDB
import Testing
import Vault

@testable import Connect

@Suite struct SchemaTests {
    /// This schema and one more migration, as a later version has it.
    private static var later: DatabaseMigrator {
        var migrator = Schema.migrator
        migrator.registerMigration("3 later") { try $0.execute(sql: "ALTER TABLE users ADD COLUMN later TEXT") }
        return migrator
    }

    private static var broken: DatabaseMigrator {
        var migrator = Schema.migrator
        migrator.registerMigration("3 broken") { db in
            try db.execute(sql: "ALTER TABLE users ADD COLUMN later TEXT")
            try db.execute(sql: "INSERT INTO nowhere VALUES (1)")
        }
        return migrator
    }

    private static func columns(_ path: String, _ table: String = "users") throws -> [String] {
        var configuration = Configuration()
        configuration.readonly = true
        return try DatabaseQueue(path: path, configuration: configuration).read {
            // Generated ones as well.
            try String.fetchAll($0, sql: "SELECT name FROM pragma_table_xinfo(?)", arguments: [table])
        }
    }

    @Test("the user table has the names of the design, and nothing in it says `token` in the clear")
    func columns() throws {
        let shop = try Shop()
        #expect(
            try Self.columns(shop.directory.database) == [
                "id", "instagram_user_id", "instagram_app_scoped_id", "instagram_username", "instagram_name",
                "instagram_account_type", "instagram_access_token", "generation", "session_epoch", "token_issued_at",
                "token_expires_at", "scopes", "state", "reason", "webhooks_subscribed_at", "webhooks_error",
                "next_renewal_at", "renewal_failures", "connected_at", "updated_at", "announced", "next_webhooks_at",
                "webhooks_failures", "webhooks_told", "webhooks_let_go",
            ])
    }

    @Test("a new database has no older copy")
    func fresh() throws {
        let shop = try Shop()
        let files = try FileManager.default.contentsOfDirectory(atPath: shop.directory.path)
        #expect(!files.contains { $0.contains("schema") })
    }

    @Test("a migration keeps a copy of what was there")
    func copy() async throws {
        let shop = try Shop()
        var browser = Browser()
        await shop.connect(&browser)
        try Schema.migrate(shop.store.pool, with: Self.later, path: shop.directory.database)
        #expect(try Self.columns(shop.directory.database).contains("later"))
        let number = try #require(Schema.migrator.migrations.last?.split(separator: " ").first)
        let copy = shop.directory.database + ".schema-\(number)"
        #expect(try !Self.columns(copy).contains("later"))
        let users = try await DatabaseQueue(path: copy).read { try Int.fetchOne($0, sql: "SELECT count(*) FROM users") }
        #expect(users == 1)
        #expect(await shop.status(browser).json["state"] as? String == "connected")
    }

    @Test("a copy goes when it is thirty days old, for it holds tokens of accounts that were let go since")
    func oldCopies() async throws {
        let shop = try Shop()
        try Schema.migrate(shop.store.pool, with: Self.later, path: shop.directory.database)
        func copies() throws -> Int {
            try FileManager.default.contentsOfDirectory(atPath: shop.directory.path).count { $0.contains(".schema-") }
        }
        let now = UnixTime(Int64(Date().timeIntervalSince1970))
        _ = try await shop.store.forget(now: now + 29 * 86_400)
        #expect(try copies() == 1)
        _ = try await shop.store.forget(now: now + 31 * 86_400)
        #expect(try copies() == 0)
        #expect(FileManager.default.fileExists(atPath: shop.directory.database))
    }

    @Test("a migration that fails changes nothing, and may be tried again")
    func failed() async throws {
        let shop = try Shop()
        var browser = Browser()
        await shop.connect(&browser)
        for _ in 0..<2 {
            #expect(throws: DatabaseError.self) {
                try Schema.migrate(shop.store.pool, with: Self.broken, path: shop.directory.database)
            }
            #expect(try !Self.columns(shop.directory.database).contains("later"))
        }
        try Schema.migrate(shop.store.pool, with: Self.later, path: shop.directory.database)
        #expect(try Self.columns(shop.directory.database).contains("later"))
    }

    @Test("a database of a newer version is refused, and left as it is")
    func newer() throws {
        let directory = try TemporaryDirectory()
        do {
            let store = try Store(path: directory.database)
            try Schema.migrate(store.pool, with: Self.later, path: directory.database)
            try store.close()
        }
        #expect(throws: StoreFailure.newerSchema) { try Store(path: directory.database) }
        #expect(throws: StoreFailure.newerSchema) { try Inspection(path: directory.database) }
        #expect(try Self.columns(directory.database).contains("later"))
    }

    @Test("the key that sealed a token is read off its box, in a database without that column as well")
    func sealingKeys() throws {
        let directory = try TemporaryDirectory()
        let old = try DatabaseQueue(path: directory.database)
        try Schema.migrator.migrate(old, upTo: "4 renewal")
        let longest = String(repeating: "k", count: 32)
        func box(_ id: String) -> [UInt8] { [1, UInt8(id.utf8.count)] + id.utf8 + [UInt8](repeating: 9, count: 30) }
        let boxes: [[UInt8]?] = [
            box("a"), box("a"), box("2026-01"), box(longest), nil,
            [], [1], [1, 0], [1, 255, 0xff, 0xc0], [1, 3, 0, 0, 0], [UInt8](repeating: 0xff, count: 60),
        ]
        try old.write { db in
            for (number, box) in boxes.enumerated() {
                try db.execute(
                    sql: """
                        INSERT INTO users (id, instagram_access_token, generation, session_epoch, state, updated_at)
                        VALUES (?, ?, ?, 0, 'connected', 0)
                        """, arguments: ["u\(number)", box.map { Data($0) }, number])
            }
        }
        try old.close()
        let expected = [KeyID("a")!: 2, KeyID("2026-01")!: 1, KeyID(longest)!: 1]
        #expect(try Inspection(path: directory.database).rowsByKey == expected)
        try Store(path: directory.database).close()
        #expect(try Inspection(path: directory.database).rowsByKey == expected)
    }

    @Test("a state or a phase that nobody knows cannot be stored")
    func checks() async throws {
        let shop = try Shop()
        var browser = Browser()
        await shop.connect(&browser)
        #expect(throws: DatabaseError.self) { try shop.execute("UPDATE users SET state = 'x'") }
        #expect(throws: DatabaseError.self) { try shop.execute("UPDATE flows SET phase = 'x'") }
        #expect(throws: DatabaseError.self) { try shop.execute("UPDATE users SET generation = 'x'") }
        #expect(throws: DatabaseError.self) { try shop.execute("INSERT INTO counter VALUES (2, 1)") }
    }
}
