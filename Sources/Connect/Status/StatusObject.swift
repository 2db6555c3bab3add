// SPDX-License-Identifier: MIT
import Vault

/// The state of a connection, as frontends, agents and the settings page see it. Never a token.
struct StatusObject {
    enum State: String, CaseIterable {
        case notConnected = "not_connected"
        case connected, expiring
        case reconnectRequired = "reconnect_required"
    }

    /// Less life than this is shown as `expiring`, in seconds.
    static let expiringBelow: Int64 = 14 * 86_400

    let state: State
    let reason: String?
    let user: User?

    init(_ user: User?, keyring: Keyring, now: UnixTime) {
        self.init(user, keys: keyring.ids, now: now)
    }

    /// - Parameter keys: nil: nobody here can say whether one is missing.
    init(_ user: User?, keys: [KeyID]?, now: UnixTime) {
        self.user = user
        guard let user, user.state != State.notConnected.rawValue else {
            state = .notConnected
            reason = nil
            return
        }
        let keyIsThere = user.box.map { keys?.contains($0.keyID) ?? true } ?? false
        let left = user.tokenExpiresAt.map { $0 - now } ?? 0
        switch (user.state, keyIsThere, left) {
        case (State.reconnectRequired.rawValue, _, _): (state, reason) = (.reconnectRequired, user.reason)
        case (_, false, _): (state, reason) = (.reconnectRequired, "key_missing")
        case (_, _, ...0): (state, reason) = (.reconnectRequired, "expired")
        case (_, _, ..<Self.expiringBelow): (state, reason) = (.expiring, nil)
        default: (state, reason) = (.connected, nil)
        }
    }

    var isConnected: Bool { state == .connected || state == .expiring }

    /// Every field, always; null where there is nothing.
    var json: [UInt8] {
        var text = JSONText()
        text.add("status", "success")
        write(to: &text)
        return text.finished()
    }

    func write(to text: inout JSONText) {
        let shown = state == .notConnected ? nil : user
        text.add("state", state.rawValue)
        text.add("connected", isConnected)
        text.add("reason", reason)
        text.add("instagram_user_id", shown?.instagramUserID)
        text.add("instagram_username", shown?.instagramUsername)
        text.add("name", shown?.name)
        text.add("account_type", shown?.accountType)
        text.add("scopes", shown?.scopes)
        text.add("connected_at", shown?.connectedAt?.description)
        text.add("token_expires_at", shown?.tokenExpiresAt?.description)
        text.add("next_renewal_at", isConnected ? shown?.nextRenewalAt?.description : nil)
        text.add("webhooks_subscribed_at", shown?.webhooksSubscribedAt?.description)
        text.add("webhooks_error", shown?.webhooksError)
    }
}
