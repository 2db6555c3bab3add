// SPDX-License-Identifier: MIT
import GRDB
import HTTPTypes
import Instagram
import Testing

@testable import Connect

@Suite struct StatusTests {
    private static let fields: Set<String> = [
        "status", "state", "connected", "reason", "instagram_user_id", "instagram_username", "name", "account_type",
        "scopes",
        "connected_at", "token_expires_at", "next_renewal_at", "webhooks_subscribed_at", "webhooks_error",
    ]

    @Test("nobody: every field, in order, null where there is nothing")
    func nobody() async throws {
        let answer = await (try Shop()).status(Browser())
        #expect(answer.status == .ok && answer.contentType == "application/json; charset=utf-8")
        #expect(
            answer.text
                == #"{"status":"success","state":"not_connected","connected":false,"reason":null,"instagram_user_id":null,"instagram_username":null,"name":null,"account_type":null,"scopes":null,"connected_at":null,"token_expires_at":null,"next_renewal_at":null,"webhooks_subscribed_at":null,"webhooks_error":null}"#
                + "\n")
    }

    @Test("connected: ids are strings, times are RFC 3339, and no token is there")
    func connected() async throws {
        let shop = try Shop()
        var browser = Browser()
        await shop.connect(&browser)
        let answer = await shop.status(browser)
        #expect(
            answer.text
                == #"{"status":"success","state":"connected","connected":true,"reason":null,"instagram_user_id":"17841458366137975","instagram_username":"acme_shop","name":"Acme","account_type":"BUSINESS","scopes":["instagram_business_basic","instagram_business_manage_messages"],"connected_at":"2026-01-01T00:00:00Z","token_expires_at":"2026-03-01T23:59:04Z","next_renewal_at":"2026-01-31T00:50:54Z","webhooks_subscribed_at":null,"webhooks_error":null}"#
                + "\n")
        #expect(Set(answer.json.keys) == Self.fields)
        #expect(await shop.answer(.json(.head, Route.status, browser)).status == .ok)
    }

    struct Row: Sendable, CustomTestStringConvertible {
        let change: String
        let state: String
        let reason: String?
        var testDescription: String { change }

        init(_ change: String, _ state: String, _ reason: String? = nil) {
            (self.change, self.state, self.reason) = (change, state, reason)
        }
    }

    /// What the row says, with the time now in `:now`.
    @Test(
        "each state has its reason, and every field is there in all of them",
        arguments: [
            Row("token_expires_at = :now + 14 * 86400", "connected"),
            Row("token_expires_at = :now + 14 * 86400 - 1", "expiring"),
            Row("token_expires_at = :now + 1", "expiring"),
            Row("token_expires_at = :now", "reconnect_required", "expired"),
            Row("token_expires_at = :now - 1", "reconnect_required", "expired"),
            Row("token_expires_at = NULL", "reconnect_required", "expired"),
            Row("state = 'reconnect_required', reason = 'revoked'", "reconnect_required", "revoked"),
            Row(
                "state = 'reconnect_required', reason = 'checkpoint', token_expires_at = 0", "reconnect_required",
                "checkpoint"),
            Row("instagram_access_token = NULL", "reconnect_required", "key_missing"),
            Row("instagram_access_token = x'00'", "reconnect_required", "key_missing"),
            Row("state = 'not_connected'", "not_connected"),
            Row("state = 'not_connected', reason = 'revoked'", "not_connected"),
            Row("scopes = NULL, connected_at = NULL, instagram_name = NULL, instagram_username = NULL", "connected"),
        ])
    func states(row: Row) async throws {
        let shop = try Shop()
        var browser = Browser()
        await shop.connect(&browser)
        try shop.execute("UPDATE users SET " + row.change.replacing(":now", with: "\(shop.now.seconds)"))
        let json = await shop.status(browser).json
        #expect(json["state"] as? String == row.state && json["reason"] as? String == row.reason)
        #expect(json["connected"] as? Bool == (row.state == "connected" || row.state == "expiring"))
        #expect(Set(json.keys) == Self.fields)
        if row.state == "not_connected" { #expect(json["instagram_user_id"] as? String == nil) }
    }

    @Test("a token whose key is gone has to be connected again; with the key back it is as before")
    func keyMissing() async throws {
        let directory = try TemporaryDirectory()
        var browser = Browser()
        for (keys, state) in [(["a"], "connected"), (["b", "a"], "connected"), (["b", "z"], "not_connected")] {
            let shop = try Shop(in: directory, keys: keys)
            if browser.session == nil { await shop.connect(&browser) }
            #expect(await shop.status(browser).json["state"] as? String == state)
            try shop.store.close()
        }
        let shop = try Shop(in: directory, keys: ["b", "c", "a"])
        let user = try #require(try shop.committed("SELECT * FROM users").first.map(User.init))
        #expect(StatusObject(user, keyring: shop.keyring, now: shop.now).state == .connected)
        let without = try Shop(keys: ["b"])
        let status = StatusObject(user, keyring: without.keyring, now: shop.now)
        #expect(status.state == .reconnectRequired && status.reason == "key_missing")
    }

    @Test("connecting again clears what was wrong and keeps the user")
    func reconnect() async throws {
        let shop = try Shop()
        var browser = Browser()
        await shop.connect(&browser)
        try shop.execute(
            "UPDATE users SET state = 'reconnect_required', reason = 'revoked', webhooks_error = 'x', renewal_failures = 3, next_renewal_at = 5"
        )
        shop.now = shop.now + 5
        await shop.connect(&browser)
        let json = await shop.status(browser).json
        #expect(json["state"] as? String == "connected" && json["reason"] as? String == nil)
        #expect(json["webhooks_error"] as? String == nil)
        #expect(json["next_renewal_at"] as? String ?? "" > "2026-01-31")
        #expect(json["connected_at"] as? String == "2026-01-01T00:00:05Z")
        #expect(try shop.committed("SELECT * FROM users").count == 1)
    }

    @Test("an app-scoped id that passes to another account leaves the old row, which stays connected")
    func appScopedID() async throws {
        let shop = try Shop()
        var (one, two) = (Browser(), Browser())
        shop.instagram.answer(
            .readProfile, .success(.ok(#"{"id":"7","user_id":"1"}"#)), .success(.ok(#"{"id":"7","user_id":"2"}"#)))
        await shop.connect(&one)
        #expect(await shop.connect(&two).status == .ok)
        let rows = try shop.committed("SELECT instagram_app_scoped_id FROM users ORDER BY instagram_user_id")
        #expect(rows.map { $0["instagram_app_scoped_id"] as String? } == [nil, "7"])
        #expect(await shop.status(one).json["connected"] as? Bool == true)
        // An answer without the id keeps the one that is known.
        shop.instagram.answer(.readProfile, .success(.ok(#"{"user_id":"2"}"#)))
        await shop.connect(&two)
        #expect(
            try shop.committed("SELECT instagram_app_scoped_id FROM users WHERE instagram_user_id = '2'").first?[0]
                == "7")
    }
}
