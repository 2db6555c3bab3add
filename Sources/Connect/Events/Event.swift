// SPDX-License-Identifier: MIT

/// Something that changed, as agents read it.
struct Event: Sendable, Equatable {
    enum Kind: String, Sendable, CaseIterable {
        case connected, renewed, expiring
        case reconnectRequired = "reconnect_required"
        /// What stood in the way is gone, without anybody connecting again.
        case recovered
        case disconnected, deleted
        case webhooksFailed = "webhooks_failed"
        /// Many accounts fail alike: it is the app at Meta, not the people. About no user.
        case appFailing = "app_failing"
        case appRecovered = "app_recovered"
    }

    /// Never given twice.
    let sequence: Int64
    let at: UnixTime
    let user: String?
    let instagramUserID: String?
    /// Such as `renewed`; a newer version may have written one that this one does not know.
    let type: String
}
