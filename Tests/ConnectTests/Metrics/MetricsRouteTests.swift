// SPDX-License-Identifier: MIT
import GRDB
import HTTPTypes
import Instagram
import Testing

@testable import Connect

@Suite struct MetricsRouteTests {
    private static func callbacks(_ shop: Shop) async -> [String: Double] {
        var found: [String: Double] = [:]
        for (name, value) in await shop.samples().values where value > 0 {
            guard let outcome = name.wholeMatch(of: /ig_shop_auth_callbacks_total\{outcome="(.*)"\}/) else { continue }
            found[String(outcome.1)] = value
        }
        return found
    }

    @Test("each callback counts once, as what its visitor hears")
    func callbacks() async throws {
        let shop = try Shop()
        #expect(await Self.callbacks(shop) == [:])
        var browser = Browser()
        await shop.connect(&browser)
        await shop.connect(&browser, page: true)
        #expect(await Self.callbacks(shop) == ["connected": 2])
        shop.instagram.answer(.exchangeCode, .success(.flatRefusal))
        await shop.connect(&browser, page: true)
        shop.instagram.answer(.exchangeCode, .failure(.deadline))
        await shop.connect(&browser)
        _ = await shop.callback(browser, state: "forged")
        _ = await shop.callback(browser, state: nil, code: nil, more: "error=access_denied")
        _ = await shop.answer(.making(.get, Route.callback, browser, ["Sec-Purpose": "prefetch"]))
        // No callbacks: another method, and a body.
        _ = await shop.answer(.making(.post, Route.callback, browser))
        _ = await shop.answer(.making(.get, Route.callback, browser, body: [1]))
        #expect(
            await Self.callbacks(shop) == [
                "connected": 2, "token_exchange_failed": 1, "provider_unavailable": 1, "invalid_state": 1,
                "access_denied": 1, "busy": 1,
            ])
    }

    @Test("a callback that begins anew is `restarted`, one that the next process gets is `left`")
    func restartedAndLeft() async throws {
        let shop = try Shop()
        var browser = Browser()
        let state = await shop.start(&browser).state
        shop.instagram.answer(.exchangeCode, .failure(.stopped))
        _ = await shop.callback(browser, state: state, page: true)
        let again = await shop.callback(browser, state: state, page: true)
        #expect(again.location?.hasPrefix("https://www.instagram.com/") == true)
        let next = await shop.start(&browser).state
        shop.site.beginStopping()
        _ = await shop.callback(browser, state: next)
        #expect(await Self.callbacks(shop) == ["interrupted": 1, "restarted": 1, "left": 1])
    }

    @Test("users are counted by the state that was announced, however they change; the first expiry is told")
    func census() async throws {
        let shop = try Shop()
        func users() async -> [Double?] {
            let samples = await shop.samples()
            return ["connected", "expiring", "reconnect_required", "not_connected"].map {
                samples[#"ig_shop_auth_users{state="\#($0)"}"#]
            }
        }
        #expect(await users() == [0, 0, 0, 0])
        #expect(await shop.samples()["ig_shop_auth_next_token_expiry_seconds"] == nil)
        var browser = Browser()
        for account in ["1", "2", "3", "4", "5"] {
            shop.instagram.account = account
            await shop.connect(&browser)
            await shop.connect(&browser)
        }
        #expect(await users().compactMap(\.self).reduce(0, +) == 5, "a user who comes back is no other one")
        func announce(_ state: String, _ accounts: String) throws {
            try shop.execute("UPDATE users SET announced = '\(state)' WHERE instagram_user_id IN (\(accounts))")
        }
        try announce("connected", "'1','2','3','4','5'")
        #expect(await users() == [5, 0, 0, 0])
        try announce("expiring", "'2'")
        try announce("reconnect_required", "'3'")
        try announce("not_connected", "'4'")
        try announce("not_connected", "'4'")
        #expect(await users() == [2, 1, 1, 1])
        try shop.execute("DELETE FROM users WHERE instagram_user_id = '5'")
        #expect(await users() == [1, 1, 1, 1])

        try shop.execute(
            "UPDATE users SET token_expires_at = ? WHERE instagram_user_id = '1'", [shop.now.seconds + 500])
        try shop.execute("UPDATE users SET token_expires_at = ? WHERE instagram_user_id = '2'", [shop.now.seconds + 90])
        #expect(await shop.samples()["ig_shop_auth_next_token_expiry_seconds"] == 90)
        shop.now = shop.now + 100
        #expect(await shop.samples()["ig_shop_auth_next_token_expiry_seconds"] == -10, "it is over")
    }

    @Test("backlog, pause and failure of the app are told as the database has them")
    func app() async throws {
        let shop = try Shop()
        var browser = Browser()
        await shop.connect(&browser)
        try shop.execute("UPDATE users SET next_renewal_at = ?", [shop.now.seconds + 10])
        var samples = await shop.samples()
        let names = ["renewal_backlog", "app_failing", "app_paused_seconds", "flows_in_flight", "store_up"]
        #expect(names.map { samples["ig_shop_auth_" + $0] } == [0, 0, 0, 0, 1])
        try shop.execute(
            "UPDATE app SET failing_since = 1, failing_as = 'x', paused_until = ?", [shop.now.seconds + 70])
        shop.now = shop.now + 10
        let held = shop.instagram.hold(.readProfile)
        var other = Browser()
        let state = await shop.start(&other).state
        let flow = Task { [other] in await shop.callback(other, state: state) }
        await held.arrived.wait()
        samples = await shop.samples()
        #expect(names.map { samples["ig_shop_auth_" + $0] } == [1, 1, 60, 1, 1])
        held.release.fire()
        _ = await flow.value
        shop.now = shop.now + 1_000
        #expect(await shop.samples()["ig_shop_auth_app_paused_seconds"] == 0)
    }

    @Test("events and calls are counted where they happen")
    func counted() async throws {
        let shop = try Shop()
        shop.store.told([.renewed, .renewed, .expiring])
        shop.instagram.answer(.exchangeCode, .success(.graph(400, code: 190)))
        var browser = Browser()
        await shop.connect(&browser)
        await shop.connect(&browser)
        let samples = await shop.samples()
        #expect(samples[#"ig_shop_auth_events_total{type="renewed"}"#] == 2)
        #expect(samples[#"ig_shop_auth_events_total{type="expiring"}"#] == 1)
        #expect(samples[#"ig_shop_auth_instagram_calls_total{call="exchange-code",outcome="dead"}"#] == 1)
        #expect(samples[#"ig_shop_auth_instagram_calls_total{call="exchange-code",outcome="ok"}"#] == 1)
        #expect(samples[#"ig_shop_auth_instagram_calls_total{call="read-profile",outcome="ok"}"#] == 1)
        #expect(samples[#"ig_shop_auth_instagram_call_duration_seconds_count{call="exchange-code"}"#] == 2)
    }

    @Test("a database that does not answer is told, with everything else")
    func storeDown() async throws {
        let shop = try Shop()
        var browser = Browser()
        await shop.connect(&browser)
        try shop.store.close()
        let samples = await shop.samples()
        #expect(samples["ig_shop_auth_store_up"] == 0)
        #expect(samples[#"ig_shop_auth_callbacks_total{outcome="connected"}"#] == 1)
        #expect(samples["process_resident_memory_bytes"] ?? 0 > 1_000_000)
        #expect(!samples.values.keys.contains { $0.contains("ig_shop_auth_users") })
    }

    @Test("the process tells of itself under the usual names")
    func process() async throws {
        let samples = await (try Shop()).samples()
        #expect(samples["process_start_time_seconds"] ?? 0 > 1_600_000_000)
        #expect(samples["process_cpu_seconds_total"] ?? 0 > 0)
        #expect(samples["process_open_fds"] ?? 0 > 3)
        #expect(samples["process_max_fds"] ?? 0 >= samples["process_open_fds"] ?? 0)
    }
}
