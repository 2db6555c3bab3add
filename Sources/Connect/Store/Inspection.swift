// SPDX-License-Identifier: MIT
import FoundationEssentials
import GRDB
package import Vault

/// A look at a database that another process may be serving: read-only, without the lock.
package struct Inspection: Sendable {
    package let users: Int
    /// How many rows each key has sealed. A box that is no box counts under none.
    package let rowsByKey: [KeyID: Int]

    package init(path: String) throws(StoreFailure) {
        do {
            var configuration = Configuration()
            configuration.readonly = true
            configuration.busyMode = .timeout(5)
            let database = try DatabaseQueue(path: path, configuration: configuration)
            (users, rowsByKey) = try database.read { db in
                guard try !Schema.migrator.hasBeenSuperseded(db) else { throw StoreFailure.newerSchema }
                guard try db.tableExists("users") else { return (0, [:]) }
                let users = try Int.fetchOne(db, sql: "SELECT count(*) FROM users") ?? 0
                var rows: [KeyID: Int] = [:]
                if try db.tableExists("letting_go") {
                    for key in try db.sealingKeys() { rows[key] = try db.rows(sealedBy: key) }
                    return (users, rows)
                }
                // Of the time before that table, and maybe before the index of the keys.
                let boxes = try Data.fetchCursor(
                    db, sql: "SELECT instagram_access_token FROM users WHERE instagram_access_token NOT NULL")
                while let box = try boxes.next() {
                    if let key = Box(bytes: Array(box))?.keyID { rows[key, default: 0] += 1 }
                }
                return (users, rows)
            }
        } catch {
            throw StoreFailure(error)
        }
    }

    package static var sqliteVersion: String {
        (try? DatabaseQueue().read { try String.fetchOne($0, sql: "SELECT sqlite_version()") }) ?? "unknown"
    }
}
