// SPDX-License-Identifier: MIT
import Instagram

/// The page of a shop owner: what is connected, what went wrong, and one button for what comes next.
struct SettingsPage {
    let status: StatusObject
    let words: Words
    /// The permissions that a visitor will be asked for.
    let scopes: [String]
    /// Those without which there is no connection.
    let neededScopes: [String]
    /// From the fixed list, or nothing: an unknown code in the address shows nothing.
    var error: ErrorCode?
    var returnTo: ReturnTo?
    /// Whether who connects is signed in by that, and a session of ours can be ended.
    let isSignInByConnecting: Bool
    /// What the visitor has just done.
    var notice: Notice?

    /// What the address says of that; the fragment that a browser goes to has the same words.
    enum Deed: String {
        case disconnected
        case signedOut = "signed-out"

        static let parameter = "instagram"
    }

    enum Notice {
        /// The account was let go a moment ago.
        case disconnected(confirmed: Bool)
        /// This browser's session was ended, or there was none.
        case signedOut
    }

    /// For the browser's tab.
    var heading: String {
        error != nil && !status.isConnected ? words.state(.notConnected) : words.state(status.state)
    }

    var html: HTML {
        """
        <div data-shown="\(shown)">
        \([isOneCard ? nil : alert, leaving, card])
        </div>
        """
    }

    /// What a script compares with the status, to see whether this page is still true.
    private var shown: String {
        let user = status.state == .notConnected ? nil : status.user
        let renewal = status.isConnected ? user?.nextRenewalAt : nil
        return [
            status.state.rawValue, status.reason, user?.instagramUserID, user?.webhooksError,
            user?.connectedAt?.description, renewal?.description,
        ].map { $0 ?? "" }.joined(separator: " ")
    }

    /// Nothing is there but what went wrong: one sentence and one button.
    private var isOneCard: Bool { error != nil && status.state == .notConnected }

    private var card: HTML {
        switch status.state {
        case .notConnected: isOneCard ? failure : invitation
        case .connected, .expiring: account
        case .reconnectRequired: lost
        }
    }

    /// Where a browser goes that comes back with a failure: no script is needed to bring the focus here.
    private var alert: HTML? {
        error.map { error in
            """
            <div role="alert" class="notice" id="instagram=failed" tabindex="-1">
            <p>\(words.error(error))\(error.missingPermission.map { " " + words.need($0) } ?? "")</p>
            \(again(after: error))
            </div>
            """
        }
    }

    /// An account that stays connected has no card with a button to connect; this is it, unless a notice has one.
    private func again(after error: ErrorCode) -> HTML? {
        guard status.state == .connected, !offersReconnect, error != .accountMismatch else { return nil }
        return button(words.tryAgain, id: "connect")
    }

    private var failure: HTML {
        """
        <section class="card">
        \(alert)
        \(button(words.tryAgain, id: "connect"))
        </section>
        """
    }

    private var leaving: HTML? {
        guard let notice, !status.isConnected else { return nil }
        switch notice {
        case .disconnected(let confirmed):
            return """
                <section class="card" role="status" id="instagram=disconnected" tabindex="-1">
                <h2>\(words.disconnected)</h2>
                <p>\(words.accessErased)</p>
                \(confirmed ? nil : "<p>\(words.stillSubscribed)</p>" as HTML?)
                <p class="soft">\(words.removeInInstagram)</p>
                </section>
                """
        case .signedOut:
            return """
                <p class="notice good" role="status" id="instagram=signed-out" tabindex="-1">\(words.signedOut)</p>
                """
        }
    }

    private var invitation: HTML {
        """
        <section class="card">
        <h2>\(words.connectTitle)</h2>
        \(scopes.contains(Scope.messages) ? "<p>\(words.connectReason)</p>" as HTML? : nil)
        <p>\(words.asksFor)</p>
        \(words.list(of: scopes))
        \(button(words.connect, id: "connect"))
        <p class="soft">\(words.signsInThere)</p>
        \(isSignInByConnecting ? "<p class=\"soft\">\(words.connectedElsewhere)</p>" as HTML? : nil)
        </section>
        """
    }
}

// MARK: Pieces that several cards have

extension SettingsPage {
    func button(_ label: String, id: String, parameters: [String] = [], isSecond: Bool = false) -> HTML {
        let all = parameters + (returnTo.map { ["return_to=" + PercentEncoding.encode($0.text)] } ?? [])
        let action = Endpoint.start.rawValue + (all.isEmpty ? "" : "?" + all.joined(separator: "&"))
        return .form(action, label, id: id, isSecond: isSecond)
    }

    var switchAccount: HTML {
        button(
            words.switchAccount, id: "switch", parameters: ["switch_account=1"],
            isSecond: error != .accountMismatch || status.state != .connected || offersReconnect)
    }

    var signOut: HTML? {
        isSignInByConnecting ? .form(Endpoint.signOut.rawValue, words.signOut, id: "sign-out") : nil
    }

    /// Asks once.
    var disconnect: HTML {
        """
        <details><summary>\(words.disconnect)</summary>
        <div><p>\(words.disconnectConsequence)</p>
        \(HTML.form(Endpoint.disconnect.rawValue, words.disconnectThis, id: "disconnect"))</div>
        </details>
        """
    }
}
