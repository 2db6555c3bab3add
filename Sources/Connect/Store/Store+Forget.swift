// SPDX-License-Identifier: MIT
import GRDB

extension Store {
    /// Seconds that events and the audit are kept.
    static let (eventsKept, auditKept): (Int64, Int64) = (30 * 86_400, 400 * 86_400)

    /// Forgets events, entries and accounts that were let go, and copies of older schemas, all of them too old, some at a time.
    ///
    /// - Returns: Whether there are more.
    func forget(now: UnixTime) async throws(StoreFailure) -> Bool {
        let atOnce = 1_000
        SchemaCopies(database: pool.path).forget(now: now)
        let (events, entries) = (now.seconds - Self.eventsKept, now.seconds - Self.auditKept)
        // Old rows have low numbers, so they go from the front, up to the first that is young. One that a clock wrote which
        // was ahead keeps what is behind it until it is old itself.
        let isNeeded = try await read { db in
            try Bool.fetchOne(
                db.cachedStatement(
                    sql: """
                        SELECT EXISTS (SELECT 1 FROM (SELECT at FROM events ORDER BY seq LIMIT 1) WHERE at < ?)
                            OR EXISTS (SELECT 1 FROM (SELECT at FROM audit ORDER BY id LIMIT 1) WHERE at < ?)
                            OR EXISTS (SELECT 1 FROM (SELECT at FROM letting_go ORDER BY generation LIMIT 1)
                                WHERE at < ?)
                        """), arguments: [events, entries, entries]) ?? false
        }
        if !isNeeded { return false }
        return try await write { db in
            var forgotten = 0
            for (table, number, oldest) in [
                ("events", "seq", events), ("audit", "id", entries), ("letting_go", "generation", entries),
            ] {
                try db.cachedStatement(
                    sql: """
                        WITH front AS (SELECT \(number), at FROM \(table) ORDER BY \(number) LIMIT :atOnce)
                        DELETE FROM \(table) WHERE \(number) < coalesce(
                            (SELECT min(\(number)) FROM front WHERE at >= :oldest),
                            (SELECT max(\(number)) + 1 FROM front))
                        """
                ).execute(arguments: ["atOnce": atOnce, "oldest": oldest])
                forgotten = max(forgotten, db.changesCount)
            }
            return forgotten == atOnce
        }
    }
}
