// SPDX-License-Identifier: MIT
import Foundation
import GRDB
import HTTPTypes
import Testing
import Vault

@testable import Connect

@Suite struct StoreTests {
    @Test("a store may be closed twice; what comes after that fails and stops nothing")
    func closedTwice() async throws {
        let directory = try TemporaryDirectory()
        let store = try Store(path: directory.database)
        try store.close()
        try store.close()
        await #expect(throws: StoreFailure.self) { try await store.lastEvent() }
        await #expect(throws: StoreFailure.self) { try await store.truncateLog() }
    }

    @Test("what is committed is on the disk, and what is overwritten is gone")
    func pragmas() throws {
        let directory = try TemporaryDirectory()
        let store = try Store(path: directory.database)
        let pragmas = try store.pool.writeWithoutTransaction { db in
            try ["synchronous", "secure_delete", "foreign_keys", "mmap_size", "busy_timeout"].map {
                try Int.fetchOne(db, sql: "PRAGMA \($0)") ?? 0
            }
        }
        #expect(pragmas == [2, 1, 1, 0, 5_000])
        #expect(try store.pool.read { try String.fetchOne($0, sql: "PRAGMA journal_mode") } == "wal")
        #expect(try store.pool.read { try Int.fetchOne($0, sql: "PRAGMA secure_delete") } == 1)
    }

    @Test("one process writes: a second store on the same path is refused, until the first is gone")
    func lock() throws {
        let directory = try TemporaryDirectory()
        var first: Store? = try Store(path: directory.database)
        #expect(throws: StoreFailure.locked) { try Store(path: directory.database) }
        try first?.close()
        first = nil
        #expect(try Store(path: directory.database).generation == 1)
    }

    @Test("a store that does not open holds no lock")
    func failedOpen() throws {
        let directory = try TemporaryDirectory()
        try Data("this is no database, however long one reads".utf8).write(to: URL(fileURLWithPath: directory.database))
        for _ in 0..<2 {
            #expect(throws: StoreFailure.sqlite(26)) { try Store(path: directory.database) }  // SQLITE_NOTADB
        }
        #expect(throws: StoreFailure.cannotLock(errno: ENOENT)) {
            try Store(path: directory.path + "/none/shop.sqlite3")
        }
    }

    @Test("the counter only grows, and survives a new process")
    func counter() async throws {
        let directory = try TemporaryDirectory()
        var last: Int64 = 1
        for _ in 0..<3 {
            let shop = try Shop(in: directory)
            #expect(shop.store.generation == last)
            for _ in 0..<3 {
                last = shop.store.generation
                var browser = Browser()
                await shop.connect(&browser)
                #expect(shop.store.generation == last + 1)
            }
            last = shop.store.generation
            try shop.store.close()
        }
        #expect(last == 10)
    }

    @Test("the counter does not grow with a transaction that failed, and does not go back")
    func counterAfterFailure() async throws {
        let shop = try Shop()
        try shop.execute("CREATE TRIGGER t BEFORE INSERT ON users BEGIN SELECT RAISE(ABORT, 'no'); END")
        var browser = Browser()
        #expect(await shop.connect(&browser).status == .serviceUnavailable)
        #expect(try shop.committed("SELECT generation FROM counter").first?["generation"] == shop.store.generation)
        shop.store.reached(7)
        shop.store.reached(3)
        #expect(shop.store.generation == 7)
    }

    @Test("an inspection reads beside the process that serves, without its lock")
    func inspection() async throws {
        let shop = try Shop(keys: ["a"])
        var browser = Browser()
        for account in ["1", "2", "3"] {
            shop.instagram.account = account
            await shop.connect(&browser)
        }
        try shop.execute("UPDATE users SET instagram_access_token = x'00' WHERE instagram_user_id = '3'")
        let inspection = try Inspection(path: shop.directory.database)
        #expect(inspection.users == 3 && inspection.rowsByKey == [KeyID("a")!: 2])
        #expect(throws: StoreFailure.self) { try Inspection(path: shop.directory.path + "/none.sqlite3") }
    }

    @Test("every failure says what it is, and says no more")
    func descriptions() {
        #expect(StoreFailure.sqlite(13).description.contains("13"))
        struct Other: Error {}
        #expect(StoreFailure(Other()) == .unreadable)
        let error = DatabaseError(resultCode: .SQLITE_FULL, message: "canary", sql: "canary", arguments: ["canary"])
        #expect(!StoreFailure(error).description.contains("canary"))
    }
}
