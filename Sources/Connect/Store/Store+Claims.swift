// SPDX-License-Identifier: MIT
import FoundationEssentials
import GRDB
import Instagram
import Synchronization
import Vault

/// A connection that was made by a link and waits for its claim.
struct Unclaimed: Sendable {
    let connection: Connection
    let agent: String
    let user: String
    let switchesAccount: Bool
    /// The counter when its flow began.
    let began: Int64
}

extension Store {
    /// Keeps what a link's flow connected until it is claimed, in one transaction with the end of the flow. What the same
    /// agent left unclaimed for the same user before goes. What could not be claimed now is refused now.
    ///
    /// - Parameters:
    ///   - id: SHA-256 of the claim.
    ///   - seal: Seals the token for the row.
    func keep(
        _ unclaimed: Unclaimed, claimedBy id: [UInt8], flow: FlowID, now: Moment, seals: Seals,
        seal: @escaping @Sendable (SealedField) throws -> Box
    ) async throws(StoreFailure) -> ErrorCode? {
        try await write { db in
            let connection = unclaimed.connection
            let account = connection.profile.accountID.digits
            let owner = Owner.user(unclaimed.user, switchesAccount: unclaimed.switchesAccount)
            var letGo: [User] = []
            if case .failure(let error) = try owner.take(account, now: now.time, letGo: &letGo, db) {
                try Self.end(flow, as: error, db)
                return error
            }
            let marks = connection.marks(of: unclaimed.user)
            if try Self.wasLetGo(marks, after: unclaimed.began, seals: seals, db) {
                try Self.end(flow, as: .interrupted, db)
                return .interrupted
            }
            try self.drop("agent = ? AND user = ?", [unclaimed.agent, unclaimed.user], db)
            // The link has done what it was for.
            try db.cachedStatement(
                sql: "DELETE FROM connect_links WHERE agent = ? AND user = ? AND flow NOT NULL"
            ).execute(arguments: [unclaimed.agent, unclaimed.user])
            let generation = try self.nextGeneration(db)
            let box = try seal(.claim(user: unclaimed.user, account: account, generation: generation))
            try db.cachedStatement(
                sql: """
                    INSERT INTO claims VALUES (:id, :agent, :user, :switches, :began, :generation, :box, :account,
                        :appScoped, :username, :name, :type, :scopes, :issued, :expires, :due, :forget)
                    """
            ).execute(
                arguments: [
                    "id": Data(id), "agent": unclaimed.agent, "user": unclaimed.user,
                    "switches": unclaimed.switchesAccount, "began": unclaimed.began, "generation": generation,
                    "box": Data(box.bytes), "account": account, "appScoped": connection.profile.appScopedID?.digits,
                    "username": connection.profile.username, "name": connection.profile.name,
                    "type": connection.profile.accountType, "scopes": connection.scopes?.joined(separator: ","),
                    "issued": connection.tokenIssuedAt.seconds, "expires": connection.tokenExpiresAt.seconds,
                    "due": connection.nextRenewalAt?.seconds,
                    "forget": (now.uptime + ConnectLink.claimLifetime).bits,
                ])
            try db.cachedStatement(
                sql: "UPDATE flows SET phase = 'done', outcome = ? WHERE id = ? AND phase = 'sent'"
            ).execute(arguments: [Self.unclaimed, flow.data])
            guard db.changesCount == 1 else { throw StoreFailure.unreadable }
            return nil
        } then: { _ in
            // It has to be forgotten in time, and what it took the place of now.
            self.lettingGoBell.ring()
        }
    }

    /// Gives what was connected to the user who is claimed to have done it.
    ///
    /// - Returns: nil: there is no such claim of this agent, it is too old, or it is another user's. A claim that comes
    ///   for another user shows that somebody else's browser was led here: what it stands for is forgotten at once.
    func take(
        claim id: [UInt8], agent: String, user: String, requestID: String, now: Moment, seals: Seals
    ) async throws(StoreFailure) -> Kept? {
        let done: Taken? = try await write { db in
            let row = try Row.fetchOne(
                db.cachedStatement(sql: "SELECT * FROM claims WHERE id = ? AND agent = ?"),
                arguments: [Data(id), agent])
            guard let row else { return nil }
            let forgetAt: Int64 = row["forget_at_uptime"]
            let lifetime = now.uptime.bits + 1...(now.uptime + ConnectLink.claimLifetime).bits
            let owner: String = row["user"]
            // Byte for byte: two spellings of one letter are two users.
            let isTheirs = owner.utf8.elementsEqual(user.utf8) && lifetime.contains(forgetAt)
            let unclaimed = isTheirs ? Unclaimed(row) : nil
            // Used or refused, it is over.
            try self.drop("id = ?", [Data(id)], db)
            guard isTheirs else { return nil }
            let ring = seals.keys.current
            guard let unclaimed, let box = (row["box"] as Data?).flatMap({ Box(bytes: Array($0)) }),
                let token = try? ring.open(
                    box,
                    sealedAs: .claim(
                        user: owner, account: unclaimed.connection.profile.accountID.digits,
                        generation: row["generation"]),
                    as: LongLivedToken.self)
            else { return Taken(.refused(.interrupted)) }
            let connection = unclaimed.connection
            let taker = Owner.user(owner, switchesAccount: unclaimed.switchesAccount)
            let account = connection.profile.accountID.digits
            var letGo: [User] = []
            if case .failure(let error) = try taker.take(account, now: now.time, letGo: &letGo, db) {
                return Taken(.refused(error))
            }
            // What was connected since is the newer decision.
            if try taker.hasConnection(after: connection.tokenIssuedAt, of: account, db) {
                return Taken(.refused(.interrupted))
            }
            return try self.take(
                Taking(
                    connection, began: unclaimed.began, owner: taker, grantedAt: connection.tokenIssuedAt,
                    entry: AuditEntry(action: .connect, agent: agent, requestID: requestID)),
                now: now, seals: seals, seal: { try seals.seal(token, as: $0) }, db)
        } then: { done in
            self.lettingGoBell.ring()
            if let done { self.took(done) }
        }
        return done?.kept
    }

    /// Forgets links and claims that are too old.
    func forgetUnclaimed(now: Uptime) async throws(StoreFailure) {
        let old = "forget_at_uptime <= ? OR forget_at_uptime > ?"
        let bounds = [now.bits, (now + ConnectLink.claimLifetime).bits]
        let isNeeded = try await read { db in
            try Bool.fetchOne(
                db.cachedStatement(
                    sql: """
                        SELECT EXISTS (SELECT 1 FROM claims WHERE \(old))
                            OR EXISTS (SELECT 1 FROM connect_links WHERE \(old))
                        """), arguments: StatementArguments(bounds + bounds)) ?? false
        }
        guard isNeeded else { return }
        try await write { db in
            try self.drop(old, bounds, db)
            try Self.forgetLinks(now: now, db)
        }
    }

    /// Seconds until the next link or claim is too old; nil: there is none.
    func untilUnclaimed(now: Uptime) async throws(StoreFailure) -> Int64? {
        try await read { db in
            try Int64.fetchOne(
                db.cachedStatement(
                    sql: """
                        SELECT min(at) FROM (SELECT min(forget_at_uptime) AS at FROM claims
                            UNION ALL SELECT min(forget_at_uptime) FROM connect_links)
                        """)
            ).map { Uptime(bits: $0).seconds(since: now).map { max(0, $0) } ?? 0 }
        }
    }

    /// What these have connected and nobody has claimed, and links that are open for them.
    ///
    /// - Returns: Whether there were claims.
    func drop(claimsOf marks: [LetGoMark], _ db: Database) throws -> Bool {
        var isFound = false
        for mark in marks {
            switch mark {
            case .user(let id):
                if try drop("user = ?", [id], db) { isFound = true }
                try db.cachedStatement(sql: "DELETE FROM connect_links WHERE user = ?").execute(arguments: [id])
            case .account(let id):
                if try drop("instagram_user_id = ? OR instagram_app_scoped_id = ?", [id, id], db) { isFound = true }
            }
        }
        return isFound
    }

    /// - Returns: Whether there were any. What file and log keep of them goes as soon as it can.
    @discardableResult
    private func drop(
        _ condition: String, _ arguments: [any DatabaseValueConvertible], _ db: Database
    ) throws -> Bool {
        try db.cachedStatement(sql: "DELETE FROM claims WHERE \(condition)")
            .execute(arguments: StatementArguments(arguments))
        guard db.changesCount > 0 else { return false }
        // Also where the transaction fails after this: looking for nothing does no harm.
        remains.withLock { $0 = Remains(inLog: true, inFile: true) }
        return true
    }
}

extension Unclaimed {
    fileprivate init?(_ row: Row) {
        let appScoped: String? = row["instagram_app_scoped_id"]
        guard let account = InstagramID(row["instagram_user_id"] as String) else { return nil }
        let profile = Profile(
            accountID: account, appScopedID: appScoped.flatMap { InstagramID($0) },
            username: row["instagram_username"], name: row["instagram_name"], accountType: row["instagram_account_type"]
        )
        connection = Connection(
            profile: profile, scopes: (row["scopes"] as String?)?.split(separator: ",").map(String.init),
            tokenIssuedAt: UnixTime(row["token_issued_at"]), tokenExpiresAt: UnixTime(row["token_expires_at"]),
            nextRenewalAt: (row["next_renewal_at"] as Int64?).map(UnixTime.init))
        agent = row["agent"]
        user = row["user"]
        switchesAccount = row["switches_account"]
        began = row["began"]
    }
}

extension SealedField {
    static func claim(user: String, account: String, generation: Int64) -> SealedField {
        SealedField(table: "claims", column: "box", user: user, instagramUserID: account, generation: generation)
    }
}
