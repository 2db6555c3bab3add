// SPDX-License-Identifier: MIT
import Gateway

/// Asks who consents, and to what.
struct ConsentPage {
    private let request: ConsentRequest

    init(_ request: ConsentRequest) {
        self.request = request
    }

    var response: GatewayResponse {
        .html(HTML.page(title: "Let this app use your account?", body: body))
    }

    private var body: String {
        """
        <p>App <strong>\(HTML.escape(request.clientID))</strong> asks. You go back to
        \(HTML.escape(request.redirectURI)) afterwards.</p>
        <form method="post" action="/oauth/authorize/decision">
        \(hidden)
        <fieldset>
        <legend>Account</legend>
        \(accounts)
        </fieldset>
        <fieldset>
        <legend>Permissions</legend>
        \(permissions)
        </fieldset>
        <button type="submit" id="allow" name="decision" value="allow">Allow</button>
        <button type="submit" id="deny" name="decision" value="deny">Deny</button>
        </form>
        """
    }

    private var hidden: String {
        var fields = [
            ("client_id", request.clientID), ("redirect_uri", request.redirectURI), ("response_type", "code"),
            ("scope", request.permissions.joined(separator: ",")),
        ]
        if let state = request.state { fields.append(("state", state)) }
        return fields.map { name, value in
            #"<input type="hidden" name="\#(name)" value="\#(HTML.escape(value))">"#
        }.joined(separator: "\n")
    }

    private var accounts: String {
        Account.all.enumerated().map { index, account in
            let name = HTML.escape(account.username)
            return #"<label for="account-\#(index)"><input type="radio" id="account-\#(index)" name="account" "#
                + #"value="\#(name)" required\#(index == 0 ? " checked" : "")>"#
                + "<span>\(name) (\(HTML.escape(account.note)))</span></label>"
        }.joined(separator: "\n")
    }

    private var permissions: String {
        request.permissions.map { permission in
            let name = HTML.escape(permission)
            return #"<label for="\#(name)"><input type="checkbox" id="\#(name)" name="granted" value="\#(name)" "#
                + "checked><span>\(name)</span></label>"
        }.joined(separator: "\n")
    }
}
