// SPDX-License-Identifier: MIT
import COpenSSL

/// The bare cipher (NIST SP 800-38D). Only `Keyring` calls it, with a fresh nonce each time; a repeated nonce under one
/// key gives the key stream and the authentication key away. Not `package`, for that reason; tests bring NIST's nonces.
enum AES256GCM {
    static let nonceByteCount = 12
    static let tagByteCount = 16

    /// Writes the ciphertext and its tag. The plaintext is not empty.
    static func seal(
        _ plaintext: UnsafeRawBufferPointer, key: Key, nonce: [UInt8], authenticating aad: [UInt8],
        into target: UnsafeMutableRawBufferPointer
    ) {
        precondition(key.count == Keyring.keyByteCount && nonce.count == nonceByteCount)
        precondition(target.count == plaintext.count + tagByteCount)
        let sealed = key.withBytes { key in
            vault_gcm_seal(
                key.assumingByte, nonce, aad, aad.count, plaintext.assumingByte, plaintext.count, target.assumingByte)
        }
        precondition(sealed, "OpenSSL could not encrypt: no memory")
    }

    /// Fills `target` with the plaintext, or wipes it and answers false.
    static func open(
        _ sealed: UnsafeRawBufferPointer, key: Key, nonce: [UInt8], authenticating aad: [UInt8],
        into target: UnsafeMutableRawBufferPointer
    ) -> Bool {
        precondition(key.count == Keyring.keyByteCount && nonce.count == nonceByteCount)
        precondition(!target.isEmpty && sealed.count == target.count + tagByteCount)
        let opening = key.withBytes { key in
            vault_gcm_open(
                key.assumingByte, nonce, aad, aad.count, sealed.assumingByte, target.count, target.assumingByte)
        }
        // Not to be confused with a forgery: a token must not be given up because memory was short.
        precondition(opening != VAULT_FAILED, "OpenSSL could not decrypt: no memory")
        return opening == VAULT_OPENED
    }
}
