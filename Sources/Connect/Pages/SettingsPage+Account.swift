// SPDX-License-Identifier: MIT
import Instagram

/// The cards of an account: as it is, and as it was.
extension SettingsPage {
    var account: HTML {
        """
        \(status.state == .expiring ? expiring : nil)
        \(messagesMissing)
        <section class="card" id="account">
        \(welcome)
        <p class="state\(status.state == .expiring ? " bad" : "")">\(words.state(status.state))</p>
        \(who)
        <dl>
        \(details)
        </dl>
        <div class="actions">
        \(switchAccount)
        \(signOut)
        </div>
        \(isSignInByConnecting ? "<p class=\"soft\">\(words.switchingKeeps)</p>" as HTML? : nil)
        \(disconnect)
        </section>
        """
    }

    /// The account has to be connected again: why, and one button.
    var lost: HTML {
        """
        <section class="card" id="account">
        <p class="state bad">\(words.state(.reconnectRequired))</p>
        \(who)
        <p role="status" id="reason">\(words.reason(status.reason))</p>
        \(missingPermissions)
        \(button(words.reconnect, id: "connect"))
        <div class="actions">
        \([error == .accountMismatch ? switchAccount : nil, signOut])
        </div>
        \(disconnect)
        </section>
        """
    }

    /// Only on the way back from Instagram, whose fragment makes it visible and brings the focus here.
    private var welcome: HTML {
        """
        <p class="notice good once" role="status" id="instagram=connected" tabindex="-1">\(words.connectedNow)</p>
        """
    }

    private var who: HTML {
        let user = status.user
        let username = user?.instagramUsername.map { HTML.name("@" + $0) }
        return """
            <div class="who"><h2>\(user?.name.map(HTML.name) ?? HTML(text: words.accountWithoutName))</h2>
            \(username.map { "<p>\(status.isConnected ? words.connectedAs($0) : $0)</p>" as HTML })</div>
            """
    }

    private var expiring: HTML {
        """
        <div class="notice" role="status" id="expiring">
        <p>\(words.expiring(status.user?.tokenExpiresAt.map(words.time), status.user?.renewalFailures ?? 0 > 0))</p>
        \(button(words.reconnect, id: "connect"))
        </div>
        """
    }

    private var details: [HTML?] {
        let user = status.user
        func row(_ name: String, _ value: HTML?) -> HTML? {
            value.map { "<div><dt>\(name)</dt><dd>\($0)</dd></div>" }
        }
        return [
            row(
                words.accountType,
                user?.accountType.map { type in
                    words.accountTypes(type).map { HTML(text: $0) } ?? .name(type)
                }),
            row(words.permissions, user?.scopes.map(words.list)),
            row(words.connectedSince, user?.connectedAt.map(words.time)),
            row(
                words.access, status.state == .connected ? words.renewsItself(user?.nextRenewalAt.map(words.time)) : nil
            ),
            row(words.messages, messages),
        ]
    }

    /// nil where nobody wants them, or where a notice says it.
    private var messages: HTML? {
        guard let user = status.user, messagesError == nil else { return nil }
        if user.webhooksSubscribedAt != nil { return HTML(text: words.messagesArrive) }
        guard user.nextWebhooksAt != nil else { return nil }
        return "<span role=\"status\" data-then=\"\(words.messagesArrive)\">\(words.messagesBeingSetUp)</span>"
    }

    /// Why messages may not arrive; also where a permission that they need is known to be gone.
    private var messagesError: String? {
        guard let user = status.user else { return nil }
        let isGone = neededScopes.contains(Scope.messages) && user.scopes.map { !$0.contains(Scope.messages) } ?? false
        return isGone ? Loss.permissionMissing.rawValue : user.webhooksError
    }

    private var messagesMissing: HTML? {
        guard let error = messagesError else { return nil }
        let permission = error == Loss.permissionMissing.rawValue ? words.need(.messages) : nil
        return """
            <div class="notice" role="status" id="instagram=messages" tabindex="-1">
            <p>\(words.messagesMissing) \(words.messagesFailure(error)) \(permission ?? "")</p>
            \(offersReconnect ? button(words.reconnect, id: "connect") : nil)
            </div>
            """
    }

    /// Where only the owner can mend it. An account that ends soon has that button already.
    var offersReconnect: Bool {
        status.state == .connected && messagesError.flatMap(Loss.init(rawValue:)) != nil
    }

    /// Which permissions are gone, as far as they are known, and what each is needed for.
    private var missingPermissions: HTML? {
        guard status.reason == "permission_missing" else { return nil }
        let granted = status.user?.scopes
        let missing = neededScopes.filter { !(granted?.contains($0) ?? false) }
        let items = (missing.isEmpty ? neededScopes : missing).compactMap(Permission.init(scope:)).map {
            permission -> HTML in
            "<li><strong>\(words.permission(permission)).</strong> \(words.need(permission))</li>"
        }
        return """
            \(missing.isEmpty ? "<p>\(words.oneOfThese)</p>" as HTML? : nil)
            <ul id="needed">\(items)</ul>
            """
    }
}
