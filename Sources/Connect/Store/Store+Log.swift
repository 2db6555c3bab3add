// SPDX-License-Identifier: MIT
import GRDB
import Synchronization

extension Store {
    /// How long the writer waits for readers, in milliseconds: ours read for less, and everybody else's callbacks wait
    /// meanwhile.
    private static let patience = 50

    /// Bytes that nobody should find are overwritten in the database: the log is to be emptied.
    func overwrote() {
        isLogDirty.withLock { $0 = true }
        lettingGoBell.ring()
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
}
