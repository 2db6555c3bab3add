// SPDX-License-Identifier: MIT
import Gateway

/// Why the person is not asked. It is told on Instagram's own page, so the app never hears of it.
struct ConsentRefusal: Error, Sendable {
    let message: String

    init(_ message: String) { self.message = message }

    private static let prefix = "Invalid request: Request parameters are invalid: "
    static let unknownClient = Self(prefix + "Invalid platform app")
    static let unregisteredRedirect = Self(prefix + "Invalid redirect_uri")
    static let responseType = Self(prefix + "Invalid response_type")

    static func invalidScopes(_ names: [String]) -> Self {
        Self("Invalid Scopes: " + names.joined(separator: ", "))
    }

    /// To the page that shows it.
    var redirect: GatewayResponse {
        .redirect(to: "/oauth/authorize/first_party/error/?message=" + PercentCoding.encode(message))
    }

    var page: GatewayResponse {
        .html(
            HTML.page(
                title: "This request cannot be shown",
                body: """
                    <p id="message">\(HTML.escape(message.isEmpty ? "No reason was given." : message))</p>
                    <p>Instagram shows such an error itself. The app is not called back.</p>
                    """))
    }
}
