// SPDX-License-Identifier: MIT
import FoundationEssentials
import GRDB
package import Vault

/// Why a keyring is not put in force.
package enum KeyringRefusal: Equatable, Sendable {
    /// The id was in force with other bytes. What those sealed and signed would be lost.
    case otherBytes(KeyID, rows: Int)
    /// The key was in force until now, and the ring lacks it.
    case needed(KeyID, rows: Int)
}

extension KeyringRefusal: CustomStringConvertible {
    package var description: String {
        switch self {
        case .otherBytes(let id, let rows):
            """
            the key \(id) has other bytes than before, with which it sealed \(rows) rows; put the old bytes back, or \
            give the new key a name of its own
            """
        case .needed(let id, let rows):
            """
            the key \(id) is gone, and \(rows) rows still need it; put it back, behind the first, until \
            `ig-shop-auth keys list` shows 0 rows
            """
        }
    }
}

/// A key that rows need and the keyring in force lacks.
package struct MissingKey: Equatable, Sendable {
    package let id: KeyID
    package let rows: Int
}

/// What became of a keyring.
package enum KeyringOutcome: Equatable, Sendable {
    case inForce(missing: [MissingKey])
    /// Nothing has changed.
    case refused([KeyringRefusal])
}

extension Store {
    /// Puts a keyring in force, and remembers its keys, in one turn of the writer: what is sealed is sealed inside a
    /// write, so no box of a key that was dropped follows.
    ///
    /// A failure of the store changes nothing either.
    package func putInForce(
        _ keyring: Keyring, in keys: KeyringInForce
    ) async throws(StoreFailure) -> KeyringOutcome {
        try await commits.write { db in
            let refusals = try Self.refusals(of: keyring, after: keys.current, db)
            if !refusals.isEmpty { return .refused(refusals) }
            for (id, fingerprint) in keyring.fingerprints {
                try db.execute(
                    sql: """
                        INSERT INTO keys (id, fingerprint) VALUES (?, ?)
                        ON CONFLICT (id) DO UPDATE SET fingerprint = excluded.fingerprint WHERE fingerprint IS NULL
                        """, arguments: [id.description, Data(fingerprint)])
            }
            let missing = try Self.missingKeys(keyring, db)
            for key in missing {
                try db.execute(
                    sql: """
                        INSERT INTO keys (id, missing) VALUES (?, 1)
                        ON CONFLICT (id) DO UPDATE SET missing = 1 WHERE missing = 0
                        """, arguments: [key.id.description])
            }
            return .inForce(missing: missing)
        } committed: { outcome in
            if case .inForce = outcome { keys.replace(with: keyring) }
        }
    }

    /// The keys that rows need and a keyring lacks.
    func missingKeys(_ keyring: Keyring) async throws(StoreFailure) -> [MissingKey] {
        try await read { db in try Self.missingKeys(keyring, db) }
    }

    /// A row that somebody has read, read once more where its key is not in force any more: a key is dropped when its last
    /// row was sealed again.
    func reread(_ user: User?, without keys: KeyringInForce) async throws(StoreFailure) -> User? {
        guard let user, user.box != nil, !user.isSealed(byOneOf: keys.current) else { return user }
        return try await self.user(user.id)
    }

    private static func missingKeys(_ keyring: Keyring, _ db: Database) throws -> [MissingKey] {
        let ids = keyring.ids
        return try db.sealingKeys().filter { !ids.contains($0) }.map {
            MissingKey(id: $0, rows: try db.rows(sealedBy: $0))
        }
    }

    /// A key that was missing already refuses nothing.
    private static func refusals(
        of keyring: Keyring, after old: Keyring, _ db: Database
    ) throws -> [KeyringRefusal] {
        let fingerprints = keyring.fingerprints
        let changed = try keyring.ids.filter { id in
            let known = try Data.fetchOne(
                db, sql: "SELECT fingerprint FROM keys WHERE id = ?", arguments: [id.description])
            return known.map { Array($0) != fingerprints[id] } ?? false
        }
        let dropped = old.ids.filter { fingerprints[$0] == nil }
        return try changed.map { .otherBytes($0, rows: try db.rows(sealedBy: $0)) }
            + dropped.compactMap { id in
                let rows = try db.rows(sealedBy: id)
                return rows == 0 ? nil : .needed(id, rows: rows)
            }
    }
}
