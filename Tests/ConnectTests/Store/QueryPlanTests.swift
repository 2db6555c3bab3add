// SPDX-License-Identifier: MIT
import GRDB
import Synchronization
import Testing
import Vault

@testable import Connect

/// How SQLite finds what the engine asks for. The statements are heard from the store's own connections, so that none
/// stands here a second time.
@Suite struct QueryPlanTests {
    struct Look: Sendable, CustomTestStringConvertible {
        let name: String
        /// For each of its statements about users, the indexes that it has to use.
        let indexes: [Set<String>]
        let run: @Sendable (Store, User) async throws -> Void

        var testDescription: String { name }
    }

    private static let now = Shop.begin
    private static let later = Shop.begin + 70 * 86_400

    static let looks = [
        Look(name: "due", indexes: [["users_by_renewal"]]) { store, _ in
            _ = try await store.due(at: now, limit: 64)
        },
        Look(name: "due for webhooks", indexes: [["users_by_webhooks"]]) { store, _ in
            _ = try await store.dueForWebhooks(at: now, limit: 64)
        },
        Look(
            name: "when the next is due",
            indexes: [["users_by_renewal"], ["users_by_webhooks"], ["users_by_expiry"], ["users_by_expiry"]]
        ) { store, _ in _ = try await store.nextDue(webhooks: true, expiringBelow: 86_400) },
        Look(
            name: "nothing to tell",
            indexes: [["users_by_expiry", "users_by_webhooks", "users_in_trouble", "users_by_renewal"]]
        ) { store, _ in
            _ = try await store.sweep(now: now, expiringBelow: 86_400) { _ in now }
        },
        Look(
            name: "an end to tell",
            indexes: [
                ["users_by_expiry", "users_by_webhooks", "users_in_trouble", "users_by_renewal"],
                ["users_by_expiry"], ["sqlite_autoindex_users_1"], ["users_by_expiry"], ["users_by_expiry"],
                ["users_by_expiry"], ["sqlite_autoindex_users_1", "users_in_trouble"],
                ["sqlite_autoindex_users_1", "users_by_renewal"], ["sqlite_autoindex_users_1", "users_by_webhooks"],
            ]
        ) { store, _ in _ = try await store.sweep(now: later, expiringBelow: 86_400) { _ in later } },
        Look(name: "the census", indexes: [[], ["users_by_expiry"], ["users_by_renewal"]]) { store, _ in
            _ = try await store.census(now: now)
        },
        Look(name: "witnesses", indexes: [["users_by_key"], ["users_by_key"], ["users_by_key"]]) { store, user in
            _ = try await store.witnesses(for: user, keys: [KeyID("a")!, KeyID("b")!], limit: 2)
        },
        Look(name: "the newest row of a key in force", indexes: [["users_by_key"], ["users_by_key"]]) { store, _ in
            _ = try await store.probe(KeyringInForce(Keyring(parsing: "\(Shop.line("a"))\n\(Shop.line("b"))".utf8)))
        },
        Look(name: "a row that no key opens", indexes: [["users_by_key"], ["users_by_key"]]) { store, _ in
            _ = try await store.probe(KeyringInForce(Keyring(parsing: Shop.line("c").utf8)))
        },
        Look(name: "which keys rows need", indexes: [["users_by_key"], ["users_by_key"]]) { store, _ in
            _ = try await store.read { db in try db.sealingKeys().map(db.rows(sealedBy:)) }
        },
        Look(name: "rows that a key has sealed", indexes: [["users_by_key"]]) { store, _ in
            _ = try await store.users(sealedBy: KeyID("a")!, after: 0, limit: 100)
        },
        Look(name: "a row that is sealed again", indexes: [["sqlite_autoindex_users_1"]]) { store, user in
            let ring = try Keyring(parsing: Shop.line("a").utf8)
            let box = try #require(user.box)
            let same = Resealed(user: user, old: box, new: box)
            #expect(try await store.reseal([same], with: ring.signingID, in: KeyringInForce(ring)) == 1)
        },
        Look(name: "rows of a key that is back", indexes: [["users_by_key"], ["users_by_key"], ["users_by_key"]]) {
            store, _ in _ = try await store.makeDue(sealedBy: KeyID("a")!, after: 0, now: now)
        },
        Look(name: "the row of an account", indexes: [["sqlite_autoindex_users_2"]]) { store, user in
            _ = try await store.user(account: #require(user.instagramUserID))
        },
        Look(
            name: "a grant that is newer than an import",
            indexes: [["sqlite_autoindex_users_1", "sqlite_autoindex_users_2"]]
        ) { store, user in
            let account = try #require(user.instagramUserID)
            _ = try await store.read { db in
                try Owner.user(user.id, switchesAccount: false).hasGrant(newerThan: 0, of: account, db)
            }
        },
        Look(name: "the row of a user", indexes: [["sqlite_autoindex_users_1"]]) { store, user in
            _ = try await store.user(user.id)
        },
    ]

    @Test("a look among all users goes by an index and sorts nothing", arguments: looks)
    func indexes(_ look: Look) async throws {
        let plans = try await Self.plans(look.run)
        #expect(plans.map(\.indexes) == look.indexes, "\(plans)")
        for step in plans.flatMap(\.steps) {
            let reads = step.hasPrefix("SCAN users") || step.hasPrefix("SEARCH users")
            #expect(!reads || step.contains(" INDEX "), "\(step)")
            #expect(!step.contains("TEMP B-TREE"), "\(step)")
        }
    }

    private struct Plan {
        let sql: String
        let steps: [String]

        var indexes: Set<String> {
            Set(
                steps.compactMap { step in
                    let words = step.split(separator: " ").map(String.init)
                    guard words.dropFirst().first == "users", let at = words.firstIndex(of: "INDEX") else { return nil }
                    return words.dropFirst(at + 1).first
                })
        }
    }

    /// Of each statement about users that the work runs.
    private static func plans(_ work: @Sendable (Store, User) async throws -> Void) async throws -> [Plan] {
        let shop = try Shop()
        var browser = Browser()
        await shop.connect(&browser)
        let id = try #require(try shop.committed("SELECT id FROM users").first?["id"] as String?)
        let user = try #require(try await shop.store.user(id))
        let heard = Heard()
        let hear: @Sendable (Database) -> Void = { db in
            db.trace { event in
                if case .statement(let statement) = event { heard.hear(statement.sql) }
            }
        }
        try await shop.store.read(hear)
        try await shop.store.pool.writeWithoutTransaction(hear)
        try await work(shop.store, user)
        let statements = heard.statements.filter { $0.contains(" users") && !$0.hasPrefix("--") }
        return try await shop.store.read { db in
            db.trace(options: [])
            return try statements.map { sql in
                let statement = try db.makeStatement(sql: "EXPLAIN QUERY PLAN " + sql)
                statement.setUncheckedArguments([])
                return Plan(sql: sql, steps: try Row.fetchAll(statement).map { $0["detail"] })
            }
        }
    }
}

private final class Heard: Sendable {
    private let kept = Mutex<[String]>([])

    var statements: [String] { kept.withLock { $0 } }
    func hear(_ statement: String) { kept.withLock { $0.append(statement) } }
}
