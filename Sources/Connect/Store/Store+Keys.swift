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
            `ig-shop-auth keys list` shows 0 rows; a row that the journal tells as `unreadable row` is never sealed \
            again: let that user connect anew, or run `ig-shop-auth forget USER`
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
            try Self.remember(keyring, after: keys.current, db)
        } committed: { outcome in
            if case .inForce = outcome { keys.replace(with: keyring) }
        }
    }

    /// The keyring of a start. A disk that takes nothing keeps nobody from their tokens: where the keys cannot be
    /// remembered they are judged all the same, and `Resealing` remembers them as soon as it can.
    ///
    /// - Returns: Also why they could not be remembered; nil: they are.
    package func start(
        with keys: KeyringInForce
    ) async throws(StoreFailure) -> (outcome: KeyringOutcome, unwritten: StoreFailure?) {
        do throws(StoreFailure) {
            return (try await putInForce(keys.current, in: keys), nil)
        } catch {
            return (try await review(keys).outcome, error)
        }
    }

    /// What is to be said of the keyring in force, without a write.
    ///
    /// - Returns: Also whether all is written down that `putInForce` writes of it.
    func review(_ keys: KeyringInForce) async throws(StoreFailure) -> (outcome: KeyringOutcome, isRemembered: Bool) {
        try await read { db in
            let ring = keys.current
            let refusals = try Self.refusals(of: ring, after: ring, db)
            if !refusals.isEmpty { return (.refused(refusals), true) }
            let missing = try Self.missingKeys(ring, db)
            let known = try Row.fetchAll(db, sql: "SELECT id, fingerprint NOT NULL AS known, missing FROM keys")
            func ids(_ column: String) -> Set<String> { Set(known.filter { $0[column] }.map { $0["id"] }) }
            let isRemembered =
                ids("known").isSuperset(of: ring.ids.map(\.description))
                && ids("missing").isSuperset(of: missing.map(\.id.description))
            return (.inForce(missing: missing), isRemembered)
        }
    }

    /// Writes down the keyring in force, where a write has failed before.
    func remember(_ keys: KeyringInForce) async throws(StoreFailure) -> KeyringOutcome {
        // No other keyring comes in force inside a write.
        try await write { db in try Self.remember(keys.current, after: keys.current, db) }
    }

    /// A row that somebody has read, read once more where its key is not in force any more: a key is dropped when its last
    /// row was sealed again.
    func reread(_ user: User?, without keys: KeyringInForce) async throws(StoreFailure) -> User? {
        guard let user, user.box != nil, !user.isSealed(byOneOf: keys.current) else { return user }
        return try await self.user(user.id)
    }

    /// Writes down the keys of a ring, and of the one before it: what that has sealed may be in a row, and a name is
    /// known from then on by its bytes.
    private static func remember(
        _ keyring: Keyring, after old: Keyring, _ db: Database
    ) throws -> KeyringOutcome {
        let refusals = try refusals(of: keyring, after: old, db)
        if !refusals.isEmpty { return .refused(refusals) }
        let fingerprints = old.fingerprints.merging(keyring.fingerprints) { _, new in new }
        for (id, fingerprint) in fingerprints {
            try db.execute(
                sql: """
                    INSERT INTO keys (id, fingerprint) VALUES (?, ?)
                    ON CONFLICT (id) DO UPDATE SET fingerprint = excluded.fingerprint WHERE fingerprint IS NULL
                    """, arguments: [id.description, Data(fingerprint)])
        }
        let missing = try missingKeys(keyring, db)
        for key in missing {
            try db.execute(
                sql: """
                    INSERT INTO keys (id, missing) VALUES (?, 1)
                    ON CONFLICT (id) DO UPDATE SET missing = 1 WHERE missing = 0
                    """, arguments: [key.id.description])
        }
        return .inForce(missing: missing)
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
        // What could not be written down is known as long as it is in force.
        let known = try old.fingerprints.merging(db.fingerprints()) { _, written in written }
        let changed = keyring.otherBytes(than: known)
        let dropped = old.ids.filter { !keyring.ids.contains($0) }
        return try changed.map { .otherBytes($0, rows: try db.rows(sealedBy: $0)) }
            + dropped.compactMap { id in
                let rows = try db.rows(sealedBy: id)
                return rows == 0 ? nil : .needed(id, rows: rows)
            }
    }
}
