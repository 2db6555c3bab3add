// SPDX-License-Identifier: MIT
import Instagram

/// The page of a shop owner: what is connected, what went wrong, and one button for what comes next.
struct SettingsPage {
    let status: StatusObject
    /// From the fixed list, or nothing: an unknown code in the address shows nothing.
    let error: ErrorCode?
    let returnTo: ReturnTo?
    /// Whether a session of ours is here to be ended.
    let canSignOut: Bool
    /// The account was let go a moment ago.
    var farewell: Farewell?

    /// The parameter that asks for that, and its one value.
    static let (notice, disconnected) = ("instagram", "disconnected")

    /// What became of it.
    enum Farewell {
        case disconnected
        /// Instagram did not confirm that it sends its messages here no more.
        case stillSubscribed
    }

    var html: String {
        [alert, goodbye, status.isConnected ? account : status.state == .reconnectRequired ? reconnect : invitation]
            .compactMap(\.self).joined(separator: "\n")
    }

    private var alert: String? {
        error.map { "<p role=\"alert\" class=\"notice\">\(escapedHTML($0.message))</p>" }
    }

    private var goodbye: String? {
        guard let farewell, !status.isConnected else { return nil }
        let webhooks =
            switch farewell {
            case .disconnected: ""
            case .stillSubscribed: "Instagram did not confirm that it sends no more messages of this account here. "
            }
        return """
            <section class="card" role="status" id="disconnected">
            <h2>Disconnected</h2>
            <p>Nobody here has access to the account any more, and what gave it is being erased. \(webhooks)To take it back inside Instagram as well, open Settings, then \
            Website permissions, Apps and websites, and remove this app.</p>
            </section>
            """
    }

    private var disconnect: String {
        """
        <details class="more"><summary>Disconnect</summary>
        <p>Messages to this account are not answered any more, and the access to it is erased here.</p>
        <form method="post" action="\(Endpoint.disconnect.rawValue)"><button id="disconnect" class="second">Disconnect \
        this account</button></form>
        </details>
        """
    }

    private var invitation: String {
        """
        <section class="card">
        <h2>No Instagram account is connected</h2>
        <p>Connect the Instagram account of your shop, so that its direct messages can be answered.</p>
        \(button("Connect Instagram", id: "connect"))
        </section>
        """
    }

    private var account: String {
        """
        <section class="card" id="account">
        <h2>\(title)</h2>
        <p class="soft">Connected\(status.user?.instagramUsername.map { " as @\(escapedHTML($0))" } ?? "")</p>
        <dl>
        \(details)
        </dl>
        \(button("Switch account", id: "switch", parameters: ["switch_account=1"], class: "second"))
        \(signOut)
        \(disconnect)
        </section>
        """
    }

    private var reconnect: String {
        """
        <section class="card" id="account">
        <h2>\(title)</h2>
        <p role="status">This account has to be connected again before its messages can be answered.</p>
        \(button("Reconnect Instagram", id: "connect"))
        \(signOut)
        \(disconnect)
        </section>
        """
    }

    private var title: String {
        escapedHTML(status.user?.name ?? status.user?.instagramUsername ?? "Instagram account")
    }

    private var details: String {
        [
            ("Account type", status.user?.accountType.map(Self.accountType)),
            ("Connected since", status.user?.connectedAt.map(Self.time)),
            ("Access until", status.user?.tokenExpiresAt.map(Self.time)),
        ].compactMap { name, value in value.map { "<dt>\(name)</dt><dd>\($0)</dd>" } }.joined(separator: "\n")
    }

    private func button(_ label: String, id: String, parameters: [String] = [], class style: String = "") -> String {
        let all = parameters + (returnTo.map { ["return_to=" + PercentEncoding.encode($0.path)] } ?? [])
        let action = Endpoint.start.rawValue + (all.isEmpty ? "" : "?" + all.joined(separator: "&"))
        return """
            <form method="post" action="\(escapedHTML(action))"><button id="\(id)"\
            \(style.isEmpty ? "" : " class=\"\(style)\"")>\(label)</button></form>
            """
    }

    private var signOut: String {
        guard canSignOut else { return "" }
        return """
            <form method="post" action="\(Endpoint.signOut.rawValue)"><button id="sign-out" class="second">Sign out\
            </button></form>
            """
    }

    private static func accountType(_ type: String) -> String {
        switch type.uppercased() {
        case "BUSINESS": "Business"
        case "MEDIA_CREATOR": "Creator"
        default: escapedHTML(type)
        }
    }

    static func time(_ time: UnixTime) -> String {
        let text = time.description
        return "<time datetime=\"\(text)\">\(text.prefix(10)) \(text.dropFirst(11).prefix(5)) UTC</time>"
    }
}

extension Site {
    package static let settingsPath = ReturnTo(endpoint: .settings)

    /// `GET /auth/instagram/settings`. Arrives cross-site by nature, on the way back from Instagram.
    func settingsPage(_ request: Request) async -> Answer {
        var error: ErrorCode?
        var returnTo: ReturnTo?
        var isDisconnected = false
        do throws(ErrorCode) {
            let query = try Query(request.query, knowing: ["instagram_error", "return_to", SettingsPage.notice])
            isDisconnected = query[SettingsPage.notice] == SettingsPage.disconnected
            error = query["instagram_error"].flatMap(ErrorCode.init(publicCode:))
            returnTo = try query["return_to"].map { path throws(ErrorCode) in try ReturnTo(path) }
        } catch let invalid {
            error = invalid
        }
        do throws(ErrorCode) {
            let visitor = try await visitor(request)
            let status = StatusObject(visitor.user, keyring: keyring, now: now())
            let canSignOut = if case .session = settings.identity { true } else { false }
            return page.answer(
                .settings(
                    SettingsPage(
                        status: status, error: error, returnTo: returnTo, canSignOut: canSignOut,
                        farewell: isDisconnected ? try await farewell(request) : nil))
            ).setting(visitor.cookies)
        } catch {
            var answer = page.answer(.failure(error), status: error.status)
            answer.error = error
            return answer
        }
    }
}
