// SPDX-License-Identifier: MIT
import GRDB

/// The state of all accounts in a few numbers.
struct Census: Sendable {
    /// By the state that was announced last, all four of them.
    let users: [String: Int]
    /// Of the connected accounts, the one that ends first.
    let nextExpiry: UnixTime?
    /// Rows that somebody has to look at now; counted up to `Store.backlogCounted`.
    let backlog: Int
    let isAppFailing: Bool
    let appPausedUntil: UnixTime?
}

extension Store {
    static let backlogCounted = 100_000

    /// Takes as long for a million users as for ten.
    func census(now: UnixTime) async throws(StoreFailure) -> Census {
        try await read { db in
            var users: [String: Int] = [:]
            for row in try Row.fetchAll(db, sql: "SELECT state, users FROM census") {
                users[row["state"]] = row["users"]
            }
            let expiry = try Int64.fetchOne(
                db,
                sql: """
                    SELECT min(token_expires_at) FROM (
                        SELECT min(token_expires_at) AS token_expires_at FROM users
                            WHERE state = 'connected' AND announced = 'connected'
                        UNION ALL SELECT min(token_expires_at) FROM users
                            WHERE state = 'connected' AND announced = 'expiring')
                    """)
            let backlog = try Int.fetchOne(
                db,
                sql: """
                    SELECT count(*) FROM (SELECT 1 FROM users WHERE next_renewal_at <= ? LIMIT ?)
                    """, arguments: [now.seconds, Self.backlogCounted])
            let app = try Row.fetchOne(db, sql: "SELECT * FROM app")
            return Census(
                users: users, nextExpiry: expiry.map(UnixTime.init), backlog: backlog ?? 0,
                isAppFailing: app?["failing_since"] as Int64? != nil,
                appPausedUntil: (app?["paused_until"] as Int64?).map(UnixTime.init))
        }
    }
}
