// SPDX-License-Identifier: MIT
import Connect
import GRDB
import Testing

/// A state in which a shop owner finds the settings page.
struct PageState: Sendable, CustomTestStringConvertible {
    let name: String
    /// What the row is then like, as assignments; nil: there is none for this visitor.
    var row: String?
    var query = ""
    /// What the page then says, in English.
    let says: [String]

    var testDescription: String { name }

    private static let healthy = """
        state = 'connected', reason = NULL, token_expires_at = strftime('%s', 'now') + 5000000,
        next_renewal_at = strftime('%s', 'now') + 2600000, webhooks_subscribed_at = strftime('%s', 'now') - 60,
        webhooks_error = NULL, next_webhooks_at = NULL, renewal_failures = 0, instagram_name = 'Acme', instagram_username = 'acme_shop',
        instagram_account_type = 'BUSINESS',
        scopes = 'instagram_business_basic,instagram_business_manage_messages'
        """

    static let all: [PageState] =
        [
            PageState(
                name: "not-connected",
                says: ["Connect your Instagram account", "Read and answer direct messages", "Connect Instagram"]),
            PageState(
                name: "connected", row: "",
                says: ["Acme", "Connected as @acme_shop", "Business", "Renews itself", "New messages arrive here"]),
            PageState(
                name: "connected-long-names",
                row: """
                    instagram_name = '\(String(repeating: "Pfannkuchenmanufaktur", count: 6))',
                    instagram_username = '\(String(repeating: "wide_", count: 6))', instagram_account_type = 'SOMETHING_NEW',
                    scopes = 'instagram_business_basic,instagram_business_manage_messages,instagram_business_manage_comments,something_that_nobody_has_words_for'
                    """,
                says: ["SOMETHING_NEW", "Read and answer comments", "something_that_nobody_has_words_for"]),
            PageState(
                name: "connected-name-in-arabic", row: "instagram_name = 'متجر الورد (الرياض) 24'",
                says: ["متجر الورد (الرياض) 24", "Connected as @acme_shop"]),
            PageState(
                name: "connected-nothing-known",
                row: "instagram_name = NULL, instagram_username = NULL, instagram_account_type = NULL, scopes = NULL",
                says: ["Instagram account", "Connected since"]),
            PageState(
                name: "connected-being-set-up",
                row: "webhooks_subscribed_at = NULL, next_webhooks_at = strftime('%s', 'now') + 86400",
                says: ["Being set up"]),
            PageState(
                name: "expiring", row: "token_expires_at = strftime('%s', 'now') + 600000",
                says: ["Access ends soon", "To be safe, reconnect now", "Reconnect Instagram"]),
            PageState(
                name: "connected-without-messages", row: "scopes = 'instagram_business_basic'",
                says: ["New messages may not arrive here", "Without it the messages", "Reconnect Instagram"]),
            PageState(
                name: "reconnect-permission_missing-known",
                row: """
                    state = 'reconnect_required', reason = 'permission_missing', next_renewal_at = NULL,
                    scopes = 'instagram_business_basic'
                    """,
                says: ["Read and answer direct messages. Without it the messages"]),
            PageState(
                name: "expiring-and-no-messages",
                row: "token_expires_at = strftime('%s', 'now') + 600000, webhooks_error = 'permission_missing'",
                says: ["To be safe, reconnect now", "New messages may not arrive here"]),
        ] + messagesMissing + lost + failures + failuresBeside

    private static let messagesMissing = [
        ("permission_missing", "Without it the messages of your customers cannot be read and answered"),
        ("unavailable", "It is tried again by itself"), ("misconfigured", "Please tell whoever runs this site"),
        ("revoked", "Instagram has taken the access back"),
    ].map { error, says in
        PageState(
            name: "messages-missing-\(error)",
            row: "webhooks_error = '\(error)', next_webhooks_at = strftime('%s', 'now') + 86400",
            says: ["New messages may not arrive here", says])
    }

    private static let lost = [
        ("expired", "could not be renewed in time"), ("revoked", "taken the access back"),
        ("password_changed", "password of the Instagram account was changed"),
        ("removed_in_instagram", "removed inside Instagram"), ("checkpoint", "confirm something"),
        ("permission_missing", "It is one of these:"),
        ("not_eligible", "no Business or Creator account"), ("key_missing", "key to the access is missing"),
    ].map { reason, says in
        return PageState(
            name: "reconnect-\(reason)",
            row: "state = 'reconnect_required', reason = '\(reason)', next_renewal_at = NULL",
            says: ["Reconnect needed", says, "Reconnect Instagram"])
    }

    /// Each code of the contract with which a visitor can come back.
    static let codes = [
        "invalid_request", "invalid_state", "missing_code", "login_required", "unauthorized", "access_denied",
        "forbidden", "account_in_use", "account_mismatch", "reconnect_required", "account_not_eligible",
        "permission_missing", "token_exchange_failed", "user_info_failed", "interrupted", "provider_unavailable",
        "storage_unavailable", "busy", "not_found", "method_not_allowed", "payload_too_large", "too_many_requests",
        "internal_error",
    ]

    private static let failures =
        codes.map {
            PageState(name: "error-\($0)", query: "?instagram_error=\($0)#instagram=failed", says: ["Try again"])
        } + [
            PageState(
                name: "error-permission_missing-messages",
                query: "?instagram_error=permission_missing&instagram_permission=messages#instagram=failed",
                says: ["The permission to manage messages was not granted", "cannot be read and answered", "Try again"]),
            PageState(
                name: "error-permission_missing-profile",
                query: "?instagram_error=permission_missing&instagram_permission=profile#instagram=failed",
                says: ["The permission to see the account's profile", "which account this is", "Try again"]),
        ]

    /// The account is still there.
    private static let failuresBeside = [("account_mismatch", "Switch account"), ("access_denied", "not allowed")].map {
        PageState(
            name: "connected-error-\($0)", row: "", query: "?instagram_error=\($0)#instagram=failed",
            says: ["Connected as @acme_shop", $1])
    }

    /// Makes it so, with the responder stopped: one process writes to a database.
    func set(on stage: Stage) async throws {
        guard let row else { return }
        let end = await stage.responder?.stop()
        guard end == .exit(0) else { throw Missing("the responder ended with \(String(describing: end))") }
        let database = try DatabaseQueue(path: stage.database)
        try await database.write { db in
            try db.execute(sql: "UPDATE users SET \(Self.healthy)")
            if !row.isEmpty { try db.execute(sql: "UPDATE users SET \(row)") }
        }
        try database.close()
        try stage.startResponder()
        try await stage.ready()
    }
}
