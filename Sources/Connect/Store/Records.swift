// SPDX-License-Identifier: MIT
import GRDB
package import Vault

/// What is kept, as its operator looks at it: read-only, beside a process that may be serving it, a page at a time. So a
/// million rows are never in memory, and who reads slowly keeps no old state of the database alive.
package struct Records {
    static let page = 1_000

    let database: DatabaseQueue

    /// Opens a database of this very schema.
    package init(path: String) throws(StoreFailure) {
        do {
            var configuration = Configuration()
            configuration.readonly = true
            configuration.busyMode = .timeout(5)
            database = try DatabaseQueue(path: path, configuration: configuration)
            try database.read { db in
                guard try !Schema.migrator.hasBeenSuperseded(db) else { throw StoreFailure.newerSchema }
                guard try Schema.migrator.hasCompletedMigrations(db) else { throw StoreFailure.olderSchema }
            }
        } catch {
            throw StoreFailure(error)
        }
    }

    func read<Value>(_ body: (Database) throws -> Value) throws(StoreFailure) -> Value {
        do { return try database.read(body) } catch { throw StoreFailure(error) }
    }
}

/// A user with the state that the status object shows.
package struct UserRecord: Sendable {
    package let user: String
    package let username: String?
    package let instagramUserID: String?
    package let state: String
    package let reason: String?
    /// Whole days, rounded down: below 0 it is over.
    package let daysToExpiry: Int?
    package let nextRenewalAt: UnixTime?
}

extension Records {
    /// What a user's state may be.
    package static let states = StatusObject.State.allCases.map(\.rawValue)

    /// Users in the order of their names.
    ///
    /// - Parameters:
    ///   - state: Only those; nil: all.
    ///   - keys: The keyring's; nil: nobody can say whether one is missing.
    package func users(
        state: String? = nil, keys: [KeyID]?, now: UnixTime, _ each: (UserRecord) -> Void
    ) throws(StoreFailure) {
        var last = ""
        while true {
            let rows = try read { db in
                try Row.fetchAll(
                    db.cachedStatement(sql: "SELECT * FROM users WHERE id > ? ORDER BY id LIMIT ?"),
                    arguments: [last, Self.page])
            }
            for row in rows {
                let user = User(row)
                let status = StatusObject(user, keys: keys, now: now)
                last = user.id
                if let state, state != status.state.rawValue { continue }
                // Rounded down, like a person who says how many days are left.
                let seconds = user.tokenExpiresAt.map { $0 - now }
                let days = seconds.map { $0 >= 0 ? $0 / 86_400 : -((-$0 + 86_399) / 86_400) }
                each(
                    UserRecord(
                        user: user.id, username: user.instagramUsername, instagramUserID: user.instagramUserID,
                        state: status.state.rawValue, reason: status.reason, daysToExpiry: days.map { Int($0) },
                        nextRenewalAt: user.nextRenewalAt))
            }
            if rows.count < Self.page { return }
        }
    }
}
