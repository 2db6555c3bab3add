// SPDX-License-Identifier: MIT
import GRDB

extension Store {
    /// Seconds that events and the audit are kept.
    static let (eventsKept, auditKept): (Int64, Int64) = (30 * 86_400, 400 * 86_400)

    /// Forgets events and entries that are too old, some at a time.
    ///
    /// - Returns: Whether there are more.
    func forget(now: UnixTime) async throws(StoreFailure) -> Bool {
        let atOnce = 1_000
        let (events, entries) = (now.seconds - Self.eventsKept, now.seconds - Self.auditKept)
        let isNeeded = try await read { db in
            try Bool.fetchOne(
                db.cachedStatement(
                    sql:
                        "SELECT EXISTS (SELECT 1 FROM events WHERE at < ?) OR EXISTS (SELECT 1 FROM audit WHERE at < ?)"
                ),
                arguments: [events, entries]) ?? false
        }
        if !isNeeded { return false }
        return try await write { db in
            // With all before them: who reads events by number misses none in between, whatever the clock was.
            try db.cachedStatement(
                sql: """
                    DELETE FROM events WHERE seq IN (SELECT seq FROM events
                        WHERE seq <= (SELECT max(seq) FROM events WHERE at < ?) ORDER BY seq LIMIT ?)
                    """
            ).execute(arguments: [events, atOnce])
            var forgotten = db.changesCount
            try db.cachedStatement(
                sql: "DELETE FROM audit WHERE id IN (SELECT id FROM audit WHERE at < ? ORDER BY at LIMIT ?)"
            ).execute(arguments: [entries, atOnce])
            forgotten += db.changesCount
            return forgotten >= atOnce
        }
    }
}
