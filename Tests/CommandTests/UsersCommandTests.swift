// SPDX-License-Identifier: MIT
import Instagram
import Testing
import Vault

@testable import Connect
@testable import ig_shop_auth

@Suite("users")
struct UsersCommandTests {
    private let keyring = try! Keyring(parsing: Keyring.generateLine(id: KeyID("a")!, random: .system).utf8)
    private let now = UnixTime(1_767_225_600)

    /// Keeps a connection as a callback does.
    private func connect(_ store: Store, _ user: String, account: String, username: String, days: Int64) async throws {
        let flow = FlowID(state: user)
        let uptime = Boot(name: "boot".utf8).uptime(1_000)
        #expect(try await store.claim(flow, decisionHash: [1], now: uptime) == .ours)
        try await store.markSent(flow)
        let profile = Profile(
            accountID: try #require(InstagramID(account)), appScopedID: nil, username: username, name: nil,
            accountType: nil)
        let connection = Connection(
            profile: profile, scopes: nil, tokenIssuedAt: now, tokenExpiresAt: now + days * 86_400,
            nextRenewalAt: nil)
        let kept = try await store.connect(
            connection, flow: flow, began: store.generation, for: .user(user, switchesAccount: false),
            now: Moment(time: now, uptime: uptime),
            seals: Seals(keys: KeyringInForce(keyring), random: .system)
        ) { [keyring] field in
            try keyring.seal(LongLivedToken(utf8: "token-canary"), as: field, random: .system)
        }
        #expect(kept == .connected(user: user, generation: store.generation))
    }

    @Test("Users are lines of a table that no name breaks, with the state that the status object shows")
    func list() async throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/shop.sqlite3"
        let store = try Store(path: path)
        try await connect(store, "anna", account: "17841400000000001", username: "acme_shop", days: 59)
        try await connect(store, "b  connected", account: "17841400000000002", username: "a\n\u{1b}[2J", days: 3)
        try await connect(store, "名前", account: "17841400000000003", username: "x", days: 100)
        let records = try Records(existing: path)
        func lines(state: String? = nil, _ keys: [KeyID]?) throws -> [String] {
            var lines: [String] = []
            try Users.list(records, state: state, keys: keys, now: now) { lines.append($0) }
            // When the next renewal is, others decide.
            return lines.map { $0.replacing(#/ {2}(NEXT RENEWAL|[^ ]+)$/#, with: "") }
        }
        let all = try lines(keyring.ids)
        #expect(
            all.joined(separator: "\n") == """
                USER               USERNAME          INSTAGRAM ID       STATE      REASON  DAYS LEFT
                anna               @acme_shop        17841400000000001  connected  -              59
                b \\u{20}connected  @a\\u{a}\\u{1b}[2J  17841400000000002  expiring   -               3
                名前               @x                17841400000000003  connected  -             100
                """)
        #expect(try lines(state: "expiring", keyring.ids).count == 2)
        let missing = try lines(state: "reconnect_required", [])
        #expect(missing.count == 4 && missing.dropFirst().allSatisfy { $0.contains("key_missing") })
        #expect(!all.joined().contains("canary"))
    }

    @Test("The paths are all that is asked of the settings; one that is none is told")
    func paths() async throws {
        let none = try await SettingsReader.paths(environment: ["IG_SHOP_AUTH_ENV_FILE": ""])
        #expect(none.database == "/var/lib/ig-shop-auth/ig-shop-auth.sqlite3" && none.keys == "/etc/ig-shop-auth/keys")
        let set = try await SettingsReader.paths(
            environment: [
                "IG_SHOP_AUTH_ENV_FILE": "", "IG_SHOP_AUTH_DATABASE": "/a", "IG_SHOP_AUTH_KEYS": "/b",
                "META_APP_ID": "nonsense",
            ])
        #expect(set == ("/a", "/b"))
        await #expect(throws: SettingFaults.self) {
            try await SettingsReader.paths(environment: ["IG_SHOP_AUTH_ENV_FILE": "", "IG_SHOP_AUTH_DATABASE": "a"])
        }
    }
}
