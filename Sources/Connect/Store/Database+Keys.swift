// SPDX-License-Identifier: MIT
import GRDB
import Vault

/// Which keys have sealed the tokens that are kept. A box that names no key counts under none.
extension Database {
    /// As many steps as there are keys, however many rows there are.
    func sealingKeys() throws -> [KeyID] {
        let names = try String.fetchAll(
            self,
            sql: """
                WITH RECURSIVE found(id) AS (
                    SELECT min(\(Schema.keyID)) FROM users WHERE instagram_access_token NOT NULL
                    UNION ALL
                    SELECT (SELECT min(\(Schema.keyID)) FROM users WHERE instagram_access_token NOT NULL AND \(Schema.keyID) > found.id)
                        FROM found WHERE found.id NOT NULL)
                SELECT id FROM found WHERE id NOT NULL
                """)
        return names.compactMap { KeyID($0) }
    }

    func rows(sealedBy key: KeyID) throws -> Int {
        try Int.fetchOne(
            cachedStatement(
                sql: "SELECT count(*) FROM users WHERE \(Schema.keyID) = ? AND instagram_access_token NOT NULL"),
            arguments: [key.description]) ?? 0
    }
}
