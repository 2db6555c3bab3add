// SPDX-License-Identifier: MIT
import GRDB
import Vault

extension Store {
    /// Rows whose time has come, the ones that ended first in front.
    func due(at now: UnixTime, limit: Int) async throws(StoreFailure) -> [User] {
        try await due("next_renewal_at", now, limit)
    }

    /// Rows whose account has to be subscribed to webhooks.
    func dueForWebhooks(at now: UnixTime, limit: Int) async throws(StoreFailure) -> [User] {
        try await due("next_webhooks_at", now, limit)
    }

    private func due(_ column: StaticString, _ now: UnixTime, _ limit: Int) async throws(StoreFailure) -> [User] {
        try await read { db in
            try Row.fetchAll(
                db.cachedStatement(
                    sql: """
                        SELECT * FROM users WHERE \(column) <= ? AND instagram_access_token NOT NULL
                        ORDER BY \(column) LIMIT ?
                        """), arguments: [now.seconds, limit]
            ).map(User.init)
        }
    }

    /// When the next row is due for anything, or comes close to its end; nil: never.
    func nextDue(webhooks: Bool, expiringBelow: Int64) async throws(StoreFailure) -> UnixTime? {
        try await read { db in
            let columns = webhooks ? ["next_renewal_at", "next_webhooks_at"] : ["next_renewal_at"]
            var times = try columns.compactMap { column in
                try Int64.fetchOne(
                    db.cachedStatement(
                        sql: """
                            SELECT \(column) FROM users WHERE \(column) NOT NULL AND instagram_access_token NOT NULL
                            ORDER BY \(column) LIMIT 1
                            """))
            }
            for (announced, before) in [("connected", expiringBelow), ("expiring", 0)] {
                let end = try Int64.fetchOne(
                    db.cachedStatement(
                        sql: "SELECT min(token_expires_at) FROM users WHERE state = 'connected' AND announced = ?"),
                    arguments: [announced])
                // A second later it is less than that.
                if let end { times.append(end - before + 1) }
            }
            return times.min().map(UnixTime.init)
        }
    }

    /// Accounts that are connected, other than this one: to find out whether the app is alive.
    ///
    /// - Parameter keys: Those that open tokens.
    /// - Returns: The newest, and whether no other row holds a token at all.
    func witnesses(
        for user: User, keys: [KeyID], limit: Int
    ) async throws(StoreFailure) -> (users: [User], isAlone: Bool) {
        try await read { db in
            let users = try keys.flatMap { key in
                try Row.fetchAll(
                    db.cachedStatement(
                        sql: """
                            SELECT * FROM users WHERE \(Schema.keyID) = ? AND instagram_access_token NOT NULL
                                AND state = 'connected' AND id <> ?
                            ORDER BY generation DESC LIMIT ?
                            """), arguments: [key.description, user.id, limit]
                ).map(User.init)
            }
            let newest = users.sorted { $0.generation > $1.generation }.prefix(limit)
            let others = try Bool.fetchOne(
                db,
                sql: "SELECT EXISTS (SELECT 1 FROM users WHERE instagram_access_token NOT NULL AND id <> ?)",
                arguments: [user.id])
            return (Array(newest), !(others ?? false))
        }
    }
}
