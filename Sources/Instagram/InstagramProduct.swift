// SPDX-License-Identifier: MIT

/// One of the two APIs by which Meta lets an app connect an Instagram account: where they differ, as values.
package struct InstagramProduct: Sendable {
    package let name: String
    /// Where a visitor is asked, as a path of one of the hosts.
    let authorizeHost: @Sendable (App.Hosts) -> String
    /// Added to the authorize URL when the visitor wants another account than the one they are signed in with.
    let switchingAccount: String
    package let scopes: [String]
    /// The permission without which there is no profile.
    package let basicScope: String
    /// Permissions that a connection cannot do without if they were asked for.
    let neededScopes: [String]
    let profilePath: @Sendable (_ graphVersion: String) -> String
    let profileFields: String
    /// The field of a profile that names the account: what webhooks carry. Never another one in its place.
    let accountIDField: String
    /// Business and creator accounts have an API; personal ones have had none since December 2024.
    package let takesPersonalAccounts: Bool
    /// An account has to be subscribed before the app hears of its messages.
    package let hasWebhooks: Bool
    /// Meta has switched it off: calls fail.
    package let isRetired: Bool

    /// *Instagram API with Instagram Login*: direct messages, professional accounts. The one that works.
    package static let instagramLogin = InstagramProduct(
        name: "instagram-login", authorizeHost: { $0.www }, switchingAccount: "&force_reauth=true",
        scopes: [Scope.basic, Scope.messages], basicScope: Scope.basic, neededScopes: [Scope.basic, Scope.messages],
        profilePath: { "/\($0)/me" }, profileFields: "id,user_id,username,name,account_type", accountIDField: "user_id",
        takesPersonalAccounts: false, hasWebhooks: true, isRetired: false)

    /// *Instagram Basic Display*: shut down on 4 December 2024, and never allowed messages. One id, no versions.
    package static let basicDisplay = InstagramProduct(
        name: "basic-display", authorizeHost: { $0.api }, switchingAccount: "", scopes: ["user_profile", "user_media"],
        basicScope: "user_profile", neededScopes: ["user_profile"], profilePath: { _ in "/me" },
        profileFields: "id,username,account_type", accountIDField: "id", takesPersonalAccounts: true,
        hasWebhooks: false, isRetired: true)

    package static let all = [instagramLogin, basicDisplay]

    /// Of the asked ones, those that have to be granted.
    package func needed(of asked: [String]) -> [String] {
        neededScopes.filter { $0 == basicScope || asked.contains($0) }
    }
}

/// Permissions of *Instagram API with Instagram Login*.
package enum Scope {
    package static let basic = "instagram_business_basic"
    package static let messages = "instagram_business_manage_messages"
}
