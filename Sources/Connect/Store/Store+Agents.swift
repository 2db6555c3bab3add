// SPDX-License-Identifier: MIT
import GRDB

extension Store {
    /// The row that has an account.
    func user(account: String) async throws(StoreFailure) -> User? {
        try await read { db in
            try Row.fetchOne(
                db.cachedStatement(sql: "SELECT * FROM users WHERE instagram_user_id = ?"), arguments: [account]
            ).map(User.init)
        }
    }

    /// Rows in the order of their names, of the users that an agent may ask for.
    ///
    /// - Returns: `last` is where the look ended; nil: there are no more.
    func users(
        after: String?, of users: Agent.Users, limit: Int
    ) async throws(StoreFailure) -> (users: [User], last: String?) {
        switch users {
        case .all:
            return try await read { db in
                let rows = try Row.fetchAll(
                    db.cachedStatement(sql: "SELECT * FROM users WHERE id > ? ORDER BY id LIMIT ?"),
                    arguments: [after ?? "", limit]
                ).map(User.init)
                return (rows, rows.count == limit ? rows.last?.id : nil)
            }
        case .some(let list):
            let names = list.filter { name in after.map { Self.isBefore($0, name) } ?? true }.prefix(limit)
            return try await read { db in
                let rows = try names.compactMap { name in
                    try Row.fetchOne(
                        db.cachedStatement(sql: "SELECT * FROM users WHERE id = ?"), arguments: [name]
                    ).map(User.init)
                }
                return (rows, names.count == limit ? names.last : nil)
            }
        }
    }

    /// SQLite's order of texts: byte by byte.
    static func isBefore(_ one: String, _ other: String) -> Bool {
        one.utf8.lexicographicallyPrecedes(other.utf8)
    }

    private static func isConnected(_ user: User, _ db: Database) throws -> Bool {
        try String.fetchOne(
            db.cachedStatement(sql: "SELECT state FROM users WHERE id = ?"), arguments: [user.id]) == "connected"
    }

    /// Writes the first of its hand-outs down, in one transaction with the proof that the token still is the user's.
    func begin(
        _ handOut: HandOut, of user: User, requestID: String, now: UnixTime
    ) async throws(StoreFailure) -> Bool {
        try await write { db in
            guard try Self.isCurrent(user, db), try Self.isConnected(user, db) else { return false }
            try Self.audit([handOut: 1], requestID: requestID, now: now, db)
            return true
        }
    }
}
