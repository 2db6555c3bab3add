// SPDX-License-Identifier: MIT
import FoundationEssentials
import GRDB
import Vault

/// What a deletion erased, by kind: a person reads it, so no name and no id.
enum ErasedKind: String, Sendable, CaseIterable {
    case token, account, history
}

extension Store {
    /// Erases a user: the row, the token, and the ids in everything that was written down. An event tells agents which of
    /// their users is gone, by the user's name here, which says nothing of the account any more.
    ///
    /// - Returns: What is left to do, and the kinds that were erased.
    static func delete(
        _ user: User, entry: AuditEntry, generation: Int64, now: Moment, seals: Seals, _ db: Database
    ) throws -> (departure: Departure?, erased: [ErasedKind]) {
        // What an earlier letting go has not finished is finished here: without a call to Instagram.
        try db.execute(
            sql: "UPDATE letting_go SET box = NULL, webhooks = coalesce(webhooks, 'unknown') WHERE user = ?",
            arguments: [user.id])
        let someone = seals.newID()
        var departure: Departure?
        if user.isConnected {
            let field = SealedField.lettingGo(user: someone, account: someone, generation: generation)
            departure = Departure(
                generation: generation, user: someone, account: someone, cause: .delete,
                box: seals.move(user, to: field))
        }
        try begin(departure, generation: generation, someone: someone, now: now.time, db)
        try db.execute(sql: "DELETE FROM users WHERE id = ?", arguments: [user.id])
        // A callback that comes again finds its flow, and nobody behind it.
        try db.execute(sql: "UPDATE flows SET user = ? WHERE user = ?", arguments: [someone, user.id])
        try db.execute(
            sql: "UPDATE events SET user = ?, instagram_user_id = NULL WHERE user = ?", arguments: [someone, user.id])
        try db.execute(sql: "UPDATE audit SET user = ? WHERE user = ?", arguments: [someone, user.id])
        try forgetFormer(user.instagramUserID, user.instagramAppScopedID, seals: seals, db)
        try db.execute(
            sql: "DELETE FROM letting_go WHERE user = ? AND cause <> 'delete'", arguments: [user.id])
        try tell(.deleted, user: user.id, account: nil, now: now.time, db)
        var entry = entry
        entry.user = someone
        entry.generation = generation
        try audit(entry, isOfSomeone: true, now: now.time, db)
        return (departure, departure?.box == nil ? [.account, .history] : [.token, .account, .history])
    }

    /// A deletion is done when the log is truncated, also one without a token.
    private static func begin(
        _ departure: Departure?, generation: Int64, someone: String, now: UnixTime, _ db: Database
    ) throws {
        try db.execute(
            sql: """
                INSERT INTO letting_go (generation, at, user, instagram_user_id, cause, box, webhooks)
                VALUES (?, ?, ?, ?, 'delete', ?, ?)
                """,
            arguments: [
                generation, now.seconds, someone, someone, departure?.box.map { Data($0.bytes) },
                departure == nil ? WebhooksLetGo.unknown.rawValue : nil,
            ])
    }

    /// Erases what was written down of an account that nobody has any more.
    ///
    /// - Returns: The kinds that were erased.
    static func delete(
        former account: String, generation: Int64, now: UnixTime, seals: Seals, _ db: Database
    ) throws -> [ErasedKind] {
        guard try forgetFormer(account, account, seals: seals, db) else { return [] }
        try begin(nil, generation: generation, someone: seals.newID(), now: now, db)
        return [.history]
    }

    /// Users who had an account before it went to somebody else, or who have another one now: what was written down of
    /// them and this account.
    ///
    /// - Returns: Whether there was anything.
    @discardableResult
    private static func forgetFormer(
        _ account: String?, _ appScoped: String?, seals: Seals, _ db: Database
    ) throws -> Bool {
        let rows = try Row.fetchAll(
            db,
            sql: """
                SELECT generation, user, instagram_user_id FROM letting_go
                WHERE (instagram_user_id = ? OR instagram_app_scoped_id = ?) AND cause <> 'delete'
                """, arguments: [account, appScoped])
        for row in rows {
            let (generation, user): (Int64, String) = (row["generation"], row["user"])
            let someone = seals.newID()
            try db.execute(
                sql: "UPDATE events SET user = ?, instagram_user_id = NULL WHERE user = ? AND instagram_user_id = ?",
                arguments: [someone, user, row["instagram_user_id"] as String])
            // Between the letting go before this one and this one, the user was connected to this account.
            try db.execute(
                sql: """
                    UPDATE audit SET user = :someone WHERE user = :user AND generation <= :generation
                        AND generation > coalesce((SELECT max(generation) FROM letting_go
                            WHERE user = :user AND generation < :generation), 0)
                    """, arguments: ["someone": someone, "user": user, "generation": generation])
        }
        for row in rows {
            try db.execute(
                sql: "DELETE FROM letting_go WHERE generation = ?", arguments: [row["generation"] as Int64])
        }
        return !rows.isEmpty
    }

    /// Deletions whose token is overwritten in the database.
    func overwrittenDeletions() async throws(StoreFailure) -> [Int64] {
        try await read { db in
            try Int64.fetchAll(
                db.cachedStatement(
                    sql: "SELECT generation FROM letting_go WHERE cause = 'delete' AND webhooks NOT NULL LIMIT 1000"))
        }
    }

    /// Their bytes are gone from the log as well.
    func finishDeletions(_ generations: [Int64], now: UnixTime) async throws(StoreFailure) {
        if generations.isEmpty { return }
        try await write { db in
            for generation in generations {
                try db.cachedStatement(
                    sql: """
                        UPDATE signed_requests SET done_at = ?
                        WHERE id = (SELECT request FROM letting_go WHERE generation = ?)
                        """
                ).execute(arguments: [now.seconds, generation])
                try db.cachedStatement(sql: "DELETE FROM letting_go WHERE generation = ? AND cause = 'delete'")
                    .execute(arguments: [generation])
            }
        }
    }
}
