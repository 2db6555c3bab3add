// SPDX-License-Identifier: MIT
import COpenSSL
import Synchronization

/// Where chance comes from; an argument wherever it is needed, so that a test can foresee it.
package struct Randomness: Sendable {
    /// Exactly `count` bytes.
    package let bytes: @Sendable (_ count: Int) -> [UInt8]

    package init(bytes: @escaping @Sendable (_ count: Int) -> [UInt8]) {
        self.bytes = bytes
    }

    /// OpenSSL's CSPRNG, seeded by the kernel, a block at a time: its cost is in the call, not in the bytes.
    package static let system: Randomness = {
        let pool = Mutex(RandomBlock())
        return Randomness { count in pool.withLock { $0.take(count) } }
    }()
}

/// Random bytes that were made ahead. Each is given out once and wiped here.
///
/// A process that forks would give the same bytes twice; this one never does.
private struct RandomBlock: ~Copyable {
    private static let size = 1024
    private let block = UnsafeMutableRawBufferPointer.allocate(byteCount: size, alignment: 16)
    private var used = size

    deinit {
        vault_wipe(block.baseAddress!, block.count)
        block.deallocate()
    }

    mutating func take(_ count: Int) -> [UInt8] {
        guard count <= Self.size else { return (0..<count).flatMap { _ in take(1) } }
        if used + count > Self.size {
            // Without randomness nothing we do is safe, so failing ends the process.
            guard vault_random(block.baseAddress, Self.size) else {
                preconditionFailure("RAND_bytes has no randomness to give")
            }
            used = 0
        }
        let taken = UnsafeMutableRawBufferPointer(rebasing: block[used..<used + count])
        defer { vault_wipe(taken.baseAddress!, count) }
        used += count
        return Array(taken)
    }
}
