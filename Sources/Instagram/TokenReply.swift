// SPDX-License-Identifier: MIT
import FoundationEssentials
package import Vault

/// The answer of the code exchange. Nothing but the token is required: the code is spent, and an answer that gave a
/// token is not lost to a field that looks otherwise than expected.
package struct ShortLivedGrant: Sendable {
    package let token: ShortLivedToken
    /// What the person allowed; nil where the answer does not say.
    package let scopes: [String]?
}

/// The answer of the long-lived exchange and of a refresh.
package struct LongLivedGrant: Sendable {
    package let token: LongLivedToken
    /// Seconds; nil where the answer has none that makes sense.
    package let expiresIn: Int?
    /// What the answer calls the permissions of the token; nil where it does not say, as most do.
    package let scopes: [String]?

    init(_ reply: TokenReply) {
        token = LongLivedToken(utf8: reply.accessToken)
        expiresIn = reply.expiresIn
        scopes = reply.permissions
    }
}

/// All token answers in one: flat, or wrapped in `data[0]`.
struct TokenReply: Decodable {
    let accessToken: String
    let expiresIn: Int?
    /// An empty list says that nothing was granted; a text without a name in it says nothing.
    let permissions: [String]?

    /// Bytes. Meta says nothing of a bound, and those seen have some hundred.
    private static let longestToken = 16_384

    private enum Key: String, CodingKey {
        case data, permissions
        case accessToken = "access_token"
        case expiresIn = "expires_in"
    }

    init(from decoder: any Decoder) throws {
        let outer = try decoder.container(keyedBy: Key.self)
        let fields = Wrapped.unwrap(outer, .data, unless: .accessToken)
        accessToken = try fields.decode(String.self, forKey: .accessToken)
        // A token goes into query strings and header fields: visible ASCII (RFC 6750, section 2.1), or it is none.
        guard (1...Self.longestToken).contains(accessToken.utf8.count),
            accessToken.utf8.allSatisfy({ (0x21...0x7e).contains($0) })
        else {
            throw DecodingError.dataCorruptedError(forKey: .accessToken, in: fields, debugDescription: "not a token")
        }
        let seconds =
            (try? fields.decode(Int.self, forKey: .expiresIn))
            ?? (try? fields.decode(String.self, forKey: .expiresIn)).flatMap { Int($0) }
        expiresIn = seconds.flatMap { (1...315_360_000).contains($0) ? $0 : nil }
        permissions =
            (try? fields.decode([String].self, forKey: .permissions))
            ?? (try? fields.decode(String.self, forKey: .permissions)).flatMap { text in
                let names = text.split { $0 == "," || $0 == " " }
                return names.isEmpty ? nil : names.map(String.init)
            }
    }
}

/// `{"data": [{...}]}` beside `{...}`: Meta documents one shape and sends the other.
enum Wrapped {
    /// - Parameter wanted: Where this stands outside, there is nothing to unwrap, whatever `data` is.
    static func unwrap<Key: CodingKey>(
        _ outer: KeyedDecodingContainer<Key>, _ data: Key, unless wanted: Key
    ) -> KeyedDecodingContainer<Key> {
        if outer.contains(wanted) { return outer }
        if var list = try? outer.nestedUnkeyedContainer(forKey: data),
            let first = try? list.nestedContainer(keyedBy: Key.self)
        {
            return first
        }
        return (try? outer.nestedContainer(keyedBy: Key.self, forKey: data)) ?? outer
    }
}
