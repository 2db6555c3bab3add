// SPDX-License-Identifier: MIT
import GRDB
import Instagram

/// Whose row a connection goes to. Decided inside the transaction that keeps it.
enum Owner: Sendable {
    /// The user *is* the account: the row that has it, or a new one under this name.
    case account(newUser: String)
    /// This user and nobody else (identity `remote-user`): one user, one account.
    case user(String, switchesAccount: Bool)

    /// Whether who connects is signed in by that.
    var isSignedIn: Bool {
        if case .account = self { true } else { false }
    }

    /// The user whose row takes the account. Frees the account from a user who is not connected any more.
    ///
    /// - Parameter told: Gets the events that this makes.
    func take(
        _ account: String, now: UnixTime, generation: Int64, told: inout [Event.Kind], _ db: Database
    ) throws -> Result<String, ErrorCode> {
        let holder = try Row.fetchOne(
            db.cachedStatement(sql: "SELECT id, state, token_expires_at FROM users WHERE instagram_user_id = ?"),
            arguments: [account])
        switch self {
        case .account(let newUser):
            return .success(holder?["id"] ?? newUser)
        case .user(let user, let switchesAccount):
            let other = try String.fetchOne(
                db,
                sql: """
                    SELECT instagram_user_id FROM users
                    WHERE id = ? AND instagram_user_id <> ? AND state <> 'not_connected'
                    """, arguments: [user, account])
            if other != nil, !switchesAccount { return .failure(.accountMismatch) }
            if let holder, !(holder["id"] as String).utf8.elementsEqual(user.utf8) {
                let isAlive =
                    holder["state"] == "connected" && (holder["token_expires_at"] as Int64? ?? 0) > now.seconds
                if isAlive { return .failure(.accountInUse) }
                if try Self.letGo(holder["id"], now: now, generation: generation, db) { told.append(.disconnected) }
            }
            return .success(user)
        }
    }

    /// The row stays, for its name and its numbers; nothing of the account is left in it.
    ///
    /// - Returns: Whether somebody hears of it.
    private static func letGo(_ user: String, now: UnixTime, generation: Int64, _ db: Database) throws -> Bool {
        let account = try String.fetchOne(
            db, sql: "SELECT instagram_user_id FROM users WHERE id = ? AND announced <> 'not_connected'",
            arguments: [user])
        if let account { try Store.tell(.disconnected, user: user, account: account, now: now, db) }
        try db.execute(
            sql: """
                UPDATE users SET instagram_user_id = NULL, instagram_app_scoped_id = NULL, instagram_username = NULL,
                    instagram_name = NULL, instagram_account_type = NULL, instagram_access_token = NULL,
                    token_issued_at = NULL, token_expires_at = NULL, scopes = NULL, state = 'not_connected',
                    announced = 'not_connected', reason = NULL, webhooks_subscribed_at = NULL, webhooks_error = NULL,
                    next_renewal_at = NULL, renewal_failures = 0, next_webhooks_at = NULL, webhooks_failures = 0,
                    webhooks_told = 0, connected_at = NULL, generation = :generation, session_epoch = :generation,
                    updated_at = :now
                WHERE id = :id
                """, arguments: ["id": user, "generation": generation, "now": now.seconds])
        return account != nil
    }
}
