// SPDX-License-Identifier: MIT
import Foundation
import Testing

/// Databases that the program cannot serve.
@Suite
struct DatabaseTests {
    @Test("A database of a newer version is refused with one line and 78, and left as it is")
    func newer() async throws {
        try await refusing("newer version", 78) { stage in
            try await Command.succeed(
                "sqlite3", [stage.database, "INSERT INTO grdb_migrations VALUES ('9999 of a later version');"])
        }
    }

    @Test("A file that is no database is refused with one line and 69, and left as it is")
    func garbage() async throws {
        try await refusing("not a database", 69) { stage in
            for file in ["-wal", "-shm"] { try FileManager.default.removeItem(atPath: stage.database + file) }
            try Data("this is no database, however long one reads".utf8).write(to: URL(fileURLWithPath: stage.database))
        }
    }

    @Test("After a stop the database file is all of it, without the log beside it")
    func stopped() async throws {
        try await Stage.run { stage in
            _ = try await stage.connect(Browser())
            #expect(await stage.responder?.stop() == .exit(0))
            #expect(try await dump(stage)[0].contains("acme_shop"))
        }
    }

    private func refusing(_ reason: String, _ code: Int32, _ spoil: (Stage) async throws -> Void) async throws {
        try await Stage.run { stage in
            _ = try await stage.connect(Browser())
            #expect(await stage.responder?.stop() == .exit(0))
            try await spoil(stage)
            let before = try await dump(stage)
            for _ in 0..<2 {
                let end = try await Command.run(Programs.shopAuth, ["serve"], environment: stage.environment)
                #expect(end.end == .exit(code))
                #expect(end.lines.count == 1)
                #expect(end.error.contains("IG_SHOP_AUTH_DATABASE") && end.error.contains(reason), "\(end.error)")
            }
            #expect(try await dump(stage) == before)
        }
    }

    /// Nothing of it without the log: a stopped program has left everything in the file.
    private func dump(_ stage: Stage) async throws -> [String] {
        let copy = stage.directory + "/copy"
        try? FileManager.default.removeItem(atPath: copy)
        try FileManager.default.copyItem(atPath: stage.database, toPath: copy)
        let command = try await Command.run("sqlite3", [copy, ".dump"])
        return [command.output, command.error]
    }
}
