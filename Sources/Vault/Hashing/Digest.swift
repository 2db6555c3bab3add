// SPDX-License-Identifier: MIT
import COpenSSL

/// SHA-256, HKDF over it, and the comparison that digests want.
package enum Digest {
    /// Bytes of a SHA-256 digest.
    package static let byteCount = 32

    /// Takes the bytes that `Secret.withBytes` lends as well as any other collection.
    package static func sha256(_ bytes: some Collection<UInt8>) -> [UInt8] {
        bytes.withContiguousBytes { source in
            digest { vault_sha256(source.baseAddress, source.count, $0) }
        }
    }

    /// In time that depends on the lengths only; see CRYPTO_memcmp(3).
    package static func constantTimeEqual(_ left: some Collection<UInt8>, _ right: some Collection<UInt8>) -> Bool {
        left.withContiguousBytes { left in
            right.withContiguousBytes { right in
                left.count == right.count && vault_equal(left.baseAddress, right.baseAddress, left.count)
            }
        }
    }

    /// HKDF-SHA-256 (RFC 5869), at most 255 x 32 bytes. An empty salt is the one of section 2.2: 32 zeros.
    package static func hkdf<Kind>(key: Secret<Kind>, salt: [UInt8] = [], info: [UInt8], count: Int) -> Key {
        precondition((1...255 * byteCount).contains(count), "RFC 5869, section 2.3: L <= 255*HashLen")
        return Key(count: count) { target in
            let derived = key.withBytes { key in
                vault_hkdf(
                    key.assumingByte, key.count, salt, salt.count, info, info.count, target.assumingByte, target.count)
            }
            precondition(derived, "OpenSSL could not derive a key: no memory")
        }
    }

    /// The 32 bytes that `compute` writes.
    static func digest(_ compute: (UnsafeMutablePointer<UInt8>?) -> Bool) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: byteCount) { buffer, initialized in
            guard compute(buffer.baseAddress) else { preconditionFailure("OpenSSL could not hash: no memory") }
            initialized = byteCount
        }
    }
}

extension UnsafeRawBufferPointer {
    /// As C wants it. Memory of bytes may always be read as `UInt8`.
    var assumingByte: UnsafePointer<UInt8>? { baseAddress?.assumingMemoryBound(to: UInt8.self) }
}

extension UnsafeMutableRawBufferPointer {
    var assumingByte: UnsafeMutablePointer<UInt8>? { baseAddress?.assumingMemoryBound(to: UInt8.self) }
}
