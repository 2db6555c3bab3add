// SPDX-License-Identifier: MIT
import FoundationEssentials

/// Whose token it is.
package struct Profile: Sendable, Equatable {
    /// `user_id`: the professional account, the id that webhooks carry. Never `id` in its place, but in the product that
    /// knows no other.
    package let accountID: InstagramID
    /// `id`: the person as this app sees them, the id that Meta's callbacks carry.
    package let appScopedID: InstagramID?
    package let username: String?
    package let name: String?
    package let accountType: String?

    package init(
        accountID: InstagramID, appScopedID: InstagramID?, username: String?, name: String?, accountType: String?
    ) {
        self.accountID = accountID
        self.appScopedID = appScopedID
        self.username = username
        self.name = name
        self.accountType = accountType
    }

    /// A type that is not stated, or not known, is left to Instagram.
    package var isPersonal: Bool { accountType?.uppercased() == "PERSONAL" }
}

extension Profile: Decodable {
    private enum Key: String, CodingKey {
        case data, id, username, name
        case userID = "user_id"
        case accountType = "account_type"
    }

    package init(from decoder: any Decoder) throws {
        let outer = try decoder.container(keyedBy: Key.self)
        let accountKey = (decoder.userInfo[.accountIDField] as? String).flatMap(Key.init) ?? .userID
        let fields = Wrapped.unwrap(outer, .data, unless: accountKey)
        accountID = try fields.decode(InstagramID.self, forKey: accountKey)
        appScopedID = try? fields.decode(InstagramID.self, forKey: .id)
        username = Self.text(fields, .username)
        name = Self.text(fields, .name)
        accountType = Self.text(fields, .accountType)
    }

    /// A text to show: without control characters, and bounded in code points: one character may be a tower of accents.
    private static func text(_ fields: KeyedDecodingContainer<Key>, _ key: Key) -> String? {
        guard let text = try? fields.decode(String.self, forKey: key) else { return nil }
        let kept = text.unicodeScalars.filter { $0.properties.generalCategory != .control }.prefix(200)
        return kept.isEmpty ? nil : String(String.UnicodeScalarView(kept))
    }
}

extension CodingUserInfoKey {
    /// The name of the field with the account's id.
    static let accountIDField = CodingUserInfoKey(rawValue: "account-id-field")!
}
