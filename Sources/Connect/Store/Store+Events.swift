// SPDX-License-Identifier: MIT
import GRDB

/// Events from some point on.
struct EventPage: Sendable {
    let events: [Event]
    /// The number to go on after.
    let next: Int64
}

extension Store {
    /// Adds an event to the transaction that makes it true.
    static func tell(_ kind: Event.Kind, user: String?, account: String?, now: UnixTime, _ db: Database) throws {
        try db.cachedStatement(sql: "INSERT INTO events (at, user, instagram_user_id, type) VALUES (?, ?, ?, ?)")
            .execute(arguments: [now.seconds, user, account, kind.rawValue])
    }

    /// Events after a number, oldest first; nil: some of them are forgotten, or the number was never given. Numbers follow
    /// each other; where some are left out, a backup has taken the database's place, and what an agent heard meanwhile is
    /// no longer so.
    ///
    /// - Parameter number: nil for all that are kept.
    func events(after number: Int64?, limit: Int) async throws(StoreFailure) -> EventPage? {
        try await read { db in
            let last = try Int64.fetchOne(db, sql: "SELECT seq FROM sqlite_sequence WHERE name = 'events'") ?? 0
            let number = try number ?? Int64.fetchOne(db, sql: "SELECT min(seq) - 1 FROM events") ?? last
            let rows = try Row.fetchAll(
                db.cachedStatement(sql: "SELECT * FROM events WHERE seq > ? ORDER BY seq LIMIT ?"),
                arguments: [number, limit])
            guard number == rows.first.map({ $0["seq"] - 1 }) ?? last else { return nil }
            let events = rows.map { row in
                Event(
                    sequence: row["seq"], at: UnixTime(row["at"]), user: row["user"],
                    instagramUserID: row["instagram_user_id"], type: row["type"])
            }
            return EventPage(events: events, next: events.last?.sequence ?? number)
        }
    }

    /// The number of the newest event.
    func lastEvent() async throws(StoreFailure) -> Int64 {
        try await read { db in
            try Int64.fetchOne(db, sql: "SELECT seq FROM sqlite_sequence WHERE name = 'events'") ?? 0
        }
    }

    /// After a commit with events in it: who waits for them is woken.
    func told(_ kinds: [Event.Kind]) {
        guard !kinds.isEmpty else { return }
        for kind in kinds { metrics.count(kind) }
        eventBell.ring()
    }
}
