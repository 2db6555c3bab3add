// SPDX-License-Identifier: MIT
import FoundationEssentials
import GRDB
import Vault

/// Which keys have sealed the tokens that are kept, those included with which accounts are still to be let go, and those
/// that wait to be claimed, which are not sealed again. A box that names no key counts under none.
extension Database {
    /// Boxes of accounts that are let go: one is there only until its letting go is finished, which an index tells.
    private static let lettingGo = "letting_go WHERE erased_at IS NULL AND box NOT NULL"
    private static let lettingGoKeyID = Schema.keyID(of: "box")

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
                UNION ALL
                SELECT \(Self.lettingGoKeyID) FROM \(Self.lettingGo)
                UNION ALL
                SELECT \(Schema.keyID(of: "box")) FROM claims
                """)
        var seen: Set<KeyID> = []
        return names.compactMap { KeyID($0) }.filter { seen.insert($0).inserted }
    }

    func rows(sealedBy key: KeyID) throws -> Int {
        try Int.fetchOne(
            cachedStatement(
                sql: """
                    SELECT (SELECT count(*) FROM users WHERE \(Schema.keyID) = :key AND instagram_access_token NOT NULL)
                        + (SELECT count(*) FROM \(Self.lettingGo) AND \(Self.lettingGoKeyID) = :key)
                        + (SELECT count(*) FROM claims WHERE \(Schema.keyID(of: "box")) = :key)
                    """),
            arguments: ["key": key.description]) ?? 0
    }

    /// Of the keys that were in force here.
    func fingerprints() throws -> [KeyID: [UInt8]] {
        let rows = try Row.fetchAll(self, sql: "SELECT id, fingerprint FROM keys WHERE fingerprint NOT NULL")
        return rows.reduce(into: [:]) { known, row in
            guard let id = KeyID(row["id"] as String) else { return }
            known[id] = Array(row["fingerprint"] as Data)
        }
    }
}

extension Keyring {
    /// Keys whose names are known by other bytes, in the order of the ring.
    func otherBytes(than known: [KeyID: [UInt8]]) -> [KeyID] {
        let fingerprints = fingerprints
        return ids.filter { id in known[id].map { $0 != fingerprints[id] } ?? false }
    }
}
