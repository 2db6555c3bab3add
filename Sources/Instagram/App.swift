// SPDX-License-Identifier: MIT
package import Vault

/// The app at Meta, and where its Instagram lives.
package struct App: Sendable {
    package let id: String
    package let secret: AppSecret
    /// Compared by Instagram character for character, in authorize and in the exchange: one constant for both.
    package let redirectURI: String
    package let scopes: [String]
    package let hosts: Hosts
    /// Of the profile's path, such as `v25.0`. The OAuth paths carry no version.
    package let graphVersion: String

    package init(
        id: String, secret: AppSecret, redirectURI: String, scopes: [String] = Scope.instagramLogin,
        hosts: Hosts = Hosts(), graphVersion: String = "v25.0"
    ) {
        self.id = id
        self.secret = secret
        self.redirectURI = redirectURI
        self.scopes = scopes
        self.hosts = hosts
        self.graphVersion = graphVersion
    }

    /// Base URLs without a trailing slash. The authorize host moved once already, so all three are settings.
    package struct Hosts: Sendable {
        package var www = "https://www.instagram.com"
        package var api = "https://api.instagram.com"
        package var graph = "https://graph.instagram.com"

        package init() {}
    }
}

/// Permissions of *Instagram API with Instagram Login*.
package enum Scope {
    package static let basic = "instagram_business_basic"
    package static let messages = "instagram_business_manage_messages"
    package static let instagramLogin = [basic, messages]

    /// What a connection cannot do without: the profile, and messages if they were asked for.
    package static func needed(of asked: [String]) -> [String] {
        asked.contains(messages) ? [basic, messages] : [basic]
    }
}
