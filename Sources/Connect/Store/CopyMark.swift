// SPDX-License-Identifier: MIT
import GRDB
import Glibc

/// A backup is marked as a copy. What the database has numbered since it was made is lost when the copy takes its place,
/// but those numbers are known outside: to agents as positions among events, to browsers in sessions, in journals. So the
/// first start on a copy moves its numbers beyond all that were given, and takes the mark away.
enum CopyMark {
    /// `PRAGMA user_version`, which SQLite leaves to the application and GRDB's migrations leave alone. VACUUM INTO takes
    /// it along, so a copy of a copy that nobody has started yet is marked as well.
    private static let copy = 1

    /// How far the numbers move at least, should the clock be wrong. A million accounts take some ten million numbers a
    /// year, and there is room in 64 bits for nine billion such steps.
    static let leap: Int64 = 1_000_000_000

    /// What is forgotten within the hour does not outlive it in a copy either: links, and what waits to be claimed.
    static func set(_ db: Database) throws {
        try db.execute(sql: "PRAGMA user_version = \(copy)")
        try db.execute(sql: "PRAGMA secure_delete = ON")
        var forgotten = 0
        // A copy may be of an older schema.
        for table in ["connect_links", "claims"] where try db.tableExists(table) {
            try db.execute(sql: "DELETE FROM \(table)")
            forgotten += db.changesCount
        }
        if forgotten > 0 { try db.execute(sql: "VACUUM") }
    }

    /// For a database that is brought to its schema.
    static func settle(_ pool: DatabasePool) throws {
        try pool.write { try settle($0, microseconds: microseconds()) }
    }

    /// Numbers are given one by one, never a million in a second, so the clock is ahead of all that were given after any
    /// start on any copy, and also an older copy, or the same once more, goes on after what was lost.
    ///
    /// - Parameter microseconds: Since 1970.
    static func settle(_ db: Database, microseconds: Int64) throws {
        guard try Int.fetchOne(db, sql: "PRAGMA user_version") == copy else { return }
        // Rows keep their numbers: their boxes are sealed for them. All sessions from before are over: some may have
        // been signed out since, and nothing here knows of it.
        try db.execute(
            sql: """
                UPDATE counter SET generation = max(generation + :leap, :now),
                    forgotten_sessions = max(generation + :leap, :now)
                """, arguments: ["leap": leap, "now": microseconds])
        for table in ["events", "audit"] {
            // There is no row where a table has never had one.
            try db.execute(
                sql: """
                    INSERT INTO sqlite_sequence (name, seq) SELECT :table, 0
                        WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = :table)
                    """, arguments: ["table": table])
            try db.execute(
                sql: "UPDATE sqlite_sequence SET seq = max(seq + :leap, :now) WHERE name = :table",
                arguments: ["leap": leap, "now": microseconds, "table": table])
        }
        try db.execute(sql: "PRAGMA user_version = 0")
    }

    private static func microseconds() -> Int64 {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        return Int64(now.tv_sec) * 1_000_000 + Int64(now.tv_nsec) / 1_000
    }
}
