// SPDX-License-Identifier: MIT

/// What an app asks a person for: a request to `/oauth/authorize` that may be shown and answered.
struct ConsentRequest: Sendable {
    let clientID: String
    /// Registered, so redirecting there is safe.
    let redirectURI: String
    let permissions: [String]
    /// Returned unchanged; nil where the app sent none.
    let state: String?

    /// Bad requests are never redirected to the app: they end on Instagram's own page.
    init(
        _ parameters: Parameters, to app: AppRegistration, of product: Switches.Product
    ) throws(ConsentRefusal) {
        guard let clientID = parameters["client_id"], clientID == app.id else { throw .unknownClient }
        guard let redirectURI = parameters["redirect_uri"], app.redirectURIs.contains(redirectURI) else {
            throw .unregisteredRedirect
        }
        guard parameters["response_type"] == "code" else { throw .responseType }
        let asked = Permission.list(parameters["scope"] ?? "")
        let unknown = asked.filter { !Permission.known(to: product).contains($0) }
        guard !asked.isEmpty, unknown.isEmpty else { throw .invalidScopes(unknown) }
        self.clientID = clientID
        self.redirectURI = redirectURI
        permissions = asked
        state = parameters.all("state").first
    }

    /// The way back to the app, with more parameters.
    func redirect(_ parameters: String, withState: Bool = true) -> String {
        let separator = redirectURI.contains("?") ? "&" : "?"
        let state = withState ? state.map { "&state=\(PercentCoding.encode($0))" } ?? "" : ""
        return redirectURI + separator + parameters + state
    }
}
