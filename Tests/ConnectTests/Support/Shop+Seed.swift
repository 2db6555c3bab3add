// SPDX-License-Identifier: MIT
import FoundationEssentials
import GRDB
import Vault

@testable import Connect

extension Shop {
    /// Connected accounts `from` to `to`, each with a token of its own, `T<number>x0`, without a flow for each.
    func seed(_ accounts: Range<Int>, issuedAt: UnixTime, life: Int64 = 5_183_944, next: UnixTime? = nil) throws {
        try store.pool.write { db in
            for account in accounts {
                let generation = try store.nextGeneration(db)
                let (user, id) = ("u\(account)", SimulatedInstagram.id(account))
                let box = try keyring.seal(
                    LongLivedToken(utf8: "T\(account)x0"),
                    as: .accessToken(user: user, account: id, generation: generation), random: .system)
                let expiresAt = issuedAt + life
                let due = next ?? site.renewals.settings.rule.due(issuedAt: issuedAt, expiresAt: expiresAt, account: id)
                try db.execute(
                    sql: """
                        INSERT INTO users (id, instagram_user_id, instagram_username, instagram_access_token, generation,
                            session_epoch, token_issued_at, token_expires_at, scopes, state, announced, next_renewal_at,
                            webhooks_subscribed_at, connected_at, updated_at)
                        VALUES (?, ?, ?, ?, ?, 0, ?, ?, 'instagram_business_basic,instagram_business_manage_messages',
                            'connected', 'connected', ?, ?, ?, ?)
                        """,
                    arguments: [
                        user, id, "shop\(account)", Data(box.bytes), generation, issuedAt.seconds, expiresAt.seconds,
                        due?.seconds, issuedAt.seconds, issuedAt.seconds, issuedAt.seconds,
                    ])
            }
        }
    }

    func row(_ account: Int) throws -> Row { try committed("SELECT * FROM users WHERE id = 'u\(account)'")[0] }

    /// The kinds of all events of an account, oldest first.
    func events(_ account: Int) throws -> [String] {
        try committed("SELECT type FROM events WHERE user = 'u\(account)' ORDER BY seq").map { $0["type"] }
    }

    func appEvents() throws -> [String] {
        try committed("SELECT type FROM events WHERE user IS NULL ORDER BY seq").map { $0["type"] }
    }
}
