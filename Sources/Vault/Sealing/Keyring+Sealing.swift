// SPDX-License-Identifier: MIT

/// Why a secret was not sealed.
package enum SealFailure: Error, Equatable {
    case empty
    /// Above 64 KiB.
    case tooLong
}

/// Why a box did not open. It says nothing about the contents.
package enum OpenFailure: Error, Equatable {
    /// For the reader of a row whose bytes are no `Box`; `open` itself takes nothing else.
    case malformed
    case unknownKey(KeyID)
    /// Changed, moved, or sealed by another key of that name.
    case notAuthentic
}

extension Keyring {
    /// Seals with the first key and a random nonce (NIST SP 800-38D, section 8.2.2).
    /// Section 8.3 allows 2^32 boxes a key: rotate long before.
    package func seal<K>(_ secret: Secret<K>, as field: SealedField, random: Randomness) throws(SealFailure) -> Box {
        guard !secret.isEmpty else { throw .empty }
        guard secret.count <= Box.maximumPlaintextCount else { throw .tooLong }
        let nonce = random.bytes(AES256GCM.nonceByteCount)
        let aad = field.associatedData(keyID: entries[0].id)
        return Box(keyID: entries[0].id, nonce: nonce, plaintextCount: secret.count) { target in
            secret.withBytes {
                AES256GCM.seal($0, key: entries[0].sealing, nonce: nonce, authenticating: aad, into: target)
            }
        }
    }

    /// Opens with whichever key the box names. Nothing of the plaintext is left behind by a failure.
    package func open<K>(
        _ box: Box, sealedAs field: SealedField, as kind: Secret<K>.Type
    ) throws(OpenFailure) -> Secret<K> {
        guard let entry = entries.first(where: { $0.id == box.keyID }) else { throw .unknownKey(box.keyID) }
        let aad = field.associatedData(keyID: entry.id)
        return try Secret<K>(count: box.plaintextCount) { target throws(OpenFailure) in
            let authentic = box.sealed.withUnsafeBytes {
                AES256GCM.open($0, key: entry.sealing, nonce: box.nonce, authenticating: aad, into: target)
            }
            guard authentic else { throw .notAuthentic }
        }
    }
}
