// SPDX-License-Identifier: MIT
import Vault

/// Keyrings and places that the tests share.
enum Samples {
    static let token = LongLivedToken(utf8: "IGAAtoken-of-sixty-days")
    static let payload = Array("state, return_to, user, generation".utf8)
    static let field = SealedField(
        table: "users", column: "instagram_access_token", user: "42", instagramUserID: "17841400000000001",
        generation: 7)

    /// A line whose bytes depend on the id only: the same id has the same key in every keyring.
    static func line(_ id: String) -> String {
        let seed = id.utf8.reduce(UInt64(id.utf8.count)) { $0 &* 257 &+ UInt64($1) }
        return Keyring.generateLine(id: KeyID(id)!, random: .seeded(seed))
    }

    static func keyring(_ ids: String...) throws(KeyringFaults) -> Keyring {
        try Keyring(parsing: ids.map(line).joined(separator: "\n").utf8)
    }
}

extension [UInt8] {
    func flipping(bit: Int) -> [UInt8] {
        var copy = self
        copy[bit / 8] ^= 1 << (bit % 8)
        return copy
    }
}
