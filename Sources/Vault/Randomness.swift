// SPDX-License-Identifier: MIT
import COpenSSL

/// Where chance comes from; an argument wherever it is needed, so that a test can foresee it.
package struct Randomness: Sendable {
    /// Exactly `count` bytes.
    package let bytes: @Sendable (_ count: Int) -> [UInt8]

    package init(bytes: @escaping @Sendable (_ count: Int) -> [UInt8]) {
        self.bytes = bytes
    }

    /// OpenSSL's CSPRNG, seeded by the kernel. Without randomness nothing we do is safe, so failing ends the process.
    package static let system = Randomness { count in
        [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            guard vault_random(buffer.baseAddress, count) else {
                preconditionFailure("RAND_bytes has no randomness to give")
            }
            initialized = count
        }
    }
}
