// SPDX-License-Identifier: MIT
import FoundationEssentials
import GRDB
import Instagram
import Vault

/// A token that came in the place of another.
struct Renewed: Sendable {
    let issuedAt: UnixTime
    let expiresAt: UnixTime
    /// nil: the answer did not say, so they are what they were.
    let scopes: [String]?
    /// When it is due itself.
    let next: UnixTime?
}

extension Store {
    /// Keeps a renewed token, if the row still is what it was renewed for.
    ///
    /// - Returns: The new generation; nil: a newer grant stands there, or none, and this token is not kept.
    func renewed(
        _ user: User, _ renewed: Renewed, now: UnixTime, seal: @escaping @Sendable (SealedField) throws -> Box
    ) async throws(StoreFailure) -> Int64? {
        guard let account = user.instagramUserID else { return nil }
        let kept: (generation: Int64, told: [Event.Kind])? = try await write { db in
            guard try Self.isCurrent(user, db) else { return nil }
            let generation = try self.nextGeneration(db)
            let box = try seal(.accessToken(user: user.id, account: account, generation: generation))
            let told = try String.fetchOne(
                db.cachedStatement(sql: "SELECT announced FROM users WHERE id = ?"), arguments: [user.id])
            try db.cachedStatement(
                sql: """
                    UPDATE users SET instagram_access_token = :box, generation = :generation, token_issued_at = :issued,
                        token_expires_at = :expires, scopes = coalesce(:scopes, scopes), state = 'connected',
                        reason = NULL, announced = 'connected', next_renewal_at = :next, renewal_failures = 0,
                        next_webhooks_at = CASE WHEN webhooks_subscribed_at IS NULL THEN :now ELSE next_webhooks_at END,
                        updated_at = :now
                    WHERE id = :id
                    """
            ).execute(
                arguments: [
                    "box": Data(box.bytes), "generation": generation, "issued": renewed.issuedAt.seconds,
                    "expires": renewed.expiresAt.seconds, "scopes": renewed.scopes?.joined(separator: ","),
                    "next": renewed.next?.seconds, "now": now.seconds, "id": user.id,
                ])
            try Self.tell(.renewed, user: user.id, account: account, now: now, db)
            if told == "connected" { return (generation, [.renewed]) }
            try Self.tell(.recovered, user: user.id, account: account, now: now, db)
            return (generation, [.renewed, .recovered])
        }
        if let kept {
            reached(kept.generation)
            told(kept.told)
        }
        return kept?.generation
    }

    /// The row is looked at again then; nothing else about it changes.
    func postpone(_ user: User, until next: UnixTime, failures: Int) async throws(StoreFailure) {
        try await write { db in
            guard try Self.isCurrent(user, db) else { return }
            try Self.postpone(user, until: next, failures: failures, db)
        }
    }

    /// The row that did not open is looked at again then, unless the keyring in force opens it by now: its key came back,
    /// and what waited for that is due already.
    ///
    /// - Returns: Whether it does not open.
    func postpone(
        unreadable user: User, until next: UnixTime, failures: Int, keys: KeyringInForce
    ) async throws(StoreFailure) -> Bool {
        try await write { db in
            // Its box may be another one by now: sealed again, with the same number.
            guard try Self.isCurrent(user, db), let row = try Self.user(user.id, db) else { return false }
            // No other keyring comes in force inside a write.
            guard (try? row.token(keys.current)) == nil else { return false }
            try Self.postpone(user, until: next, failures: failures, db)
            return true
        }
    }

    private static func postpone(_ user: User, until next: UnixTime, failures: Int, _ db: Database) throws {
        try db.cachedStatement(sql: "UPDATE users SET next_renewal_at = ?, renewal_failures = ? WHERE id = ?")
            .execute(arguments: [next.seconds, failures, user.id])
    }

    /// From here on nobody is handed the token. Its bytes stay until somebody looks again.
    func lose(_ user: User, _ loss: Loss, next: UnixTime, now: UnixTime) async throws(StoreFailure) {
        let isNew: Bool = try await write { db in
            guard try Self.isCurrent(user, db) else { return false }
            try db.cachedStatement(
                sql: """
                    UPDATE users SET state = 'reconnect_required', reason = ?, next_renewal_at = ?, renewal_failures = 0,
                        updated_at = ? WHERE id = ?
                    """
            ).execute(arguments: [loss.rawValue, next.seconds, now.seconds, user.id])
            return try Self.announce(.reconnectRequired, as: "reconnect_required", user, now: now, db)
        }
        if isNew { told([.reconnectRequired]) }
    }

    /// A token that looked dead works: the account is connected as before, and renewed later.
    func recover(_ user: User, next: UnixTime, now: UnixTime) async throws(StoreFailure) {
        let isNew: Bool = try await write { db in
            guard try Self.isCurrent(user, db) else { return false }
            try db.cachedStatement(
                sql: """
                    UPDATE users SET state = 'connected', reason = NULL, next_renewal_at = ?,
                        renewal_failures = renewal_failures + 1, next_webhooks_at = CASE WHEN webhooks_subscribed_at IS NULL THEN ? ELSE next_webhooks_at END,
                        updated_at = ? WHERE id = ?
                    """
            ).execute(arguments: [next.seconds, now.seconds, now.seconds, user.id])
            return try Self.announce(.recovered, as: "connected", user, now: now, db)
        }
        if isNew { told([.recovered]) }
    }

    /// The bytes of a token that is dead.
    func wipe(_ user: User, now: UnixTime) async throws(StoreFailure) {
        try await write { db in
            guard try Self.isCurrent(user, db) else { return }
            try db.cachedStatement(
                sql: """
                    UPDATE users SET instagram_access_token = NULL, next_renewal_at = NULL, next_webhooks_at = NULL,
                        updated_at = ? WHERE id = ? AND state = 'reconnect_required'
                    """
            ).execute(arguments: [now.seconds, user.id])
        }
    }

    /// Announces a state, once.
    static func announce(
        _ kind: Event.Kind, as state: String, _ user: User, now: UnixTime, _ db: Database
    ) throws -> Bool {
        try db.cachedStatement(sql: "UPDATE users SET announced = ? WHERE id = ? AND announced <> ?")
            .execute(arguments: [state, user.id, state])
        guard db.changesCount == 1 else { return false }
        try tell(kind, user: user.id, account: user.instagramUserID, now: now, db)
        return true
    }

    /// Whether the row still holds the grant that somebody read.
    static func isCurrent(_ user: User, _ db: Database) throws -> Bool {
        try Int64.fetchOne(
            db.cachedStatement(
                sql: "SELECT generation FROM users WHERE id = ? AND instagram_access_token NOT NULL"),
            arguments: [user.id]) == user.generation
    }
}
