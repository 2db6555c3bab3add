// SPDX-License-Identifier: MIT

extension Collection<UInt8> {
    /// The bytes in one stretch: borrowed where they lie so already, else copied once.
    func withContiguousBytes<R>(_ body: (UnsafeBufferPointer<UInt8>) -> R) -> R {
        withContiguousStorageIfAvailable(body) ?? Array(self).withUnsafeBufferPointer(body)
    }
}
