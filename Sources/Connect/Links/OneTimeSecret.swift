// SPDX-License-Identifier: MIT
import Vault

/// 256 random bits that somebody has to show: as base64url outside, as a hash in the database. It does not print.
struct OneTimeSecret: Sendable, Equatable, CustomStringConvertible, CustomReflectable {
    static let byteCount = 32
    let bytes: [UInt8]

    init(_ random: Randomness) { bytes = random.bytes(Self.byteCount) }

    init(bytes: [UInt8]) { self.bytes = bytes }

    /// nil: no such thing was ever given out.
    init?(_ text: String) {
        guard let bytes = Base64URL.decode(text.utf8), bytes.count == Self.byteCount else { return nil }
        self.bytes = bytes
    }

    /// Only for the one who is to show it.
    var text: String { Base64URL.encode(bytes) }

    var hash: [UInt8] { Digest.sha256(bytes) }

    var description: String { "one-time secret" }
    var customMirror: Mirror { Mirror(self, children: []) }
}
