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
    /// Rows whose time has come, the ones that ended first in front.
    func due(at now: UnixTime, limit: Int) async throws(StoreFailure) -> [User] {
        try await read { db in
            try Row.fetchAll(
                db.cachedStatement(
                    sql: """
                        SELECT * FROM users WHERE next_renewal_at <= ? AND instagram_access_token NOT NULL
                        ORDER BY next_renewal_at LIMIT ?
                        """), arguments: [now.seconds, limit]
            ).map(User.init)
        }
    }

    /// Rows whose account has to be subscribed to webhooks.
    func dueForWebhooks(at now: UnixTime, limit: Int) async throws(StoreFailure) -> [User] {
        try await read { db in
            try Row.fetchAll(
                db.cachedStatement(
                    sql: """
                        SELECT * FROM users WHERE next_webhooks_at <= ? AND instagram_access_token NOT NULL
                        ORDER BY next_webhooks_at LIMIT ?
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
            try db.cachedStatement(
                sql: "UPDATE users SET next_renewal_at = ?, renewal_failures = ? WHERE id = ?"
            ).execute(arguments: [next.seconds, failures, user.id])
        }
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

    /// Accounts that are connected, other than this one: to find out whether the app is alive.
    ///
    /// - Returns: Also whether no other row holds a token at all.
    func witnesses(for user: User, limit: Int) async throws(StoreFailure) -> (users: [User], isAlone: Bool) {
        try await read { db in
            let users = try Row.fetchAll(
                db,
                sql: """
                    SELECT * FROM users WHERE instagram_access_token NOT NULL AND state = 'connected' AND id <> ?
                    ORDER BY generation DESC LIMIT ?
                    """, arguments: [user.id, limit]
            ).map(User.init)
            let others = try Bool.fetchOne(
                db,
                sql: "SELECT EXISTS (SELECT 1 FROM users WHERE instagram_access_token NOT NULL AND id <> ?)",
                arguments: [user.id])
            return (users, !(others ?? false))
        }
    }

    /// Seconds that a token lives, by Instagram's documentation, and an hour: what ends later was issued in the future.
    private static let longestLife: Int64 = 60 * 86_400 + 3_600
    /// Seconds after which at the latest somebody looks again at a row in trouble.
    private static let longestWait: Int64 = 2 * 86_400

    /// Tells of tokens that come close to their end or have reached it, some at a time.
    ///
    /// - Returns: Whether there may be more.
    func sweep(now: UnixTime, expiringBelow: Int64, next: @escaping @Sendable (User) -> UnixTime)
        async throws(StoreFailure)
        -> Bool
    {
        let limit = 500
        let isNeeded = try await read { db in
            try Bool.fetchOne(
                db.cachedStatement(
                    sql: """
                        SELECT EXISTS (SELECT 1 FROM users WHERE state = 'connected' AND announced = 'connected'
                                AND token_expires_at < :ending)
                            OR EXISTS (SELECT 1 FROM users WHERE state = 'connected' AND announced = 'expiring'
                                AND token_expires_at <= :now)
                            OR EXISTS (SELECT 1 FROM users WHERE state = 'connected'
                                AND announced IN ('connected', 'expiring') AND token_expires_at > :far
                                AND token_issued_at > :tomorrow)
                            OR EXISTS (SELECT 1 FROM users WHERE state = 'connected'
                                AND announced = 'reconnect_required' AND token_expires_at > :now)
                            OR EXISTS (SELECT 1 FROM users WHERE (renewal_failures > 0 OR state = 'reconnect_required')
                                AND next_renewal_at > :later)
                            OR EXISTS (SELECT 1 FROM users WHERE next_renewal_at > :far)
                            OR EXISTS (SELECT 1 FROM users WHERE next_webhooks_at > :later)
                        """),
                arguments: [
                    "now": now.seconds, "ending": now.seconds + expiringBelow, "tomorrow": now.seconds + 86_400,
                    "far": now.seconds + Self.longestLife, "later": now.seconds + Self.longestWait,
                ]) ?? false
        }
        if !isNeeded { return false }
        let (told, more): ([Event.Kind], Bool) = try await write { db in
            var told: [Event.Kind] = []
            let ended = try Row.fetchAll(
                db.cachedStatement(
                    sql: """
                        SELECT * FROM users WHERE state = 'connected' AND announced IN ('connected', 'expiring')
                            AND token_expires_at <= ? LIMIT ?
                        """), arguments: [now.seconds, limit]
            ).map(User.init)
            for user in ended
            where try Self.announce(.reconnectRequired, as: "reconnect_required", user, now: now, db) {
                told.append(.reconnectRequired)
            }
            let ending = try Row.fetchAll(
                db.cachedStatement(
                    sql: """
                        SELECT * FROM users WHERE state = 'connected' AND announced = 'connected'
                            AND token_expires_at < ? AND token_expires_at > ? LIMIT ?
                        """), arguments: [now.seconds + expiringBelow, now.seconds, limit]
            ).map(User.init)
            for user in ending where try Self.announce(.expiring, as: "expiring", user, now: now, db) {
                told.append(.expiring)
            }
            // Issued tomorrow: the clock was wrong then. A token is at most as old as it would be if it came now.
            let future = try Row.fetchAll(
                db.cachedStatement(
                    sql: """
                        SELECT * FROM users WHERE state = 'connected' AND announced IN ('connected', 'expiring')
                            AND token_expires_at > ? AND token_issued_at > ? LIMIT ?
                        """), arguments: [now.seconds + Self.longestLife, now.seconds + 86_400, limit]
            ).map(User.init)
            for user in future {
                try db.execute(
                    sql: """
                        UPDATE users SET token_expires_at = ? + token_expires_at - token_issued_at, token_issued_at = ?,
                            next_renewal_at = ? WHERE id = ?
                        """, arguments: [now.seconds, now.seconds, next(user).seconds, user.id])
            }
            // Announced as ended while the clock was ahead.
            let alive = try Row.fetchAll(
                db.cachedStatement(
                    sql: """
                        SELECT * FROM users WHERE state = 'connected' AND announced = 'reconnect_required'
                            AND token_expires_at > ? LIMIT ?
                        """), arguments: [now.seconds, limit]
            ).map(User.init)
            for user in alive where try Self.announce(.recovered, as: "connected", user, now: now, db) {
                told.append(.recovered)
            }
            // Put off while the clock was ahead: no wait is that long.
            let far = [
                ("next_renewal_at", "(renewal_failures > 0 OR state = 'reconnect_required') AND", Self.longestWait),
                ("next_renewal_at", "", Self.longestLife), ("next_webhooks_at", "", Self.longestWait),
            ]
            var putOff = 0
            for (column, condition, wait) in far {
                try db.cachedStatement(
                    sql: """
                        UPDATE users SET \(column) = ? WHERE id IN
                            (SELECT id FROM users WHERE \(condition) \(column) > ? LIMIT ?)
                        """
                ).execute(arguments: [now.seconds, now.seconds + wait, limit])
                putOff = max(putOff, db.changesCount)
            }
            return (told, max(ended.count, ending.count, future.count, alive.count, putOff) == limit)
        }
        self.told(told)
        return more
    }

    /// Announces a state, once.
    private static func announce(
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
