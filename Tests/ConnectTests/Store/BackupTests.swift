// SPDX-License-Identifier: MIT
import Foundation
import GRDB
import HTTPTypes
import Synchronization
import Testing

@testable import Connect

/// A copy of the database, and what becomes of it in the database's place.
@Suite struct BackupTests {
    private static let tables = [
        "users", "flows", "ended_sessions", "census", "events", "audit", "app", "counter", "sqlite_sequence",
    ]

    private static func backUp(_ directory: TemporaryDirectory, as name: String = "copy") throws -> Backup {
        try Backup(of: Records(path: directory.database), as: directory.path + "/" + name)
    }

    private static func failure(_ directory: TemporaryDirectory, as file: String) throws -> BackupFailure? {
        let records = try Records(path: directory.database)
        do throws(BackupFailure) {
            _ = try Backup(of: records, as: file)
            return nil
        } catch {
            return error
        }
    }

    private static func rows(_ path: String, _ table: String) throws -> [String] {
        var configuration = Configuration()
        configuration.readonly = true
        return try DatabaseQueue(path: path, configuration: configuration).read { db in
            try Row.fetchAll(db, sql: "SELECT * FROM \(table) ORDER BY 1").map { row in
                row.map { "\($0): \(Data.fromDatabaseValue($1).map { $0.base64EncodedString() } ?? "-")" }.joined()
            }
        }
    }

    private static func value(_ path: String, _ sql: String) throws -> String {
        try DatabaseQueue(path: path).read { try String.fetchOne($0, sql: sql) } ?? "nothing"
    }

    /// As an operator does it, with a backup in the place of the database.
    private static func restored(_ directory: TemporaryDirectory, from name: String = "copy") throws
        -> TemporaryDirectory
    {
        let other = try TemporaryDirectory()
        try FileManager.default.copyItem(atPath: directory.path + "/" + name, toPath: other.database)
        return other
    }

    @Test("every row is in it, in one file of mode 0600 that needs no other")
    func complete() async throws {
        let shop = try Shop.forAgents()
        try shop.seed(1..<400, issuedAt: shop.now)
        await shop.connect("anna")
        _ = await shop.token()
        let backup = try Self.backUp(shop.directory)
        let copy = shop.directory.path + "/copy"
        #expect(backup.users == 400)
        let attributes = try FileManager.default.attributesOfItem(atPath: copy)
        #expect(attributes[.posixPermissions] as? Int == 0o600 && attributes[.referenceCount] as? Int == 1)
        #expect(attributes[.size] as? Int == backup.bytes)
        for table in Self.tables {
            #expect(try Self.rows(copy, table) == Self.rows(shop.directory.database, table), "\(table)")
        }
        #expect(try Self.value(copy, "PRAGMA freelist_count") == "0")
        #expect(try Self.value(copy, "PRAGMA journal_mode") == "delete")
        let left = try FileManager.default.contentsOfDirectory(atPath: shop.directory.path)
        #expect(left.filter { !$0.hasPrefix("shop.sqlite3") } == ["copy"])
    }

    @Test("what was deleted before it is in no byte of it")
    func noFreePages() async throws {
        let shop = try Shop.forAgents()
        try shop.execute("PRAGMA secure_delete = OFF")
        for number in 0..<500 {
            try shop.execute("INSERT INTO events (at, user, type) VALUES (0, 'canary-\(number)', 'connected')")
        }
        try shop.execute("DELETE FROM events")
        _ = try Self.backUp(shop.directory)
        let bytes = try Data(contentsOf: URL(filePath: shop.directory.path + "/copy"))
        #expect(bytes.range(of: Data("canary-".utf8)) == nil)
    }

    @Test("while it is made, commits go on, and each is in it wholly or not at all")
    func consistent() async throws {
        let shop = try Shop.forAgents()
        try shop.seed(1..<2_000, issuedAt: shop.now)
        let path = shop.directory.path
        let store = shop.store
        let isWriting = Signal()
        let writing = Task {
            var written = 0
            while !Task.isCancelled {
                try await store.write { db in
                    try db.execute(sql: "UPDATE app SET paused_until = coalesce(paused_until, 0) + 1")
                    try db.execute(
                        sql:
                            "INSERT INTO events (at, user, type) VALUES ((SELECT paused_until FROM app), 'x', 'renewed')"
                    )
                }
                written += 1
                isWriting.fire()
            }
            return written
        }
        defer { writing.cancel() }
        await isWriting.wait()
        for number in 1...5 { _ = try Self.backUp(shop.directory, as: "copy\(number)") }
        writing.cancel()
        #expect(try await writing.value > 0)
        var last: Int64 = 0
        for number in 1...5 {
            let copy = "\(path)/copy\(number)"
            let paused = Int64(try Self.value(copy, "SELECT coalesce(paused_until, 0) FROM app")) ?? -1
            let told = Int64(try Self.value(copy, "SELECT count(*) FROM events")) ?? -2
            #expect(paused == told && paused >= last)
            last = paused
        }
    }

    @Test("in the database's place it hands out what it has and renews it, and gives no number a second time")
    func inPlace() async throws {
        let shop = try Shop.forAgents()
        await shop.connect("anna")
        _ = try Self.backUp(shop.directory)
        let heard = await shop.events().next ?? 0
        // What the copy knows nothing of.
        for _ in 0..<3 { await shop.connect("anna") }
        let lost = await shop.events().next ?? 0
        #expect(lost > heard)

        let second = try Shop.forAgents(in: Self.restored(shop.directory))
        #expect(second.store.generation >= shop.store.generation + CopyMark.leap / 2)
        #expect(await second.token().accessToken == ScriptedInstagram.longToken)
        let begin = try #require(await second.events("?after=\(heard)").next)
        #expect(begin >= heard + CopyMark.leap)
        for after in [heard, heard + 1, lost, begin - 1, begin + 1] {
            let answer = await second.events("?after=\(after)")
            #expect(answer.status == .gone && answer.next == begin, "\(after)")
        }
        second.now = Shop.begin + 54 * 86_400
        #expect(await second.token("anna", as: "bot", "?min_valid_for=604800").accessToken == "IGAA_LONG_canary_1")
        #expect(await second.events("?after=\(begin)").eventTypes == ["renewed anna"])
        #expect(await second.events("?after=\(lost)").status == .gone, "also when there is something new")
        #expect(await second.events("?after=\(heard - 1)").eventTypes.count == 2, "nothing of this is lost")
        #expect(await second.events().next == begin + 1)
        #expect(try second.committed("SELECT generation FROM users")[0]["generation"] as Int64 > CopyMark.leap)
        #expect(try second.committed("SELECT max(id) FROM audit")[0][0] as Int64 > CopyMark.leap)
    }

    @Test("a copy of a copy goes on as well, also where no event was ever told")
    func again() async throws {
        let shop = try Shop.forAgents()
        _ = try Self.backUp(shop.directory)
        let second = try Shop.forAgents(in: Self.restored(shop.directory))
        let begin = try #require(await second.events("?after=0").next)
        #expect(begin >= CopyMark.leap)
        await second.connect("anna")
        _ = try Self.backUp(second.directory)
        let third = try Shop.forAgents(in: Self.restored(second.directory))
        #expect(await third.events("?after=\(begin)").eventTypes == ["connected anna"])
        #expect(try #require(await third.events("?after=\(begin + 1)").next) >= begin + 1 + CopyMark.leap)
        #expect(await third.token().status == .ok)
    }

    @Test("an older copy after a newer one, and the same once more, go on after all numbers that were ever given")
    func older() async throws {
        let shop = try Shop.forAgents()
        await shop.connect("anna")
        for day in ["monday", "tuesday"] {
            _ = try Self.backUp(shop.directory, as: day)
            for _ in 0..<3 { await shop.connect("anna") }
        }
        var given = (
            generation: shop.store.generation, event: try #require(await shop.events().next),
            entry: try shop.committed("SELECT max(id) FROM audit")[0][0] as Int64
        )
        for day in ["tuesday", "monday", "monday", "tuesday"] {
            let next = try Shop.forAgents(in: Self.restored(shop.directory, from: day))
            let first = next.store.generation
            #expect(first > given.generation, "\(day)")
            #expect(await next.events("?after=\(given.event)").status == .gone, "\(day)")
            await next.connect("anna")
            #expect(try next.committed("SELECT min(id) FROM audit WHERE id > \(given.entry)").count == 1)
            #expect(await next.events("?after=\(given.event)").status == .gone, "\(day)")
            let event = try #require(await next.events().next)
            let entry = try next.committed("SELECT max(id) FROM audit")[0][0] as Int64
            #expect(event > given.event && entry > given.entry, "\(day)")
            given = (next.store.generation, event, entry)
        }
    }

    @Test("a session that was signed out on a newer copy stays over on an older one")
    func olderSessions() async throws {
        let shop = try Shop()
        var browser = Browser()
        await shop.connect(&browser)
        for day in ["monday", "tuesday"] { _ = try Self.backUp(shop.directory, as: day) }
        let tuesday = try Shop(in: Self.restored(shop.directory, from: "tuesday"))
        var late = Browser()
        await tuesday.connect(&late)
        let copy = late
        late.take(await tuesday.answer(.json(.post, Route.signOut, late, ["Sec-Fetch-Site": "same-origin"])))
        #expect(await tuesday.status(copy).json["state"] as? String == "not_connected")
        let monday = try Shop(in: Self.restored(shop.directory, from: "monday"))
        #expect(await monday.status(copy).json["state"] as? String == "not_connected")
    }

    @Test("only the first start on a copy moves its numbers, by a clock that is wrong as well")
    func once() throws {
        let directory = try TemporaryDirectory()
        try Store(path: directory.database).close()
        _ = try Self.backUp(directory)
        let other = try Self.restored(directory)
        let first = try Store(path: other.database)
        try first.close()
        let second = try Store(path: other.database)
        #expect(second.generation == first.generation)
        try second.pool.write { db in
            for (time, expected) in [
                (0, first.generation + CopyMark.leap), (.max / 2, .max / 2), (0, .max / 2 + CopyMark.leap),
            ] as [(Int64, Int64)] {
                try CopyMark.set(db)
                for _ in 1...2 { try CopyMark.settle(db, microseconds: time) }
                let counter = try #require(try Row.fetchOne(db, sql: "SELECT * FROM counter"))
                #expect(counter["generation"] == expected && counter["forgotten_sessions"] == expected)
            }
        }
        try second.close()
    }

    @Test("sessions from before are over, also one that was signed out since; a new one works")
    func sessions() async throws {
        let shop = try Shop()
        var (early, late) = (Browser(), Browser())
        await shop.connect(&early)
        _ = try Self.backUp(shop.directory)
        await shop.connect(&late)
        let second = try Shop(in: Self.restored(shop.directory))
        for browser in [early, late] {
            #expect(await second.status(browser).json["state"] as? String == "not_connected")
        }
        await second.connect(&late)
        #expect(await second.status(late).json["state"] as? String == "connected")
    }

    @Test("a name that is taken keeps what it has, and one that cannot be is told; nothing is left beside it")
    func taken() throws {
        let shop = try Shop.forAgents()
        let path = shop.directory.path
        try "mine".write(toFile: path + "/file", atomically: false, encoding: .utf8)
        try FileManager.default.createDirectory(atPath: path + "/folder", withIntermediateDirectories: false)
        try FileManager.default.createSymbolicLink(atPath: path + "/link", withDestinationPath: path + "/nothing")
        let before = try FileManager.default.contentsOfDirectory(atPath: path).sorted()
        for name in ["file", "folder", "link", "shop.sqlite3"] {
            #expect(try Self.failure(shop.directory, as: "\(path)/\(name)") == .exists("\(path)/\(name)"))
        }
        for (file, code) in [
            ("/none/copy", ENOENT), ("/file/copy", ENOTDIR), ("/copy/", EISDIR), ("/..", EISDIR), ("/.", EISDIR),
        ] {
            let told = try #require(try Self.failure(shop.directory, as: path + file))
            #expect(told.isAboutName && told.description.contains(String(cString: strerror(code))), "\(told)")
        }
        #expect(try Self.failure(shop.directory, as: "")?.isAboutName == true)
        #expect(try String(contentsOfFile: path + "/file", encoding: .utf8) == "mine")
        #expect(try FileManager.default.contentsOfDirectory(atPath: path).sorted() == before)
    }

    @Test("what has the name when the copy is done keeps it, and the copy is gone")
    func takenMeanwhile() throws {
        let shop = try Shop.forAgents()
        let file = shop.directory.path + "/copy"
        #expect(throws: BackupFailure.exists(file)) {
            try Backup(of: Records(path: shop.directory.database), as: file) { unfinished in
                #expect(unfinished.hasPrefix(shop.directory.path + "/."))
                try? "mine".write(toFile: file, atomically: false, encoding: .utf8)
            }
        }
        #expect(try String(contentsOfFile: file, encoding: .utf8) == "mine")
        #expect(try FileManager.default.contentsOfDirectory(atPath: shop.directory.path).allSatisfy { $0.first != "." })
    }

    @Test("it grows where nobody else may look or put a file")
    func secluded() throws {
        let shop = try Shop.forAgents()
        let path = shop.directory.path
        let seen = Mutex<[String]>([])
        let records = try Records(path: shop.directory.database)
        records.database.inDatabase { db in
            db.trace { event in
                guard event.description.hasPrefix("VACUUM INTO") else { return }
                let files = FileManager.default
                for name in (try? files.subpathsOfDirectory(atPath: path)) ?? [] where name.hasPrefix(".") {
                    let attributes = try? files.attributesOfItem(atPath: path + "/" + name)
                    let mode = String((attributes?[.posixPermissions] as? Int) ?? 0, radix: 8)
                    seen.withLock { $0.append("\(name.split(separator: "/").count) \(mode)") }
                }
            }
        }
        _ = try Backup(of: records, as: path + "/copy")
        #expect(seen.withLock { $0.sorted() } == ["1 700", "2 600"])
    }

    @Test("a database that is damaged gives no copy")
    func damaged() throws {
        let directory = try TemporaryDirectory()
        let store = try Store(path: directory.database)
        try store.pool.write { db in
            for number in 0..<2_000 {
                try db.execute(
                    sql: "INSERT INTO events (at, user, type) VALUES (0, ?, 'renewed')", arguments: ["\(number)"])
            }
        }
        try store.close()
        let root = try DatabaseQueue(path: directory.database).read {
            try Int.fetchOne($0, sql: "SELECT rootpage FROM sqlite_schema WHERE name = 'events'") ?? 0
        }
        let handle = try FileHandle(forWritingTo: URL(filePath: directory.database))
        try handle.seek(toOffset: UInt64((root - 1) * 4_096))
        try handle.write(contentsOf: Data(repeating: 0x5a, count: 4_096))
        try handle.close()
        let failure = try #require(try Self.failure(directory, as: directory.path + "/copy"))
        #expect(failure == .store(.sqlite(11)) && !failure.isAboutName)  // SQLITE_CORRUPT
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path).allSatisfy { $0.hasPrefix("shop") })
    }
}
