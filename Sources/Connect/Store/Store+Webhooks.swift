// SPDX-License-Identifier: MIT
import GRDB

extension Store {
    /// Where the fields are others than those that accounts were subscribed to, all of them are subscribed again.
    func wantWebhooks(_ fields: [String], now: UnixTime) async throws(StoreFailure) {
        let wanted = fields.sorted().joined(separator: ",")
        let known = try await read { db in try String.fetchOne(db, sql: "SELECT webhook_fields FROM app") }
        if known == wanted { return }
        // In steps, so that nobody waits for a million rows.
        var last: String? = known == nil ? nil : ""
        while let from = last {
            last = try await write { db in
                let ids = try String.fetchAll(
                    db, sql: "SELECT id FROM users WHERE id > ? ORDER BY id LIMIT 1000", arguments: [from])
                for id in ids {
                    try db.cachedStatement(
                        sql: "UPDATE users SET next_webhooks_at = ? WHERE id = ? AND webhooks_subscribed_at NOT NULL"
                    ).execute(arguments: [now.seconds, id])
                }
                return ids.last
            }
        }
        try await write { db in
            try db.execute(sql: "UPDATE app SET webhook_fields = ?", arguments: [wanted])
        }
    }

    /// Where somebody wants it to be done anew meanwhile, that stays so.
    ///
    /// - Returns: false: another grant is there now, or none.
    func subscribed(_ user: User, now: UnixTime) async throws(StoreFailure) -> Bool {
        try await write { db in
            guard try Self.isCurrent(user, db) else { return false }
            try db.cachedStatement(
                sql: """
                    UPDATE users SET webhooks_subscribed_at = ?, webhooks_error = NULL, next_webhooks_at = NULL,
                        webhooks_failures = 0, webhooks_told = 0, updated_at = ? WHERE id = ? AND next_webhooks_at IS ?
                    """
            ).execute(
                arguments: [now.seconds, now.seconds, user.id, user.nextWebhooksAt?.seconds])
            return true
        }
    }

    /// - Parameters:
    ///   - error: What the status shows.
    ///   - next: When to try again; nil: there is nothing to try.
    ///   - tells: Whether somebody should hear of it now.
    func notSubscribed(
        _ user: User, error: String?, next: UnixTime?, tells: Bool, now: UnixTime
    ) async throws(StoreFailure) {
        let isTold: Bool = try await write { db in
            guard try Self.isCurrent(user, db) else { return false }
            try db.cachedStatement(
                sql: """
                    UPDATE users SET webhooks_error = ?, next_webhooks_at = ?,
                        webhooks_failures = webhooks_failures + 1, webhooks_told = max(webhooks_told, ?), updated_at = ?
                    WHERE id = ?
                    """
            ).execute(arguments: [error, next?.seconds, tells, now.seconds, user.id])
            guard tells else { return false }
            try Self.tell(.webhooksFailed, user: user.id, account: user.instagramUserID, now: now, db)
            return true
        }
        if isTold { told([.webhooksFailed]) }
    }
}
