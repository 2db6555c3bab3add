// SPDX-License-Identifier: MIT
import GRDB
import HTTPTypes
import Instagram
import Synchronization
import TestSupport
import Testing
import Vault

@testable import Connect

/// The engine over the real store, in virtual time.
@Suite struct RenewalsTests {
    private static let day: Int64 = 86_400

    /// Accounts whose tokens are forty days old, and an Instagram in fair weather.
    private func shop(
        _ accounts: Int, age: Int64 = 40, perMinute: Int? = 200,
        weather: SimulatedInstagram.Weather = .init(errors: 0, limits: 0)
    ) throws -> (Shop, SimulatedInstagram, VirtualTime) {
        let time = VirtualTime()
        let instagram = SimulatedInstagram(time, weather)
        let shop = try Shop(
            renewal: RenewalSettings(callsPerMinute: perMinute), time: time, transport: instagram.transport)
        let issuedAt = Shop.begin + -age * Self.day
        try shop.seed(0..<accounts, issuedAt: issuedAt)
        for account in 0..<accounts {
            instagram.adopt(
                "T\(account)x0",
                .init(account: account, issuedAt: issuedAt, expiresAt: issuedAt + 5_183_944))
        }
        return (shop, instagram, time)
    }

    private func run(_ shop: Shop, _ time: VirtualTime, for seconds: Int64) async {
        await time.run(shop.site.renewals, until: time.elapsed + .seconds(seconds))
    }

    @Test("what is due is renewed, once, and due again in its next life")
    func renews() async throws {
        let (shop, instagram, time) = try shop(20)
        let before = try shop.row(3)
        await run(shop, time, for: 3_600)
        #expect(instagram.refreshes.count == 20)
        let after = try shop.row(3)
        #expect(after["generation"] as Int64 > before["generation"] && after["state"] == "connected")
        #expect(after["token_expires_at"] as Int64 > (time.now + 59 * Self.day).seconds)
        #expect((29...37).contains((after["next_renewal_at"] as Int64 - time.now.seconds) / Self.day))
        #expect(try User(after).token(shop.keyring).exposedText().hasPrefix("T3x"))
        #expect(try shop.events(3) == ["renewed"])
        await run(shop, time, for: 20 * Self.day)
        #expect(instagram.refreshes.count == 20)
    }

    @Test("off for 50 days, then on, with half of the answers failing: no token expires, no burst above the rate")
    func longAway() async throws {
        let accounts = Soak.times(1_000)
        let (shop, instagram, time) = try shop(accounts, age: 50, weather: .init(errors: 50, limits: 0))
        await run(shop, time, for: 9 * Self.day)
        let left = try shop.committed(
            "SELECT count(*) AS n FROM users WHERE token_expires_at < ?", [(time.now + 40 * Self.day).seconds])
        #expect(left[0]["n"] == 0, "every token is in its next life")
        #expect(
            try shop.committed("SELECT 1 FROM users WHERE state <> 'connected' OR announced <> 'connected'").isEmpty)
        #expect(instagram.young == 0 && Years.mostInAMinute(instagram.refreshes) <= 200)
        Soak.record(
            "tokens renewed after 50 days without, half of the answers failing", accounts,
            "none expired, at most \(Years.mostInAMinute(instagram.refreshes)) calls a minute")
    }

    @Test("a renewal that many ask for at once, and the engine too, is one call")
    func once() async throws {
        let (shop, instagram, time) = try shop(1, perMinute: nil)
        async let background: Void = run(shop, time, for: 60)
        let outcomes = await withTaskGroup(of: RenewalOutcome.self) { group in
            for _ in 0..<500 { group.addTask { await shop.site.renewals.renew("u0", isAsked: true) } }
            return await group.reduce(into: Set()) { $0.insert($1) }
        }
        await background
        #expect(instagram.refreshes.count == 1)
        #expect(outcomes.isSubset(of: [.renewed, .untried]))
    }

    @Test("a token is not renewed in its first day, whoever asks")
    func young() async throws {
        let (shop, instagram, time) = try shop(1, age: 0)
        #expect(await shop.site.renewals.renew("u0", isAsked: true) == .untried)
        try shop.execute("UPDATE users SET next_renewal_at = ?", [Shop.begin.seconds])
        await run(shop, time, for: 86_400)
        #expect(instagram.refreshes.isEmpty)
        await run(shop, time, for: 300)
        #expect(instagram.refreshes.count == 1 && instagram.young == 0)
    }

    @Test(
        "a dead token: nobody is handed it from that moment, it is wiped when another account shows that the app is alive"
    )
    func dead() async throws {
        let (shop, instagram, time) = try shop(2)
        instagram.changePassword(0)
        await run(shop, time, for: 590)
        var row = try shop.row(0)
        #expect(row["state"] == "reconnect_required" && row["reason"] == "password_changed")
        #expect(row["instagram_access_token"] != nil)
        await run(shop, time, for: 1_000)
        row = try shop.row(0)
        #expect(row["instagram_access_token"] == nil && row["next_renewal_at"] == nil)
        #expect(try shop.events(0) == ["reconnect_required"] && shop.appEvents().isEmpty)
        #expect(try shop.row(1)["state"] == "connected")
    }

    @Test("the only account of all has nobody to show that the app is alive: its dead token is wiped all the same")
    func lonely() async throws {
        let (shop, instagram, time) = try shop(1)
        instagram.changePassword(0)
        await run(shop, time, for: 3_600)
        #expect(try shop.row(0)["instagram_access_token"] == nil)
    }

    @Test(
        "an app that Meta switched off makes every token look dead: one event, none is wiped, and all are there when it is back"
    )
    func appIsOff() async throws {
        let (shop, instagram, time) = try shop(50)
        for account in 0..<50 { instagram.changePassword(account) }
        await run(shop, time, for: 20 * 3_600)
        #expect(try shop.appEvents() == ["app_failing"])
        let lost = try shop.committed("SELECT id FROM users WHERE state = 'reconnect_required'").count
        #expect(lost <= 2, "those before it was clear")
        #expect(try shop.committed("SELECT 1 FROM users WHERE instagram_access_token IS NULL").isEmpty)
        #expect(instagram.refreshes.count < 100, "it is tried now and then, not with every account")
        #expect(shop.log.lines.count { $0.contains("app failing") } == 1)
        // For weeks: people are told one by one, because nothing works for them, and nothing is wiped.
        await run(shop, time, for: 15 * Self.day)
        #expect(try shop.committed("SELECT 1 FROM users WHERE instagram_access_token IS NULL").isEmpty)
        #expect(instagram.refreshes.count < 2_500)
        instagram.revive()
        await run(shop, time, for: 2 * Self.day)
        #expect(try shop.appEvents() == ["app_failing", "app_recovered"])
        #expect(try shop.committed("SELECT 1 FROM users WHERE state <> 'connected'").isEmpty)
    }

    @Test("two accounts whose app is off prove nothing to each other: neither is wiped before its end")
    func twoAccounts() async throws {
        let (shop, instagram, time) = try shop(2)
        for account in 0..<2 { instagram.changePassword(account) }
        await run(shop, time, for: 15 * Self.day)
        #expect(try shop.committed("SELECT 1 FROM users WHERE instagram_access_token NOT NULL").count == 2)
        await run(shop, time, for: 10 * Self.day)
        #expect(try shop.committed("SELECT 1 FROM users WHERE instagram_access_token NOT NULL").isEmpty)
    }

    @Test(
        "a token that works and cannot be renewed is nobody's loss: no event, tried once a day, an operator is called")
    func onlyRefreshFails() async throws {
        let (shop, instagram, time) = try shop(2)
        instagram.refuseRenewal(of: 0)
        await run(shop, time, for: 12 * Self.day)
        #expect(try shop.events(0) == ["expiring"] && shop.row(0)["state"] == "connected")
        #expect((10...16).contains(instagram.tries(0)))
        #expect(shop.log.lines.count { $0.contains("renewal keeps failing") } == 1)
    }

    @Test("a clock that was ahead for a while leaves nobody behind")
    func clockAhead() async throws {
        let (shop, instagram, time) = try shop(40, weather: .init(errors: 50, limits: 0))
        let jump = Duration.seconds(365 * Self.day)
        time.setAhead(jump)
        await run(shop, time, for: 120)
        time.setAhead(.zero)
        instagram.weather = .init(errors: 5, limits: 0)
        await run(shop, time, for: 15 * Self.day)
        #expect(
            try shop.committed("SELECT 1 FROM users WHERE token_expires_at < ?", [(time.now + 30 * Self.day).seconds])
                .isEmpty)
        #expect(
            try shop.committed("SELECT 1 FROM users WHERE state <> 'connected' OR announced <> 'connected'").isEmpty)
    }

    @Test("while nothing can be written down nobody is called again and again")
    func unwritable() async throws {
        let (shop, instagram, time) = try shop(20, weather: .init(errors: 100, limits: 0))
        try shop.execute("CREATE TRIGGER full BEFORE UPDATE ON users BEGIN SELECT RAISE(ABORT, 'full'); END")
        try shop.execute("CREATE TRIGGER also BEFORE UPDATE ON counter BEGIN SELECT RAISE(ABORT, 'full'); END")
        await run(shop, time, for: 3_600)
        #expect(instagram.refreshes.count <= 2)
        try shop.execute("DROP TRIGGER full")
        try shop.execute("DROP TRIGGER also")
        instagram.weather = .init(errors: 0, limits: 0)
        await run(shop, time, for: 3_600)
        #expect(try shop.committed("SELECT 1 FROM events WHERE type = 'renewed'").count == 20)
    }

    @Test("what a person has to clear is tried once a day, and recovers by itself", arguments: [459, 464])
    func checkpoint(subcode: Int) async throws {
        let (shop, instagram, time) = try shop(1)
        instagram.say(.graph(400, code: 190, subcode: subcode), to: 0)
        await run(shop, time, for: 10 * Self.day)
        #expect(try shop.row(0)["reason"] == "checkpoint" && shop.row(0)["instagram_access_token"] != nil)
        #expect((9...13).contains(instagram.refreshes.count))
        instagram.say(nil, to: 0)
        await run(shop, time, for: 2 * Self.day)
        #expect(try shop.row(0)["state"] == "connected" && shop.row(0)["reason"] == nil)
        #expect(try shop.events(0) == ["reconnect_required", "renewed", "recovered"])
    }

    @Test("flapping for 30 days: one event for each change")
    func flapping() async throws {
        let (shop, instagram, time) = try shop(3)
        var changes = 0
        for day in 0..<30 {
            // Due every day: somebody sees to it.
            try shop.execute(
                "UPDATE users SET token_issued_at = ?, next_renewal_at = ? WHERE id = 'u0'",
                [(time.now + -2 * Self.day).seconds, time.now.seconds])
            let stands = day % 3 != 2
            instagram.say(stands ? .graph(400, code: 190, subcode: 459) : nil, to: 0)
            if day % 3 != 1 { changes += 1 }
            await run(shop, time, for: Self.day)
        }
        let told = try shop.events(0).filter { $0 != "renewed" }
        #expect(told.count == changes)
        #expect(zip(told, told.dropFirst()).allSatisfy { $0 != $1 }, "never the same twice in a row")
        #expect(try shop.appEvents().isEmpty)
    }

    @Test("a limit of one account leaves the others alone, one of the app stops all of them")
    func limits() async throws {
        let (shop, instagram, time) = try shop(30)
        instagram.say(.graph(403, code: 17), to: 7)
        await run(shop, time, for: 600)
        #expect(try shop.committed("SELECT 1 FROM events WHERE type = 'renewed'").count == 29)
        #expect(instagram.tries(7) == 1)
        let (other, limited, clock) = try self.shop(30)
        for account in 0..<30 { limited.say(.graph(403, code: 4), to: account) }
        await run(other, clock, for: 890)
        #expect(limited.refreshes.count == 1)
        #expect(await other.site.renewals.renew("u9", isAsked: true) == .untried, "also who asks")
        // The next process knows of it.
        let known = try await other.store.appHealth()
        #expect(known.pausedUntil.map { $0 > clock.now } == true)
    }

    @Test("an unreadable row is loud, and holds up no other")
    func unreadable() async throws {
        let (shop, instagram, time) = try shop(10)
        try shop.execute("UPDATE users SET instagram_access_token = x'00' WHERE id = 'u4'")
        try shop.execute(
            "UPDATE users SET instagram_access_token = (SELECT instagram_access_token FROM users WHERE id = 'u6') WHERE id = 'u5'"
        )
        await run(shop, time, for: 3_600)
        #expect(instagram.refreshes.count == 8)
        let loud = shop.log.lines.filter { $0.contains("unreadable row") && $0.hasPrefix("error") }
        #expect(loud.contains { $0.contains("user=u5") })
        let metrics = await shop.answer(.making(.get, "/metrics", surface: .private)).text
        #expect(metrics.contains("ig_shop_auth_unreadable_rows_total 2\n"))
        await run(shop, time, for: 2 * Self.day)
        #expect(
            shop.log.lines.count { $0.contains("unreadable row") && $0.contains("user=u5") } >= 2, "again every day")
    }

    @Test(
        "a renewed token that the disk does not take is held, and kept when it does; nobody else is renewed meanwhile")
    func unstored() async throws {
        let (shop, instagram, time) = try shop(3)
        try shop.execute(
            "CREATE TRIGGER full BEFORE UPDATE OF instagram_access_token ON users BEGIN SELECT RAISE(ABORT, 'full'); END"
        )
        await run(shop, time, for: 600)
        #expect(instagram.refreshes.count == 1)
        let held = shop.site.renewals.unstored.withLock { Array($0.keys) }
        #expect(held.count == 1)
        try shop.execute("DROP TRIGGER full")
        await run(shop, time, for: 600)
        #expect(instagram.refreshes.count == 3 && shop.site.renewals.unstored.withLock { $0.isEmpty })
        #expect(try shop.committed("SELECT 1 FROM events WHERE type = 'renewed'").count == 3)
        for account in 0..<3 {
            #expect(try User(shop.row(account)).token(shop.keyring).exposedText() != "T\(account)x0")
        }
    }

    @Test("an answer that cannot be sealed is a failure like others, and holds up nobody", arguments: [20_000, 70_000])
    func giantToken(bytes: Int) async throws {
        let (shop, instagram, time) = try shop(3)
        let giant = String(repeating: "T", count: bytes)
        instagram.say(.ok(#"{"access_token":"\#(giant)","expires_in":5183944}"#), to: 1)
        await run(shop, time, for: 3_600)
        #expect(try shop.committed("SELECT 1 FROM events WHERE type = 'renewed'").count == 2)
        #expect((2...20).contains(instagram.tries(1)))
        #expect(try shop.row(1)["state"] == "connected" && shop.row(1)["renewal_failures"] as Int > 1)
    }

    @Test("a life that makes no sense is not believed", arguments: [1, 86_400, 315_360_000])
    func oddLives(seconds: Int64) async throws {
        let (shop, instagram, time) = try shop(1)
        instagram.say(.ok(#"{"access_token":"T0x9","expires_in":\#(seconds)}"#), to: 0)
        await run(shop, time, for: 3_600)
        let row = try shop.row(0)
        let next = row["next_renewal_at"] as Int64 - time.now.seconds
        #expect(next > 80_000 && next < 37 * Self.day)
        #expect(row["token_expires_at"] as Int64 > time.now.seconds + Self.day)
    }

    @Test("a token that ends is announced two weeks before, and when it has ended, once each")
    func announced() async throws {
        let (shop, _, time) = try shop(1, weather: .init(errors: 100, limits: 0))
        await run(shop, time, for: 25 * Self.day)
        #expect(try shop.events(0) == ["expiring", "reconnect_required"])
        let at = try shop.committed("SELECT at FROM events ORDER BY seq").map { $0["at"] as Int64 }
        let end = try shop.row(0)["token_expires_at"] as Int64
        #expect((0...3_600).contains(at[0] - (end - 14 * Self.day)) && (0...3_600).contains(at[1] - end))
        #expect(shop.log.lines.count { $0.contains("renewal keeps failing") } == 1)
    }

    @Test("tokens that ended while nobody was there are told as that, and not as coming to their end first")
    func endedAway() async throws {
        let (shop, _, time) = try shop(1_100, age: 61, weather: .init(errors: 100, limits: 0))
        await run(shop, time, for: 5)
        #expect(try shop.committed("SELECT 1 FROM events WHERE type = 'reconnect_required'").count == 1_100)
        #expect(try shop.committed("SELECT 1 FROM events WHERE type <> 'reconnect_required'").isEmpty)
    }

    @Test("a token that looks expired is tried: the clock may have been wrong when it came")
    func wrongClock() async throws {
        let (shop, instagram, time) = try shop(2)
        // Kept in 1970; kept in 2030.
        try shop.execute(
            "UPDATE users SET token_issued_at = 100, token_expires_at = 5184044, next_renewal_at = 2592100 WHERE id = 'u0'"
        )
        try shop.execute(
            "UPDATE users SET token_issued_at = 1893456000, token_expires_at = 1898639944, next_renewal_at = 1896000000 WHERE id = 'u1'"
        )
        await run(shop, time, for: 3_600)
        #expect(instagram.tries(0) == 1 && instagram.tries(1) == 0)
        #expect(try shop.row(0)["state"] == "connected" && shop.row(0)["announced"] == "connected")
        await run(shop, time, for: 2 * Self.day)
        #expect(try instagram.tries(1) == 1 && shop.events(1).contains("renewed") && instagram.young == 0)
    }
}
