// SPDX-License-Identifier: MIT
import FoundationEssentials
import GRDB
package import Vault

/// A row of the user table.
package struct User: Sendable {
    package let id: String
    package let instagramUserID: String?
    package let instagramUsername: String?
    package let name: String?
    package let accountType: String?
    /// The sealed token, if there is one that has a box's shape.
    package let box: Box?
    package let generation: Int64
    package let sessionEpoch: Int64
    package let scopes: [String]?
    package let state: String
    package let reason: String?
    package let connectedAt: UnixTime?
    package let tokenExpiresAt: UnixTime?
    package let nextRenewalAt: UnixTime?
    package let webhooksSubscribedAt: UnixTime?
    package let webhooksError: String?

    /// In the order of `init(_:)`: GRDB finds a column faster by its place than by its name.
    static let columns = """
        id, instagram_user_id, instagram_username, instagram_name, instagram_account_type, instagram_access_token, \
        generation, session_epoch, scopes, state, reason, connected_at, token_expires_at, next_renewal_at, \
        webhooks_subscribed_at, webhooks_error
        """

    init(_ row: Row) {
        func time(_ column: Int) -> UnixTime? { (row[column] as Int64?).map(UnixTime.init) }
        id = row[0]
        instagramUserID = row[1]
        instagramUsername = row[2]
        name = row[3]
        accountType = row[4]
        box = (row[5] as Data?).flatMap { Box(bytes: Array($0)) }
        generation = row[6]
        sessionEpoch = row[7]
        scopes = (row[8] as String?)?.split(separator: ",").map(String.init)
        state = row[9]
        reason = row[10]
        connectedAt = time(11)
        tokenExpiresAt = time(12)
        nextRenewalAt = time(13)
        webhooksSubscribedAt = time(14)
        webhooksError = row[15]
    }

    /// Opens the sealed token: only for the row that it was sealed for.
    package func token(_ keyring: Keyring) throws(OpenFailure) -> LongLivedToken {
        guard let box, let instagramUserID else { throw .malformed }
        let field = SealedField.accessToken(user: id, account: instagramUserID, generation: generation)
        return try keyring.open(box, sealedAs: field, as: LongLivedToken.self)
    }
}
