// SPDX-License-Identifier: MIT
import Instagram

/// Why a token is not imported: the `reason` beside `token_refused`.
enum TokenRefusal: String, Sendable, CaseIterable {
    case expired, revoked
    case passwordChanged = "password_changed"
    case removed = "removed_in_instagram"
    case checkpoint
    /// Instagram shows the profile and does not renew the token.
    case notRenewable = "not_renewable"
    /// No token of this app's, as far as two calls can tell.
    case foreign

    /// One sentence for whoever runs the import.
    var message: String {
        switch self {
        case .expired: "This token has expired, and only its owner can connect the account again."
        case .revoked: "Instagram has taken this token back, and only its owner can connect the account again."
        case .passwordChanged:
            "The password was changed, or Instagram ended the sessions of the account, so its owner has to connect it again."
        case .removed: "The owner has removed the app inside Instagram and has to connect the account again."
        case .checkpoint:
            "Instagram wants the owner of the account to confirm something; import the token again after that."
        case .notRenewable:
            "Instagram does not renew this token: it is short-lived, or younger than a day. Import it when it is a day old, or let the owner connect."
        case .foreign: "Instagram does not know this as a token of this app."
        }
    }
}

extension TokenRefusal {
    /// What an answer says against the token itself; nil: nothing. Numbers decide: Instagram gives the sessions that it
    /// ended a subcode, and what it cannot read none.
    init?(_ failure: InstagramFailure) {
        guard case .answer(let call, _, let code, let subcode, let verdict) = failure else { return nil }
        switch (verdict, call) {
        // A moment before, the same token showed the profile: it lives, and is of a kind that is not renewed.
        case (.refused, .refreshToken), (.misconfigured, .refreshToken), (.notEligible, .refreshToken):
            self = .notRenewable
        case (.dead(.revoked), .refreshToken) where subcode == nil: self = .notRenewable
        case (.refused, _), (.misconfigured, _): self = .foreign
        case (.dead(.revoked), _): self = code == 190 && subcode == nil ? .foreign : .revoked
        case (.dead(.expired), _): self = .expired
        case (.dead(.passwordChanged), _): self = .passwordChanged
        case (.dead(.removed), _): self = .removed
        case (.checkpoint, _): self = .checkpoint
        default: return nil
        }
    }
}
