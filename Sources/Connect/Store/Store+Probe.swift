// SPDX-License-Identifier: MIT
import GRDB
import Vault

extension Store {
    /// Proves that a commit works and gives the newest token that a key in force has sealed, or, where there is none, one
    /// that no key opens, for `/readyz`.
    ///
    /// - Returns: Also the keyring of that very moment: a key that is dropped after it is none of this row's business.
    func probe(_ keys: KeyringInForce) async throws(StoreFailure) -> (user: User, keyring: Keyring)? {
        try await write { db in
            // A number taken and not used. A value that stays as it is would not do: SQLite writes no page for it, and a
            // full disk would pass (measured).
            _ = try self.nextGeneration(db)
            let keyring = keys.current
            // Each key's newest by its own end of the index: sorting all rows would take too long.
            let newest = try keyring.ids.compactMap { key in
                try Row.fetchOne(
                    db.cachedStatement(
                        sql: """
                            SELECT * FROM users WHERE \(Schema.keyID) = ? AND instagram_access_token NOT NULL
                            ORDER BY generation DESC LIMIT 1
                            """), arguments: [key.description]
                ).map(User.init)
            }
            if let user = newest.max(by: { $0.generation < $1.generation }) { return (user, keyring) }
            return try Row.fetchOne(
                db.cachedStatement(sql: "SELECT * FROM users WHERE instagram_access_token NOT NULL LIMIT 1")
            ).map { (User($0), keyring) }
        }
    }
}
