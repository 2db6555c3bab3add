// SPDX-License-Identifier: MIT
import FoundationEssentials
import GRDB
import Vault

/// The same token, in the same place, under another key.
struct Resealed: Sendable {
    let user: User
    let old: Box
    let new: Box
}

extension Store {
    /// Rows that a key has sealed, the oldest first.
    func users(sealedBy key: KeyID, after generation: Int64, limit: Int) async throws(StoreFailure) -> [User] {
        try await read { db in
            try Row.fetchAll(
                db.cachedStatement(
                    sql: """
                        SELECT * FROM users WHERE \(Schema.keyID) = ? AND instagram_access_token NOT NULL AND generation > ?
                        ORDER BY generation LIMIT ?
                        """), arguments: [key.description, generation, limit]
            ).map(User.init)
        }
    }

    /// Puts new boxes where the old ones still are: a row that was renewed, connected anew or let go meanwhile stays as
    /// it is.
    ///
    /// - Parameter first: The key of the new boxes.
    /// - Returns: How many; nil, and none, where that key is not the first one any more. It may be gone by now.
    func reseal(
        _ rows: [Resealed], with first: KeyID, in keys: KeyringInForce
    ) async throws(StoreFailure) -> Int? {
        try await write { db in
            guard keys.current.signingID == first else { return nil }
            var changed = 0
            for row in rows {
                try db.cachedStatement(
                    sql: """
                        UPDATE users SET instagram_access_token = ?
                        WHERE id = ? AND generation = ? AND instagram_access_token = ?
                        """
                ).execute(
                    arguments: [Data(row.new.bytes), row.user.id, row.user.generation, Data(row.old.bytes)])
                changed += db.changesCount
            }
            return changed
        }
    }

    /// Whether rows had to wait for a key.
    func isBack(_ key: KeyID) async throws(StoreFailure) -> Bool {
        try await read { db in
            try Bool.fetchOne(
                db, sql: "SELECT missing FROM keys WHERE id = ?", arguments: [key.description]) ?? false
        }
    }

    /// Makes due what was put off because a key was missing, so many rows at a time that nobody waits long.
    ///
    /// - Returns: Where to go on; nil: that was all, and is written down.
    func makeDue(sealedBy key: KeyID, after generation: Int64, now: UnixTime) async throws(StoreFailure) -> Int64? {
        try await write { db in
            let last = try Int64.fetchOne(
                db,
                sql: """
                    SELECT max(generation) FROM (
                        SELECT generation FROM users WHERE \(Schema.keyID) = ? AND instagram_access_token NOT NULL
                            AND generation > ? ORDER BY generation LIMIT 1000)
                    """, arguments: [key.description, generation])
            guard let last else {
                try db.execute(sql: "UPDATE keys SET missing = 0 WHERE id = ?", arguments: [key.description])
                return nil
            }
            let place: StatementArguments = [
                "key": key.description, "after": generation, "last": last, "now": now.seconds,
            ]
            for (column, condition) in [
                ("next_renewal_at", "renewal_failures > 0"), ("next_webhooks_at", "webhooks_error = 'unreadable'"),
            ] {
                try db.cachedStatement(
                    sql: """
                        UPDATE users SET \(column) = :now WHERE \(Schema.keyID) = :key AND instagram_access_token NOT NULL
                            AND generation > :after AND generation <= :last AND \(column) > :now AND \(condition)
                        """
                ).execute(arguments: place)
            }
            return last
        }
    }
}
