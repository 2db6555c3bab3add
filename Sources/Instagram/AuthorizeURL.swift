// SPDX-License-Identifier: MIT

/// Where a visitor is sent to be asked: `GET .../oauth/authorize` (RFC 6749, section 4.1.1).
package struct AuthorizeURL: Sendable {
    /// All but the state, which comes last: made once.
    private let prefix: String
    private let switchingAccount: String

    package init(_ app: App) {
        prefix =
            "\(app.authorizeOrigin)/oauth/authorize?client_id=\(PercentEncoding.encode(app.id))"
            + "&redirect_uri=\(PercentEncoding.encode(app.redirectURI))&response_type=code"
            + "&scope=\(PercentEncoding.encode(app.scopes.joined(separator: ",")))&state="
        switchingAccount = app.product.switchingAccount
    }

    /// - Parameter switchingAccount: Instagram asks for credentials although the browser is signed in.
    package func url(state: String, switchingAccount: Bool) -> String {
        switchingAccount ? prefix + state + self.switchingAccount : prefix + state
    }
}
