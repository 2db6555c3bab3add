// SPDX-License-Identifier: MIT

/// The keys, in order: the first signs and seals, the first two verify cookies, all open boxes.
/// So a leaked old key is put third: its cookies end, its boxes still open and are sealed again.
package struct Keyring: Sendable {
    /// At least one, ids and bytes distinct.
    let entries: [Entry]

    /// All faults of the text at once, or a keyring. The caller owns and wipes the text.
    package init(parsing text: some Collection<UInt8>) throws(KeyringFaults) {
        entries = try KeyringParser.parse(text).map { Entry(id: $0.id, key: $0.key) }
    }

    package var ids: [KeyID] { entries.map(\.id) }
    package var signingID: KeyID { entries[0].id }

    /// What tells a key from another one of its name, and tells nothing else about it. Not secret: it is derived, and
    /// nothing is sealed or signed with it.
    package var fingerprints: [KeyID: [UInt8]] {
        Dictionary(uniqueKeysWithValues: entries.map { ($0.id, $0.fingerprint) })
    }

    /// Whether the same keys stand in the same order.
    package func isSame(as other: Keyring) -> Bool {
        ids == other.ids && fingerprints == other.fingerprints
    }

    /// The line of a new key, without a line end. It *is* the secret: for the terminal or the file, nothing else.
    package static func generateLine(id: KeyID, random: Randomness) -> String {
        "\(id) \(Base64URL.encode(random.bytes(keyByteCount)))"
    }

    /// 256 bits, as AES-256 and HMAC-SHA-256 want.
    static let keyByteCount = 32
    static let signingAndVerifyingCount = 2
    /// 128 bits: no two keys of a shop have the same by chance.
    static let fingerprintByteCount = 16
}

extension Keyring {
    /// One line of the file, as what is derived from it. All derived once, when the keyring is made: 2.5 us each.
    struct Entry: Sendable {
        let id: KeyID
        let sealing: Key
        let fingerprint: [UInt8]
        private let flow: HMACSHA256
        private let session: HMACSHA256
        let mark: HMACSHA256

        init(id: KeyID, key: Key) {
            // RFC 5869, section 3.1: the salt is optional; the entry is 256 uniform bits already.
            func derived(for purpose: Purpose, count: Int = keyByteCount) -> Key {
                Digest.hkdf(key: key, info: Array(purpose.label.utf8), count: count)
            }
            self.id = id
            sealing = derived(for: .seal)
            fingerprint = derived(for: .fingerprint, count: fingerprintByteCount).withBytes { Array($0) }
            flow = HMACSHA256(key: derived(for: .cookie(.flow)))
            session = HMACSHA256(key: derived(for: .cookie(.session)))
            mark = HMACSHA256(key: derived(for: .mark))
        }

        func authenticator(for purpose: CookiePurpose) -> HMACSHA256 {
            switch purpose {
            case .flow: flow
            case .session: session
            }
        }
    }
}
