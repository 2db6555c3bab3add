// SPDX-License-Identifier: MIT
import GRDB
import Instagram

/// What is known of an import before anybody is asked.
enum KnownImport: Sendable, Equatable {
    /// Nothing, or that it did not succeed: it is begun, once more where it was begun before.
    case nothing
    /// It succeeded a moment ago.
    case connected
    /// The same, and the account was let go after it: who asks again late does not bring it back.
    case letGo
}

/// What rows say against an import, before its token is renewed.
enum ImportObjection: Sendable, Equatable {
    case refused(ErrorCode)
    /// The account is known here by another app-scoped id: to another app it is another number.
    case otherApp
}

extension Store {
    func known(import id: FlowID, now: Uptime) async throws(StoreFailure) -> KnownImport {
        try await read { db in
            let row = try Row.fetchOne(
                db.cachedStatement(
                    sql: """
                        SELECT user, generation FROM flows WHERE id = ? AND phase = 'done' AND outcome = 'connected'
                            AND forget_at_uptime BETWEEN ? AND ?
                        """), arguments: [id.data, now.bits, now.boot.upperBound])
            guard let row, let name = row["user"] as String?, let generation = row["generation"] as Int64? else {
                return .nothing
            }
            guard let user = try Self.user(name, db), user.isConnected, user.generation >= generation else {
                return .letGo
            }
            return .connected
        }
    }

    /// nil: nothing. Asked again in the transaction that keeps the connection, which decides.
    func objection(
        to profile: Profile, for owner: Owner, now: UnixTime
    ) async throws(StoreFailure) -> ImportObjection? {
        let account = profile.accountID.digits
        return try await read { db in
            let holder = try Row.fetchOne(
                db.cachedStatement(sql: "SELECT * FROM users WHERE instagram_user_id = ?"), arguments: [account]
            ).map(User.init)
            if let holder, holder.isConnected, let known = holder.instagramAppScopedID,
                let shown = profile.appScopedID?.digits, known != shown
            {
                return .otherApp
            }
            var letGo: [User] = []
            if case .failure(let error) = try owner.take(account, now: now, letGo: &letGo, db) {
                return .refused(error)
            }
            return nil
        }
    }

    /// Committed before the token is renewed, so that storage is known to work then. Whatever was there is begun anew: a
    /// token may be renewed again.
    func markSent(import id: FlowID, now: Uptime) async throws(StoreFailure) {
        try await write { db in
            try Self.forgetFlows(now: now, db)
            try db.cachedStatement(
                sql: """
                    INSERT INTO flows (id, phase, decision_hash, forget_at_uptime) VALUES (?, 'sent', x'', ?)
                    ON CONFLICT (id) DO UPDATE SET phase = 'sent', outcome = NULL, user = NULL, generation = NULL,
                        retry_at_uptime = NULL, forget_at_uptime = excluded.forget_at_uptime
                    """
            ).execute(arguments: [id.data, (now + Self.remembered).bits])
        }
    }
}
