// SPDX-License-Identifier: MIT
import COpenSSL
import Synchronization

/// HMAC-SHA-256 (RFC 2104) with a key that is taken in once.
package final class HMACSHA256: Sendable {
    /// One context, used by one thread at a time, for as long as one MAC takes.
    private let prepared: Mutex<Context>

    /// Safe to send: OpenSSL keeps nothing of it in a thread.
    private struct Context: ~Copyable, @unchecked Sendable {
        let pointer: OpaquePointer

        deinit { vault_hmac_free(pointer) }
    }

    package init<Kind>(key: Secret<Kind>) {
        guard let context = key.withBytes({ vault_hmac_prepare($0.assumingByte, $0.count) }) else {
            preconditionFailure("OpenSSL could not prepare an HMAC: no memory")
        }
        prepared = Mutex(Context(pointer: context))
    }

    /// The MAC of the parts in a row. Where one part ends and the next begins is not told: frame them first.
    package func authenticate(_ parts: [UInt8]...) -> [UInt8] {
        if parts.count == 1 { return parts[0].withUnsafeBytes(authenticate) }
        return Array(parts.joined()).withUnsafeBytes(authenticate)
    }

    package func authenticate(_ bytes: UnsafeRawBufferPointer) -> [UInt8] {
        Digest.digest { authenticate(bytes, into: $0) }
    }

    /// Writes 32 bytes. False means no memory.
    func authenticate(_ bytes: UnsafeRawBufferPointer, into target: UnsafeMutablePointer<UInt8>?) -> Bool {
        prepared.withLock { vault_hmac($0.pointer, bytes.assumingByte, bytes.count, target) }
    }
}
