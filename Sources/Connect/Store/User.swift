// SPDX-License-Identifier: MIT
import FoundationEssentials
import GRDB
package import Vault

/// A row of the user table.
package struct User: Sendable {
    package let id: String
    package let instagramUserID: String?
    let instagramAppScopedID: String?
    package let instagramUsername: String?
    package let name: String?
    package let accountType: String?
    /// The sealed token, if there is one that has a box's shape.
    package let box: Box?
    /// Whether there is one, whatever its shape.
    let hasToken: Bool
    package let generation: Int64
    package let sessionEpoch: Int64
    package let scopes: [String]?
    package let state: String
    package let reason: String?
    package let connectedAt: UnixTime?
    package let tokenIssuedAt: UnixTime?
    package let tokenExpiresAt: UnixTime?
    package let nextRenewalAt: UnixTime?
    package let webhooksSubscribedAt: UnixTime?
    package let webhooksError: String?
    /// What became of the subscription when the account was let go; nil while it is connected.
    let webhooksLetGo: String?
    let renewalFailures: Int
    let nextWebhooksAt: UnixTime?
    let webhooksFailures: Int
    /// An event told of the failure.
    let webhooksTold: Bool
    let updatedAt: UnixTime
    /// The state that events told last.
    let announced: String

    init(_ row: Row) {
        func time(_ column: String) -> UnixTime? { (row[column] as Int64?).map(UnixTime.init) }
        id = row["id"]
        instagramUserID = row["instagram_user_id"]
        instagramAppScopedID = row["instagram_app_scoped_id"]
        instagramUsername = row["instagram_username"]
        name = row["instagram_name"]
        accountType = row["instagram_account_type"]
        box = (row["instagram_access_token"] as Data?).flatMap { Box(bytes: Array($0)) }
        hasToken = row["instagram_access_token"] as Data? != nil
        generation = row["generation"]
        sessionEpoch = row["session_epoch"]
        scopes = (row["scopes"] as String?)?.split(separator: ",").map(String.init)
        state = row["state"]
        reason = row["reason"]
        connectedAt = time("connected_at")
        tokenIssuedAt = time("token_issued_at")
        tokenExpiresAt = time("token_expires_at")
        nextRenewalAt = time("next_renewal_at")
        webhooksSubscribedAt = time("webhooks_subscribed_at")
        webhooksError = row["webhooks_error"]
        webhooksLetGo = row["webhooks_let_go"]
        renewalFailures = row["renewal_failures"]
        nextWebhooksAt = time("next_webhooks_at")
        webhooksFailures = row["webhooks_failures"]
        webhooksTold = row["webhooks_told"]
        updatedAt = UnixTime(row["updated_at"])
        announced = row["announced"]
    }

    /// Whether the ring has the key that the box names.
    func isSealed(byOneOf keyring: Keyring) -> Bool { box.map { keyring.ids.contains($0.keyID) } ?? false }

    /// Opens the sealed token: only for the row that it was sealed for.
    package func token(_ keyring: Keyring) throws(OpenFailure) -> LongLivedToken {
        guard let box, let instagramUserID else { throw .malformed }
        let field = SealedField.accessToken(user: id, account: instagramUserID, generation: generation)
        return try keyring.open(box, sealedAs: field, as: LongLivedToken.self)
    }
}
