// SPDX-License-Identifier: MIT
import FoundationEssentials

/// A token that a test wants without a flow, as another program may have got it: the JSON of `POST /control/tokens`.
struct TokenOrder: Decodable {
    enum Kind: String, Decodable {
        case long, short
    }

    let account: Account
    let kind: Kind
    /// Seconds since it was issued; over its life it is dead.
    let age: Int
    let permissions: [String]

    private enum Key: String, CodingKey, CaseIterable {
        case account, kind, age, permissions
        /// The account's app-scoped id, where the token is of another app.
        case id
    }

    init(_ body: [UInt8]) throws(ControlFault) {
        do { self = try JSONDecoder().decode(TokenOrder.self, from: Data(body)) } catch { throw ControlFault(error) }
    }

    init(from decoder: any Decoder) throws {
        try refuseUnknownKeys(in: decoder, known: Key.allCases)
        let object = try decoder.container(keyedBy: Key.self)
        let name = try object.decode(String.self, forKey: .account)
        guard var account = Account.named(name) else {
            throw DecodingError.dataCorrupted(
                .init(
                    codingPath: [Key.account],
                    debugDescription: "none of \(Account.all.map(\.username))"))
        }
        if let id = try object.decodeIfPresent(String.self, forKey: .id) { account.appScopedID = id }
        self.account = account
        kind = try object.decodeIfPresent(Kind.self, forKey: .kind) ?? .long
        age = try object.decodeIfPresent(Int.self, forKey: .age) ?? 0
        permissions =
            try object.decodeIfPresent([String].self, forKey: .permissions) ?? [Permission.basic, Permission.messages]
        try check((0...1_000_000_000).contains(age), "age is no number of seconds", decoder)
    }
}

extension World {
    mutating func issue(_ order: TokenOrder) -> String {
        let text: String
        let life: Int
        switch order.kind {
        case .long:
            longTokens += 1
            (text, life) = ("IGAA_LONG_\(longTokens)", Token.longLife)
        case .short:
            shortTokens += 1
            (text, life) = ("IGAA_SHORT_\(shortTokens)", Token.shortLife)
        }
        let issuedAt = now - order.age
        tokens.set(
            text,
            Token(
                kind: order.kind == .long ? .long : .short, account: order.account, permissions: order.permissions,
                issuedAt: issuedAt, expiresAt: issuedAt + life))
        return text
    }
}
