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
        let someone = seals.newID()
        var departure: Departure?
        let mark = user.instagramUserID.map { seals.mark(ofAccount: $0) }
        if user.isConnected {
            let field = SealedField.lettingGo(user: someone, account: someone, generation: generation)
            departure = Departure(
                generation: generation, user: someone, account: someone, cause: .delete,
                box: seals.move(user, to: field), accountMark: mark)
        }
        try begin(departure, generation: generation, someone: someone, mark: mark, now: now.time, db)
        try db.execute(sql: "DELETE FROM users WHERE id = ?", arguments: [user.id])
        try db.execute(
            sql: "UPDATE events SET user = ?, instagram_user_id = NULL WHERE user = ?", arguments: [someone, user.id])
        try db.execute(sql: "UPDATE audit SET user = ? WHERE user = ?", arguments: [someone, user.id])
        let ids = [user.instagramUserID, user.instagramAppScopedID].compactMap(\.self)
        let former = try forgetFormer(ids, of: user.id, seals: seals, db)
        try tell(.deleted, user: user.id, account: nil, now: now.time, db)
        var entry = entry
        entry.user = someone
        entry.generation = generation
        try audit(entry, isOfSomeone: true, now: now.time, db)
        let hadToken = user.hasToken || former.hadToken
        return (departure, hadToken ? [.token, .account, .history] : [.account, .history])
    }

    /// A deletion is done when the log is truncated, also one without a token.
    private static func begin(
        _ departure: Departure?, generation: Int64, someone: String, mark: [UInt8]?, now: UnixTime, _ db: Database
    ) throws {
        try db.execute(
            sql: """
                INSERT INTO letting_go (generation, at, user, instagram_user_id, cause, box, webhooks, account_mark)
                VALUES (?, ?, ?, ?, 'delete', ?, ?, ?)
                """,
            arguments: [
                generation, now.seconds, someone, someone, departure?.box.map { Data($0.bytes) },
                departure == nil ? WebhooksLetGo.unknown.rawValue : nil, mark.map { Data($0) },
            ])
    }

    /// Erases what was written down of an account that nobody has any more.
    ///
    /// - Parameter hadClaim: It was waiting to be claimed.
    /// - Returns: The kinds that were erased.
    static func delete(
        former account: String, hadClaim: Bool, generation: Int64, now: UnixTime, seals: Seals, _ db: Database
    ) throws -> [ErasedKind] {
        let former = try forgetFormer([account], of: nil, seals: seals, db)
        guard former.found || hadClaim else { return [] }
        try begin(nil, generation: generation, someone: seals.newID(), mark: nil, now: now, db)
        return (former.hadToken || hadClaim ? [.token] : []) + (hadClaim ? [.account] : [])
            + (former.found ? [.history] : [])
    }

    /// Users who had an account before it went to somebody else, or who have another one now: what was written down of
    /// them and this account. What is not finished of their letting go goes on under a random id.
    ///
    /// - Parameters:
    ///   - ids: The account's, of either kind.
    ///   - user: Whose rows go in any case.
    private static func forgetFormer(
        _ ids: [String], of user: String?, seals: Seals, _ db: Database
    ) throws -> (found: Bool, hadToken: Bool) {
        // An older row may know one id only, so those that it names are looked for as well.
        let accounts = try Set(
            ids
                + ids.flatMap { id in
                    try String.fetchAll(
                        db, sql: "SELECT instagram_user_id FROM letting_go WHERE instagram_app_scoped_id = ?",
                        arguments: [id])
                })
        var rows = try accounts.flatMap { account in
            try Row.fetchAll(db, sql: "SELECT * FROM letting_go WHERE instagram_user_id = ?", arguments: [account])
        }
        if let user {
            rows += try Row.fetchAll(db, sql: "SELECT * FROM letting_go WHERE user = ?", arguments: [user])
        }
        rows = rows.filter { $0["cause"] != Departure.Cause.delete.rawValue }
        var hadToken = false
        for row in rows {
            let (departure, someone) = (Departure(row), seals.newID())
            try db.execute(
                sql: "UPDATE events SET user = ?, instagram_user_id = NULL WHERE user = ? AND instagram_user_id = ?",
                arguments: [someone, departure.user, departure.account])
            // Between the letting go before this one and this one, the user was connected to this account.
            try db.execute(
                sql: """
                    UPDATE audit SET user = :someone WHERE user = :user AND generation <= :generation
                        AND generation > coalesce((SELECT max(generation) FROM letting_go
                            WHERE user = :user AND generation < :generation), 0)
                    """,
                arguments: ["someone": someone, "user": departure.user, "generation": departure.generation])
            if departure.box != nil { hadToken = true }
        }
        for row in rows {
            let departure = Departure(row)
            guard row["webhooks"] as String? == nil else {
                try db.execute(sql: "DELETE FROM letting_go WHERE generation = ?", arguments: [departure.generation])
                continue
            }
            let someone = seals.newID()
            let box = departure.token(seals.keys.current).flatMap { token in
                try? seals.seal(
                    token, as: .lettingGo(user: someone, account: someone, generation: departure.generation))
            }
            try db.execute(
                sql: """
                    UPDATE letting_go SET user = :someone, instagram_user_id = :someone, instagram_app_scoped_id = NULL,
                        cause = 'delete', box = :box, account_mark = :mark WHERE generation = :generation
                    """,
                arguments: [
                    "someone": someone, "box": box.map { Data($0.bytes) },
                    "mark": Data(seals.mark(ofAccount: departure.account)), "generation": departure.generation,
                ])
        }
        return (!rows.isEmpty, hadToken)
    }
}
