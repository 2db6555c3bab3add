// SPDX-License-Identifier: MIT
import FoundationEssentials
import GRDB
import Synchronization

/// Where bytes may be that were overwritten.
struct Remains: Sendable {
    /// In the log: at a start nobody knows.
    var inLog = true
    /// In the file: where SQLite moves a row to another page, the old one keeps a copy that nothing overwrites.
    var inFile = false
}

extension Store {
    /// How long the writer waits for readers, in milliseconds: ours read for less, and everybody else's callbacks wait
    /// meanwhile.
    private static let patience = 50
    /// Bytes of a database that is written anew while it serves: it takes the writer less than a second.
    static let rewritable = 64 << 20

    /// Bytes that nobody should find are overwritten, where their rows are now.
    func overwrote() {
        remains.withLock { $0 = Remains(inLog: true, inFile: true) }
        lettingGoBell.ring()
    }

    /// Lettings go whose token is overwritten and whose remains are not gone yet.
    func overwritten(limit: Int) async throws(StoreFailure) -> [Int64] {
        try await read { db in
            try Int64.fetchAll(
                db.cachedStatement(
                    sql: """
                        SELECT generation FROM letting_go WHERE erased_at IS NULL AND webhooks NOT NULL LIMIT ?
                        """), arguments: [limit])
        }
    }

    /// Writes the whole file anew, without what its pages keep beside their rows (sqlite.org/lang_vacuum.html: "Running
    /// VACUUM will clean the database of all traces of deleted content").
    func rewrite() async throws(StoreFailure) {
        try await commits.between { db in
            // Not through a file of its own elsewhere.
            try db.execute(sql: "PRAGMA temp_store = MEMORY")
            try db.execute(sql: "VACUUM")
        }
    }

    /// All of it, however long it takes.
    ///
    /// - Returns: Whether nothing is left, because nobody reads.
    package func compact() async throws(StoreFailure) -> Bool {
        try await rewrite()
        return try await truncateLog()
    }

    /// Bytes of the file.
    func size() async throws(StoreFailure) -> Int {
        try await read { db in
            let pages = try Int.fetchOne(db, sql: "PRAGMA page_count") ?? 0
            return try pages * (Int.fetchOne(db, sql: "PRAGMA page_size") ?? 0)
        }
    }

    /// Empties the log, where bytes that were overwritten in the database still are (sqlite.org/wal.html). One reader
    /// that has not ended prevents it.
    ///
    /// - Returns: Whether the log is empty now.
    func truncateLog() async throws(StoreFailure) -> Bool {
        try await commits.between { db in
            try db.execute(sql: "PRAGMA busy_timeout = \(Self.patience)")
            defer { try? db.execute(sql: "PRAGMA busy_timeout = \(Self.busyTimeout * 1_000)") }
            let isBusy = try Row.fetchOne(db, sql: "PRAGMA wal_checkpoint(TRUNCATE)").map { $0[0] as Int != 0 }
            return isBusy == false
        }
    }

    /// Nothing is left of them: of deletions not even that they were.
    func erased(_ generations: [Int64], now: UnixTime) async throws(StoreFailure) {
        if generations.isEmpty { return }
        try await write { db in
            for generation in generations {
                try db.cachedStatement(
                    sql: """
                        UPDATE signed_requests SET done_at = ?
                        WHERE id = (SELECT request FROM letting_go WHERE generation = ?)
                        """
                ).execute(arguments: [now.seconds, generation])
                try db.cachedStatement(sql: "DELETE FROM letting_go WHERE generation = ? AND cause = 'delete'")
                    .execute(arguments: [generation])
                try db.cachedStatement(sql: "UPDATE letting_go SET erased_at = ? WHERE generation = ?")
                    .execute(arguments: [now.seconds, generation])
            }
        }
    }
}
