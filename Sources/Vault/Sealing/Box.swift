// SPDX-License-Identifier: MIT

/// A sealed secret as it is stored: format byte, length of the key id, key id, nonce, ciphertext, tag.
package struct Box: Sendable, Equatable {
    package let bytes: [UInt8]
    /// The key that sealed it: as the box claims, which opening it proves.
    package let keyID: KeyID

    /// Whether the bytes have the shape of a box; what is in it is the keyring's business.
    package init?(bytes: [UInt8]) {
        guard bytes.count >= 2, bytes[0] == Self.format, bytes.count <= Self.maximumByteCount,
            let keyID = KeyID(bytes.dropFirst(2).prefix(Int(bytes[1]))), keyID.description.utf8.count == bytes[1],
            bytes.count > Self.overhead(of: keyID)
        else { return nil }
        self.bytes = bytes
        self.keyID = keyID
    }

    /// `fill` writes ciphertext and tag.
    init(keyID: KeyID, nonce: [UInt8], plaintextCount: Int, _ fill: (UnsafeMutableRawBufferPointer) -> Void) {
        let id = keyID.description.utf8
        let count = Self.overhead(of: keyID) + plaintextCount
        self.keyID = keyID
        bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            let header = [Self.format, UInt8(id.count)] + id + nonce
            _ = buffer.initialize(fromContentsOf: header)
            fill(UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[header.count..<count]))
            initialized = count
        }
    }

    static let format: UInt8 = 1
    /// Tokens are below 1 KiB.
    static let maximumPlaintextCount = 65_536
    private static let maximumByteCount =
        2 + KeyID.maximumCount + AES256GCM.nonceByteCount + maximumPlaintextCount + AES256GCM.tagByteCount

    private static func overhead(of keyID: KeyID) -> Int {
        2 + keyID.description.utf8.count + AES256GCM.nonceByteCount + AES256GCM.tagByteCount
    }

    var plaintextCount: Int { bytes.count - Self.overhead(of: keyID) }
    var nonce: [UInt8] { Array(bytes[nonceRange]) }
    /// Ciphertext and tag.
    var sealed: ArraySlice<UInt8> { bytes[nonceRange.upperBound...] }

    private var nonceRange: Range<Int> {
        let start = 2 + keyID.description.utf8.count
        return start..<start + AES256GCM.nonceByteCount
    }
}
