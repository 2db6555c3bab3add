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

    /// The line of a new key, without a line end. It *is* the secret: for the terminal or the file, nothing else.
    package static func generateLine(id: KeyID, random: Randomness) -> String {
        "\(id) \(Base64URL.encode(random.bytes(keyByteCount)))"
    }

    /// 256 bits, as AES-256 and HMAC-SHA-256 want.
    static let keyByteCount = 32
    static let signingAndVerifyingCount = 2
}

extension Keyring {
    /// One line of the file, as what is derived from it. All derived once, when the keyring is made: 2.5 us each.
    struct Entry: Sendable {
        let id: KeyID
        let sealing: Key
        private let flow: HMACSHA256
        private let session: HMACSHA256
        let mark: HMACSHA256

        init(id: KeyID, key: Key) {
            // RFC 5869, section 3.1: the salt is optional; the entry is 256 uniform bits already.
            func derived(for purpose: Purpose) -> Key {
                Digest.hkdf(key: key, info: Array(purpose.label.utf8), count: keyByteCount)
            }
            self.id = id
            sealing = derived(for: .seal)
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
