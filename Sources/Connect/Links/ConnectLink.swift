// SPDX-License-Identifier: MIT
import Vault

/// A link to a page of ours on which somebody connects an account for a user of an application whose login means nothing
/// to this site. It counts once. What it connects counts when the application claims it for the same user: a link that was
/// sent to a stranger connects nothing.
struct ConnectLink: Sendable {
    /// Seconds in which its button can be pressed.
    static let lifetime: Int64 = 600
    /// Seconds in which what was connected can be claimed.
    static let claimLifetime: Int64 = 3_600

    /// Who asked for it, and alone may claim what it connects.
    let agent: String
    let user: String
    /// What the page calls the user.
    let userName: String
    /// Where the visitor ends, as `ReturnTo` takes it.
    let returnTo: String
    let switchesAccount: Bool
}
