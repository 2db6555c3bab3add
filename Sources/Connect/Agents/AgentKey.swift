// SPDX-License-Identifier: MIT
package import Vault

/// `igsa_` and base64url of 32 bytes: one look tells what it is, to a person and to whatever searches for leaked keys.
extension AgentKey {
    static let prefix = Array("igsa_".utf8)
    private static let byteCount = 32
    /// Nobody means to send more: a key, and room for blanks.
    private static let maximumFieldCount = 256

    package static func generate(random: Randomness = .system) -> AgentKey {
        AgentKey(copying: prefix + Base64URL.encode(random.bytes(byteCount)).utf8)
    }

    /// What the agents file keeps. A key has 256 random bits, so nobody finds it by trying.
    package var digest: [UInt8] { withBytes { Digest.sha256($0) } }

    /// In canonical form; there is no second text of one key.
    var isWellFormed: Bool {
        withBytes { bytes in
            bytes.starts(with: Self.prefix)
                && Base64URL.decode(bytes.dropFirst(Self.prefix.count))?.count == Self.byteCount
        }
    }

    /// The token of `Bearer <token>` (RFC 6750, section 2.1). The scheme is in any case, and one or more spaces follow
    /// (RFC 9110, section 11.4). nil: another scheme, none, or too long a field.
    init?(bearerOf authorization: String) {
        let field = Array(authorization.utf8.prefix(Self.maximumFieldCount + 1))
        let scheme = Array("bearer".utf8)
        guard field.count <= Self.maximumFieldCount, field.count > scheme.count,
            // 0x20 is the difference between a letter's cases; no other byte becomes one of these letters by it.
            zip(field, scheme).allSatisfy({ $0 | 0x20 == $1 }), field[scheme.count] == UInt8(ascii: " ")
        else { return nil }
        self.init(copying: field[scheme.count...].drop { $0 == UInt8(ascii: " ") })
    }
}
