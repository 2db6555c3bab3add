// SPDX-License-Identifier: MIT
import Glibc
import Vault

/// Bytes with a NUL behind them, overwritten when their owner lets go of them. They never grow, so they never move.
struct WipedBytes: ~Copyable {
    private let storage: UnsafeMutableRawBufferPointer

    init(_ bytes: some Collection<UInt8>) {
        storage = Self.room(for: bytes.count)
        storage.copyBytes(from: bytes)
    }

    /// Text that may be seen, then a secret; the secret is copied once, to here.
    init<Kind>(_ prefix: String, _ secret: Secret<Kind>) {
        let start = prefix.utf8.count
        let storage = Self.room(for: start + secret.count)
        storage.copyBytes(from: prefix.utf8)
        secret.withBytes { UnsafeMutableRawBufferPointer(rebasing: storage[start...]).copyMemory(from: $0) }
        self.storage = storage
    }

    deinit {
        if let start = storage.baseAddress { explicit_bzero(start, storage.count) }
        storage.deallocate()
    }

    private static func room(for count: Int) -> UnsafeMutableRawBufferPointer {
        let room = UnsafeMutableRawBufferPointer.allocate(byteCount: count + 1, alignment: 1)
        room[count] = 0
        return room
    }

    /// Without the NUL.
    var count: Int { storage.count - 1 }

    func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        body(UnsafeRawBufferPointer(rebasing: storage.dropLast()))
    }

    func withCString<Result>(_ body: (UnsafePointer<CChar>) -> Result) -> Result {
        storage.withMemoryRebound(to: CChar.self) { body($0.baseAddress.unsafelyUnwrapped) }  // never empty: the NUL
    }
}
