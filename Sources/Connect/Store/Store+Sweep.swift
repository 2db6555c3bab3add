// SPDX-License-Identifier: MIT
import GRDB

extension Store {
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
}
