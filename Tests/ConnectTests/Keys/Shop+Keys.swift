// SPDX-License-Identifier: MIT
import Vault

@testable import Connect

extension Shop {
    /// A keyring of these ids, each with the bytes that belong to it, or with others.
    static func ring(_ ids: String..., others: [String] = []) throws -> Keyring {
        let lines = ids.map { id in
            others.contains(id) ? Keyring.generateLine(id: KeyID(id)!, random: Randomness.system) : line(id)
        }
        return try Keyring(parsing: lines.joined(separator: "\n").utf8)
    }

    func putInForce(_ keyring: Keyring) async throws -> KeyringOutcome {
        try await store.putInForce(keyring, in: site.keys)
    }

    /// How many rows each key has sealed.
    func rowsByKey() throws -> [String: Int] {
        Dictionary(
            uniqueKeysWithValues: try Inspection(path: directory.database).rowsByKey.map {
                ($0.key.description, $0.value)
            })
    }
}
