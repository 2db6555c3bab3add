// SPDX-License-Identifier: MIT
import FoundationEssentials
import GRDB
import Instagram
import Vault

/// A connection that Instagram granted, ready to be kept. The token is not in here: the store sees it sealed only.
struct Connection: Sendable {
    let profile: Profile
    let scopes: [String]?
    let tokenIssuedAt: UnixTime
    let tokenExpiresAt: UnixTime
    /// When the token is due; nil: never.
    let nextRenewalAt: UnixTime?

    /// What a letting go of it would name.
    func marks(of user: String) -> [LetGoMark] {
        [.user(user), .account(profile.accountID.digits)] + (profile.appScopedID.map { [.account($0.digits)] } ?? [])
    }
}

/// Who brings a connection.
enum ConnectionSource: Sendable {
    case visitor
    /// An agent, by name, with a token that somebody kept before. What was granted here meanwhile is newer than that.
    case agent(String)
}

extension AuditEntry {
    fileprivate init(from source: ConnectionSource, requestID: String?) {
        switch source {
        case .visitor: self.init(action: .connect, requestID: requestID)
        case .agent(let name): self.init(action: .imported, agent: name, requestID: requestID)
        }
    }
}

/// What became of a connection that was to be kept.
enum Kept: Sendable, Equatable {
    case connected(user: String, generation: Int64)
    /// Nothing was stored but the end of the flow.
    case refused(ErrorCode)
}

/// A connection that is to be given to its owner.
struct Taking: Sendable {
    let connection: Connection
    /// The counter when its flow began: who was let go after that is not connected again by it.
    let began: Int64
    let owner: Owner
    /// When it was granted, where that is not now: what Meta or the user decided since counts more.
    let grantedAt: UnixTime?
    /// For the audit; whom it concerns is filled in.
    let entry: AuditEntry

    init(_ connection: Connection, began: Int64, owner: Owner, grantedAt: UnixTime? = nil, entry: AuditEntry) {
        self.connection = connection
        self.began = began
        self.owner = owner
        self.grantedAt = grantedAt
        self.entry = entry
    }
}

/// What a transaction did with a connection, and what has to be told after its commit.
struct Taken: Sendable {
    let kept: Kept
    var told: [Event.Kind] = []
    var letGo: [User] = []

    init(_ kept: Kept, told: [Event.Kind] = [], letGo: [User] = []) {
        self.kept = kept
        self.told = told
        self.letGo = letGo
    }
}

extension Store {
    /// Keeps a connection, in one transaction with the end of its flow: the account's row, the sealed token, a new
    /// generation.
    ///
    /// - Parameters:
    ///   - began: The counter when the flow began: who was let go after that is not connected again by it.
    ///   - requestID: Of the callback or the import, for the audit.
    ///   - seal: Seals the token for the row and generation that the transaction chose.
    func connect(
        _ connection: Connection, flow: FlowID, began: Int64, for owner: Owner,
        from source: ConnectionSource = .visitor,
        requestID: String? = nil, now moment: Moment,
        seals: Seals, seal: @escaping @Sendable (SealedField) throws -> Box
    ) async throws(StoreFailure) -> Kept {
        let done = try await write { db in
            let account = connection.profile.accountID.digits
            if case .agent = source, try owner.hasGrant(newerThan: began, of: account, db) {
                try Self.end(flow, as: .interrupted, db)
                return Taken(.refused(.interrupted))
            }
            let taking = Taking(
                connection, began: began, owner: owner, entry: AuditEntry(from: source, requestID: requestID))
            let done = try self.take(taking, now: moment, seals: seals, seal: seal, db)
            switch done.kept {
            case .refused(let error): try Self.end(flow, as: error, db)
            case .connected(let user, let generation):
                try db.cachedStatement(
                    sql: """
                        UPDATE flows SET phase = 'done', outcome = 'connected', user = ?, generation = ?
                        WHERE id = ? AND phase = 'sent'
                        """
                ).execute(arguments: [user, generation, flow.data])
                guard db.changesCount == 1 else { throw StoreFailure.unreadable }
            }
            return done
        } then: { done in
            self.took(done)
        }
        return done.kept
    }

    /// After the commit, also where nobody waits for it any more.
    func took(_ done: Taken) {
        guard case .connected(_, let generation) = done.kept else { return }
        reached(generation)
        for other in done.letGo { left(other.id, generation: generation, []) }
        told(done.told)
    }

    /// Gives a connection to its owner, inside a transaction; a refusal changes nothing.
    func take(
        _ taking: Taking, now moment: Moment, seals: Seals, seal: (SealedField) throws -> Box, _ db: Database
    ) throws -> Taken {
        let connection = taking.connection
        let account = connection.profile.accountID.digits
        let appScoped = connection.profile.appScopedID?.digits
        let now = moment.time
        var letGo: [User] = []
        let user: String
        switch try taking.owner.take(account, now: now, letGo: &letGo, db) {
        case .success(let taken): user = taken
        case .failure(let error): return Taken(.refused(error))
        }
        if try Self.wasLetGo(connection.marks(of: user), after: taking.began, seals: seals, db) {
            return Taken(.refused(.interrupted))
        }
        var told: [Event.Kind] = []
        for other in letGo {
            // Each has a number of its own; the connection's is higher than all of them.
            let generation = try self.nextGeneration(db)
            // Not the user, who goes on with another account.
            let accounts = [other.instagramUserID, other.instagramAppScopedID].compactMap(\.self)
            try mark(
                accounts.filter { $0 != account && $0 != appScoped }.map(LetGoMark.account),
                generation: generation, now: moment.uptime, seals: seals, db)
            _ = try Self.depart(
                other, as: .switched, generation: generation, now: now, seals: seals, told: &told, db)
            try Self.clear(other.id, keepsAccount: false, generation: generation, now: now, db)
        }
        let generation = try self.nextGeneration(db)
        let box = try seal(.accessToken(user: user, account: account, generation: generation))
        // Instagram says now whom this id belongs to; a row that held it before holds something outdated.
        try db.cachedStatement(
            sql: """
                UPDATE users SET instagram_app_scoped_id = NULL WHERE instagram_app_scoped_id = ? AND id <> ?
                """
        ).execute(arguments: [appScoped, user])
        try db.cachedStatement(
            sql: """
                INSERT INTO users (id, instagram_user_id, instagram_app_scoped_id, instagram_username,
                    instagram_name, instagram_account_type, instagram_access_token, generation, session_epoch,
                    token_issued_at, token_expires_at, scopes, state, announced, next_renewal_at, next_webhooks_at,
                    connected_at, updated_at)
                VALUES (:id, :account, :appScoped, :username, :name, :type, :box, :generation, 0,
                    :issued, :expires, :scopes, 'connected', 'connected', :due, :now, :connected, :now)
                ON CONFLICT (id) DO UPDATE SET
                    instagram_app_scoped_id = CASE instagram_user_id WHEN excluded.instagram_user_id
                        THEN coalesce(excluded.instagram_app_scoped_id, instagram_app_scoped_id)
                        ELSE excluded.instagram_app_scoped_id END,
                    instagram_user_id = excluded.instagram_user_id,
                    instagram_username = excluded.instagram_username, instagram_name = excluded.instagram_name,
                    instagram_account_type = excluded.instagram_account_type,
                    instagram_access_token = excluded.instagram_access_token, generation = excluded.generation,
                    token_issued_at = excluded.token_issued_at, token_expires_at = excluded.token_expires_at,
                    scopes = excluded.scopes, state = 'connected', reason = NULL, announced = 'connected',
                    next_renewal_at = excluded.next_renewal_at, renewal_failures = 0,
                    webhooks_subscribed_at = NULL, webhooks_error = NULL, webhooks_let_go = NULL,
                    next_webhooks_at = excluded.next_webhooks_at, webhooks_failures = 0, webhooks_told = 0,
                    connected_at = excluded.connected_at, updated_at = excluded.updated_at
                """
        ).execute(
            arguments: [
                "id": user, "account": account, "appScoped": appScoped, "username": connection.profile.username,
                "name": connection.profile.name, "type": connection.profile.accountType, "box": Data(box.bytes),
                "generation": generation, "issued": connection.tokenIssuedAt.seconds,
                "expires": connection.tokenExpiresAt.seconds, "scopes": connection.scopes?.joined(separator: ","),
                "due": connection.nextRenewalAt?.seconds, "now": now.seconds,
                "connected": min(now, taking.grantedAt ?? now).seconds,
            ])
        try Self.tell(.connected, user: user, account: account, now: now, db)
        var entry = taking.entry
        entry.user = user
        entry.generation = generation
        try Self.audit(entry, now: now, db)
        if taking.owner.isSignedIn {
            entry.action = .signIn
            try Self.audit(entry, now: now, db)
        }
        return Taken(.connected(user: user, generation: generation), told: told + [.connected], letGo: letGo)
    }
}

extension SealedField {
    static func accessToken(user: String, account: String, generation: Int64) -> SealedField {
        SealedField(
            table: "users", column: "instagram_access_token", user: user, instagramUserID: account,
            generation: generation)
    }
}
