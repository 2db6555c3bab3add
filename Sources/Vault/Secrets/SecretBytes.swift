// SPDX-License-Identifier: MIT
import COpenSSL

/// The one owner of a secret's memory.
final class SecretBytes: Sendable {
    /// Safe to share: written by `init` alone, before anybody else can hold `self`; only read until `deinit`.
    nonisolated(unsafe) private let buffer: UnsafeMutableRawBufferPointer

    init<Failure: Error>(
        count: Int, _ fill: (UnsafeMutableRawBufferPointer) throws(Failure) -> Void
    ) throws(Failure) {
        buffer = .allocate(byteCount: count, alignment: 1)
        try fill(buffer)  // `self` is complete: a throw runs `deinit`
    }

    deinit {
        vault_wipe(buffer.baseAddress, buffer.count)
        buffer.deallocate()
    }

    var count: Int { buffer.count }

    func withBytes<R, Failure: Error>(_ body: (UnsafeRawBufferPointer) throws(Failure) -> R) throws(Failure) -> R {
        defer { withExtendedLifetime(self) {} }  // `deinit` waits for `body`
        return try body(UnsafeRawBufferPointer(buffer))
    }
}
