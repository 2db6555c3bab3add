// SPDX-License-Identifier: MIT
import FoundationEssentials
import GRDB
package import Vault

/// A look at a database that another process may be serving: read-only, without the lock.
package struct Inspection: Sendable {
    package let users: Int
    /// How many rows each key has sealed. A box that is no box counts under none.
    package let rowsByKey: [KeyID: Int]
    /// What is known of the keys that were in force.
    private let fingerprints: [KeyID: [UInt8]]

    package init(path: String) throws(StoreFailure) {
        do {
            var configuration = Configuration()
            configuration.readonly = true
            configuration.busyMode = .timeout(5)
            let database = try DatabaseQueue(path: path, configuration: configuration)
            (users, rowsByKey, fingerprints) = try database.read { db in
                guard try !Schema.migrator.hasBeenSuperseded(db) else { throw StoreFailure.newerSchema }
                guard try db.tableExists("users") else { return (0, [:], [:]) }
                let fingerprints = try db.tableExists("keys") ? db.fingerprints() : [:]
                let users = try Int.fetchOne(db, sql: "SELECT count(*) FROM users") ?? 0
                var rows: [KeyID: Int] = [:]
                if try db.tableExists("letting_go") {
                    for key in try db.sealingKeys() { rows[key] = try db.rows(sealedBy: key) }
                    return (users, rows, fingerprints)
                }
                // Of the time before that table, and maybe before the index of the keys.
                let boxes = try Data.fetchCursor(
                    db, sql: "SELECT instagram_access_token FROM users WHERE instagram_access_token NOT NULL")
                while let box = try boxes.next() {
                    if let key = Box(bytes: Array(box))?.keyID { rows[key, default: 0] += 1 }
                }
                return (users, rows, fingerprints)
            }
        } catch {
            throw StoreFailure(error)
        }
    }

    /// Keys with other bytes than those that were in force under their names: with them no start and no reload goes on.
    package func otherBytes(in keyring: Keyring) -> [KeyID] { keyring.otherBytes(than: fingerprints) }

    package static var sqliteVersion: String {
        (try? DatabaseQueue().read { try String.fetchOne($0, sql: "SELECT sqlite_version()") }) ?? "unknown"
    }
}
