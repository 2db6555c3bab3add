// SPDX-License-Identifier: MIT
package import Vault

/// The app at Meta, and where its Instagram lives.
package struct App: Sendable {
    package let product: InstagramProduct
    package let id: String
    package let secret: AppSecret
    /// Others that Meta may sign with: the app's former secret, or the one of the Meta app around it.
    package let extraSecrets: [AppSecret]
    /// Compared by Instagram character for character, in authorize and in the exchange: one constant for both.
    package let redirectURI: String
    package let scopes: [String]
    package let hosts: Hosts
    /// Of the profile's path, where that has one, such as `v25.0`. The OAuth paths carry none.
    package let graphVersion: String

    package init(
        product: InstagramProduct = .instagramLogin, id: String, secret: AppSecret, redirectURI: String,
        scopes: [String]? = nil, hosts: Hosts = Hosts(), graphVersion: String = "v25.0", extraSecrets: [AppSecret] = []
    ) {
        self.product = product
        self.id = id
        self.secret = secret
        self.extraSecrets = extraSecrets
        self.redirectURI = redirectURI
        self.scopes = scopes ?? product.scopes
        self.hosts = hosts
        self.graphVersion = graphVersion
    }

    /// Whatever signs what Meta sends, in the order in which it is tried. Calls to Instagram carry the first alone.
    package var signingSecrets: [AppSecret] { [secret] + extraSecrets }

    /// Where a visitor is sent to be asked.
    package var authorizeOrigin: String { product.authorizeHost(hosts) }

    /// Base URLs without a trailing slash. The authorize host moved once already, so all three are settings.
    package struct Hosts: Sendable {
        package var www = "https://www.instagram.com"
        package var api = "https://api.instagram.com"
        package var graph = "https://graph.instagram.com"

        package init() {}

        /// False where a stand-in for development is called by plain HTTP.
        package var areEncrypted: Bool { [api, graph].allSatisfy { $0.hasPrefix("https:") } }
    }
}
