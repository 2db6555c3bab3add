// SPDX-License-Identifier: MIT
import FoundationEssentials
import GRDB
import Vault

/// An account that was let go and whose token is not overwritten yet. Nobody is handed it any more; it is there to take
/// the subscription back.
struct Departure: Sendable {
    enum Cause: String, Sendable {
        case disconnect, deauthorize, delete
        /// Another account took its place, or another user the account.
        case switched = "switch"
    }

    /// The number that the letting go took.
    let generation: Int64
    /// Both are random after a deletion.
    let user: String
    let account: String
    let cause: Cause
    let box: Box?
    /// Of a deletion: stands for the account.
    let accountMark: [UInt8]?

    init(
        generation: Int64, user: String, account: String, cause: Cause, box: Box?, accountMark: [UInt8]? = nil
    ) {
        self.accountMark = accountMark
        self.generation = generation
        self.user = user
        self.account = account
        self.cause = cause
        self.box = box
    }

    init(_ row: Row) {
        generation = row["generation"]
        user = row["user"]
        account = row["instagram_user_id"]
        // A newer version's cause is finished like any other.
        cause = Cause(rawValue: row["cause"]) ?? .switched
        accountMark = (row["account_mark"] as Data?).map(Array.init)
        box = (row["box"] as Data?).flatMap { Box(bytes: Array($0)) }
    }

    /// nil: it does not open, so there is nobody to take the subscription back from.
    func token(_ keyring: Keyring) -> LongLivedToken? {
        guard let box else { return nil }
        let field = SealedField.lettingGo(user: user, account: account, generation: generation)
        return try? keyring.open(box, sealedAs: field, as: LongLivedToken.self)
    }
}

/// Whether the account still sends us its messages.
enum WebhooksLetGo: String, Sendable {
    case unsubscribed, unknown
}

extension SealedField {
    static func lettingGo(user: String, account: String, generation: Int64) -> SealedField {
        SealedField(table: "letting_go", column: "box", user: user, instagramUserID: account, generation: generation)
    }
}
