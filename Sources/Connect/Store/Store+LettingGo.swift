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
    func disconnect(
        _ id: String, entry: AuditEntry, now: Moment, seals: Seals
    ) async throws(StoreFailure) -> LetGo {
        let (done, _, _): (LetGo, [Event.Kind], Int64) = try await write { db in
            let generation = try self.nextGeneration(db)
            let user = try Self.user(id, db)
            try self.mark(Self.marks(id, user), generation: generation, now: now.uptime, seals: seals, db)
            guard let user else { return (LetGo(user: nil, departure: nil), [], generation) }
            var told: [Event.Kind] = []
            let departure = try Self.depart(
                user, as: .disconnect, generation: generation, now: now.time, seals: seals, told: &told, db)
            if departure != nil {
                try Self.clear(user.id, keepsAccount: true, generation: generation, now: now.time, db)
                var entry = entry
                entry.generation = generation
                try Self.audit(entry, now: now.time, db)
            }
            return (LetGo(user: try Self.user(id, db), departure: departure), told, generation)
        } then: { done, told, generation in
            self.left(done.departure == nil ? nil : id, generation: generation, told)
        }
        return done
    }

    /// After the commit, also where nobody waits for it any more.
    ///
    /// - Parameter user: Who was let go; nil: nobody was.
    func left(_ user: String?, generation: Int64, _ told: [Event.Kind]) {
        if let user { departed.note(user, generation: generation) }
        reached(generation)
        self.told(told)
        lettingGoBell.ring()
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
                    sql: """
                        SELECT * FROM letting_go WHERE erased_at IS NULL AND webhooks IS NULL
                        ORDER BY generation LIMIT ?
                        """),
                arguments: [limit]
            ).map(Departure.init)
        }
    }

    /// One of them, and what became of its webhooks; nil: nobody has tried yet.
    func departure(_ generation: Int64) async throws(StoreFailure) -> (departure: Departure, webhooks: String?)? {
        try await read { db in
            try Row.fetchOne(
                db.cachedStatement(sql: "SELECT * FROM letting_go WHERE generation = ?"), arguments: [generation]
            ).map { (Departure($0), $0["webhooks"]) }
        }
    }

    /// Whether the account of a departure is connected again, to whomever.
    func isConnectedAgain(_ departure: Departure, seals: Seals) async throws(StoreFailure) -> Bool {
        try await read { db in try !Self.connectedAgain(departure, seals: seals, db).isEmpty }
    }

    /// Rows that have the account of a departure.
    private static func connectedAgain(_ departure: Departure, seals: Seals, _ db: Database) throws -> [String] {
        guard departure.cause == .delete else {
            return try String.fetchAll(
                db.cachedStatement(
                    sql: "SELECT id FROM users WHERE instagram_user_id = ? AND state <> 'not_connected'"),
                arguments: [departure.account])
        }
        // Nobody knows its name any more: only those come into question that got a token since.
        guard let mark = departure.accountMark else { return [] }
        let keyring = seals.keys.current
        return try keyring.ids.flatMap { key in
            let rows = try Row.fetchAll(
                db.cachedStatement(
                    sql: """
                        SELECT id, instagram_user_id FROM users WHERE \(Schema.keyID) = ?
                            AND instagram_access_token NOT NULL AND generation > ?
                        """), arguments: [key.description, departure.generation])
            return rows.filter { row in
                let account: String? = row["instagram_user_id"]
                return account.map { keyring.marks(of: "account " + $0).contains(mark) } ?? false
            }.map { $0["id"] as String }
        }
    }

    /// Overwrites the token, and keeps what became of the subscription.
    ///
    /// - Parameter wasTried: Instagram may have taken it back, whatever it said: who connected the account meanwhile is
    ///   subscribed again.
    func finish(
        _ departure: Departure, _ webhooks: WebhooksLetGo, wasTried: Bool, seals: Seals, now: UnixTime
    ) async throws(StoreFailure) {
        try await write { db in
            try db.cachedStatement(sql: "UPDATE letting_go SET box = NULL, webhooks = ? WHERE generation = ?")
                .execute(arguments: [webhooks.rawValue, departure.generation])
            try db.cachedStatement(sql: "UPDATE users SET webhooks_let_go = ? WHERE id = ? AND generation = ?")
                .execute(arguments: [webhooks.rawValue, departure.user, departure.generation])
            guard wasTried else { return }
            for user in try Self.connectedAgain(departure, seals: seals, db) {
                try Self.subscribeAgain(user, now: now, db)
            }
        } then: { _ in
            self.overwrote()
        }
    }

    /// The subscription of whoever has this account may be gone.
    func subscribeAgain(account: String, now: UnixTime) async throws(StoreFailure) {
        try await write { db in
            let user = try String.fetchOne(
                db, sql: "SELECT id FROM users WHERE instagram_user_id = ?", arguments: [account])
            if let user { try Self.subscribeAgain(user, now: now, db) }
        }
    }

    private static func subscribeAgain(_ user: String, now: UnixTime, _ db: Database) throws {
        try db.execute(
            sql: """
                UPDATE users SET next_webhooks_at = ?, webhooks_subscribed_at = NULL
                WHERE id = ? AND state = 'connected'
                """, arguments: [now.seconds, user])
    }
}
