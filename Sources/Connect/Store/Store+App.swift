// SPDX-License-Identifier: MIT
import GRDB

extension Store {
    /// What the process before this one knew about the app.
    func appHealth() async throws(StoreFailure) -> AppHealth {
        try await read { db in
            guard let row = try Row.fetchOne(db, sql: "SELECT * FROM app") else { return AppHealth() }
            var failing: (since: UnixTime, cause: String)?
            if let since = row["failing_since"] as Int64?, let cause = row["failing_as"] as String? {
                failing = (UnixTime(since), cause)
            }
            return AppHealth(
                pausedUntil: (row["paused_until"] as Int64?).map(UnixTime.init), failing: failing)
        }
    }

    /// Proves that a commit works. A number is taken and not used: SQLite writes no page for what stays as it is.
    func prove() async throws(StoreFailure) {
        try await write { db in _ = try self.nextGeneration(db) }
    }

    func keep(_ health: AppHealth, telling kind: Event.Kind?, now: UnixTime) async throws(StoreFailure) {
        try await write { db in
            try db.execute(
                sql: "UPDATE app SET paused_until = ?, failing_since = ?, failing_as = ?",
                arguments: [
                    health.pausedUntil?.seconds, health.failing?.since.seconds, health.failing?.cause,
                ])
            if let kind { try Self.tell(kind, user: nil, account: nil, now: now, db) }
        }
        if let kind { told([kind]) }
    }
}
