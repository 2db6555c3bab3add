// SPDX-License-Identifier: MIT
import FoundationEssentials
import GRDB
import Instagram
import Vault

/// What a letting go did: the commit after which nobody is handed the token.
struct LetGo: Sendable {
    /// The row as it is now; nil: there is none.
    let user: User?
    /// What is left to do; nil: nothing was connected.
    let departure: Departure?
}

extension Store {
    /// Lets the account of a user go. Marks them in any case: a flow that began before does not commit.
    ///
    /// - Parameter entry: For the audit, if something was connected.
    func letGo(
        _ id: String, as cause: Departure.Cause, entry: AuditEntry, now: Moment, seals: Seals
    ) async throws(StoreFailure) -> LetGo {
        let (done, told, generation): (LetGo, [Event.Kind], Int64) = try await write { db in
            let generation = try self.nextGeneration(db)
            let user = try Self.user(id, db)
            try Self.mark(Self.marks(id, user), generation: generation, now: now.uptime, seals: seals, db)
            guard let user else { return (LetGo(user: nil, departure: nil), [], generation) }
            var told: [Event.Kind] = []
            let departure = try Self.depart(
                user, as: cause, generation: generation, now: now.time, seals: seals, told: &told, db)
            if departure != nil {
                try Self.clear(user.id, keepsAccount: true, generation: generation, now: now.time, db)
                var entry = entry
                entry.generation = generation
                try Self.audit(entry, now: now.time, db)
            }
            return (LetGo(user: try Self.user(id, db), departure: departure), told, generation)
        }
        if done.departure != nil { departed.note(id, generation: generation) }
        reached(generation)
        self.told(told)
        return done
    }

    static func user(_ id: String, _ db: Database) throws -> User? {
        try Row.fetchOne(db.cachedStatement(sql: "SELECT * FROM users WHERE id = ?"), arguments: [id]).map(User.init)
    }

    static func marks(_ id: String, _ user: User?) -> [LetGoMark] {
        [.user(id)] + [user?.instagramUserID, user?.instagramAppScopedID].compactMap { $0.map(LetGoMark.account) }
    }

    /// Moves the token of a connected user to where only its letting go finds it. The row is the caller's to clear, or
    /// to fill with another account, in the same transaction.
    static func depart(
        _ user: User, as cause: Departure.Cause, generation: Int64, now: UnixTime, seals: Seals,
        told: inout [Event.Kind], _ db: Database
    ) throws -> Departure? {
        guard user.state != StatusObject.State.notConnected.rawValue, let account = user.instagramUserID else {
            return nil
        }
        let box = seals.move(user, to: .lettingGo(user: user.id, account: account, generation: generation))
        try db.cachedStatement(
            sql: """
                INSERT INTO letting_go (generation, at, user, instagram_user_id, instagram_app_scoped_id, cause, box)
                VALUES (?, ?, ?, ?, ?, ?, ?)
                """
        ).execute(
            arguments: [
                generation, now.seconds, user.id, account, user.instagramAppScopedID, cause.rawValue,
                box.map { Data($0.bytes) },
            ])
        try tell(.disconnected, user: user.id, account: account, now: now, db)
        told.append(.disconnected)
        return Departure(generation: generation, user: user.id, account: account, cause: cause, box: box)
    }

    /// Nothing of the account is left in the row, and every session of the user has ended.
    ///
    /// - Parameter keepsAccount: Its ids stay, so that the same account finds its user again, and a deletion both; false
    ///   where another user takes it.
    static func clear(_ id: String, keepsAccount: Bool, generation: Int64, now: UnixTime, _ db: Database) throws {
        let ids = keepsAccount ? "" : "instagram_user_id = NULL, instagram_app_scoped_id = NULL,"
        try db.cachedStatement(
            sql: """
                UPDATE users SET \(ids) instagram_username = NULL, instagram_name = NULL, instagram_account_type = NULL,
                    instagram_access_token = NULL, token_issued_at = NULL, token_expires_at = NULL, scopes = NULL,
                    state = 'not_connected', announced = 'not_connected', reason = NULL, webhooks_subscribed_at = NULL,
                    webhooks_error = NULL, webhooks_let_go = NULL, next_renewal_at = NULL, renewal_failures = 0,
                    next_webhooks_at = NULL, webhooks_failures = 0, webhooks_told = 0, connected_at = NULL,
                    generation = :generation, session_epoch = :generation, updated_at = :now
                WHERE id = :id
                """
        ).execute(arguments: ["id": id, "generation": generation, "now": now.seconds])
    }

    // MARK: What is left to do

    /// Accounts whose letting go was begun, the oldest first; also by a process that is gone.
    func departures(limit: Int) async throws(StoreFailure) -> [Departure] {
        try await read { db in
            try Row.fetchAll(
                db.cachedStatement(
                    sql: "SELECT * FROM letting_go WHERE webhooks IS NULL ORDER BY generation LIMIT ?"),
                arguments: [limit]
            ).map(Departure.init)
        }
    }

    /// One that is not finished.
    func departure(_ generation: Int64) async throws(StoreFailure) -> Departure? {
        try await read { db in
            try Row.fetchOne(
                db.cachedStatement(sql: "SELECT * FROM letting_go WHERE generation = ? AND webhooks IS NULL"),
                arguments: [generation]
            ).map(Departure.init)
        }
    }

    /// Whether an account is connected, to whomever.
    func isConnected(account: String) async throws(StoreFailure) -> Bool {
        try await read { db in
            try Bool.fetchOne(
                db.cachedStatement(
                    sql: "SELECT EXISTS (SELECT 1 FROM users WHERE instagram_user_id = ? AND state <> 'not_connected')"),
                arguments: [account]) ?? false
        }
    }

    /// Overwrites the token, and keeps what became of the subscription. Who connected the account meanwhile is subscribed
    /// again: what was taken back may have been theirs.
    ///
    /// - Parameter account: nil: nobody knows any more whose it was, so all who connected since are.
    func finish(
        _ departure: Departure, _ webhooks: WebhooksLetGo, of account: String?, now: UnixTime
    ) async throws(StoreFailure) {
        try await write { db in
            try db.cachedStatement(sql: "UPDATE letting_go SET box = NULL, webhooks = ? WHERE generation = ?")
                .execute(arguments: [webhooks.rawValue, departure.generation])
            try db.cachedStatement(sql: "UPDATE users SET webhooks_let_go = ? WHERE id = ? AND generation = ?")
                .execute(arguments: [webhooks.rawValue, departure.user, departure.generation])
            guard webhooks == .unsubscribed else { return }
            try db.cachedStatement(
                sql: """
                    UPDATE users SET next_webhooks_at = ?, webhooks_subscribed_at = NULL
                    WHERE instagram_user_id = ? AND state = 'connected'
                    """
            ).execute(arguments: [now.seconds, account])
            guard account == nil else { return }
            try db.execute(
                sql: """
                    UPDATE users SET next_webhooks_at = ?, webhooks_subscribed_at = NULL
                    WHERE state = 'connected' AND generation > ?
                        AND connected_at >= (SELECT at FROM letting_go WHERE generation = ?)
                    """, arguments: [now.seconds, departure.generation, departure.generation])
        }
    }
}
