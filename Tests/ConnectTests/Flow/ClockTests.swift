// SPDX-License-Identifier: MIT
import GRDB
import HTTPTypes
import Instagram
import Testing

@testable import Connect

/// Somebody sets the clock while flows and sessions are alive.
@Suite struct ClockTests {
    private static let day: Int64 = 86_400
    private static let ours = ["Sec-Fetch-Site": "same-origin"]

    /// An hour and a day off, a second more than a session lives, 1970, the ends of 31 and of 32 bits.
    static let jumps: [UnixTime] =
        [3_600, -3_600, day, -day, 90 * day + 1, -90 * day - 1].map { Shop.begin + $0 }
        + [0, 1, 1 << 31 - 1, 1 << 31, 1 << 31 + 1, 1 << 32, 1 << 32 + 1].map(UnixTime.init)

    private static func isSignedIn(_ browser: Browser, _ shop: Shop) async -> Bool {
        // Not `connected`: a token that was issued in 1970 has expired today.
        await shop.status(browser).json["state"] as? String != "not_connected"
    }

    @Test(
        "a flow is open for 600 seconds that really pass, whatever the clock is set to (checklist 6)",
        arguments: jumps, [(0, true), (599, true), (600, false), (100_000, false)] as [(Int64, Bool)])
    func lifetime(jump: UnixTime, elapsed: (seconds: Int64, isOpen: Bool)) async throws {
        let shop = try Shop()
        var browser = Browser()
        let state = await shop.start(&browser).state
        shop.clock.set(jump)
        shop.clock.pass(elapsed.seconds)
        // Set back to what it was, a ticket that is over would look as new.
        for now in [shop.now, Shop.begin] {
            shop.clock.set(now)
            let answer = await shop.callback(browser, state: state)
            #expect(answer.status == (elapsed.isOpen ? .ok : .badRequest))
        }
        #expect(shop.instagram.count(.exchangeCode) == (elapsed.isOpen ? 1 : 0))
    }

    @Test("a reboot ends a flow: nobody knows how long it took")
    func reboot() async throws {
        let shop = try Shop()
        var (browser, other) = (Browser(), Browser())
        let state = await shop.start(&browser).state
        await shop.connect(&other)
        shop.clock.reboot(after: 30)
        #expect(await shop.callback(browser, state: state).json["error"] as? String == "invalid_state")
        await shop.connect(&browser)
        #expect(try shop.phases() == ["done"], "and what is known of flows before it is forgotten")
        #expect(await Self.isSignedIn(other, shop), "sessions go on")
    }

    @Test("no code is sent twice: a clock that runs ahead makes no outcome forgotten", arguments: jumps)
    func remembered(jump: UnixTime) async throws {
        let shop = try Shop()
        var (browser, other) = (Browser(), Browser())
        let state = await shop.start(&browser).state
        let first = await shop.callback(browser, state: state)
        shop.clock.set(jump)
        await shop.connect(&other)
        let again = await shop.callback(browser, state: state)
        #expect(again.status == .ok && again.text == first.text)
        shop.clock.set(Shop.begin)
        #expect(await shop.callback(browser, state: state).status == .ok)
        #expect(shop.instagram.count(.exchangeCode) == 2)
    }

    @Test("who connects while the clock is set is signed in by the clock as it is now", arguments: jumps)
    func session(jump: UnixTime) async throws {
        let shop = try Shop()
        var browser = Browser()
        let state = await shop.start(&browser).state
        shop.clock.set(jump)
        browser.take(await shop.callback(browser, state: state))
        #expect(await Self.isSignedIn(browser, shop))
    }

    @Test("a session that was ended stays ended, whatever the clock did meanwhile", arguments: jumps)
    func ended(jump: UnixTime) async throws {
        let shop = try Shop()
        var (browser, bystander) = (Browser(), Browser())
        await shop.connect(&browser)
        await shop.connect(&bystander)
        _ = await shop.answer(.json(.post, Route.signOut, browser, Self.ours))

        shop.clock.set(jump)
        for _ in 0..<2 {
            var late = Browser()
            await shop.connect(&late)
            _ = await shop.answer(.json(.post, Route.signOut, late, Self.ours))
            #expect(await !Self.isSignedIn(late, shop))
        }
        shop.clock.set(Shop.begin)
        #expect(await !Self.isSignedIn(browser, shop))
        #expect(await Self.isSignedIn(bystander, shop), "and one that was not goes on")
        var fresh = Browser()
        await shop.connect(&fresh)
        #expect(await Self.isSignedIn(fresh, shop))
    }

    @Test("by a clock that is right, forgetting an ended session ends no other")
    func forgetting() async throws {
        let shop = try Shop()
        var (ended, living) = (Browser(), Browser())
        await shop.connect(&ended)
        _ = await shop.answer(.json(.post, Route.signOut, ended, Self.ours))
        shop.now = shop.now + 80 * Self.day
        await shop.connect(&living)
        shop.now = shop.now + 11 * Self.day
        try shop.execute("UPDATE users SET token_expires_at = token_expires_at * 2")
        let before = try shop.committed("SELECT forgotten_sessions FROM counter").first?["forgotten_sessions"] as Int64?
        var other = Browser()
        await shop.connect(&other)
        _ = await shop.answer(.json(.post, Route.signOut, other, Self.ours))
        #expect(try shop.committed("SELECT * FROM ended_sessions").count == 1)
        let after = try shop.committed("SELECT forgotten_sessions FROM counter").first?["forgotten_sessions"] as Int64?
        #expect(before == 0 && after ?? 0 > 0)
        #expect(await Self.isSignedIn(living, shop))
        #expect(await !Self.isSignedIn(ended, shop))
    }

    @Test("readings of one boot tell what passed, of two boots nothing; no reading shows how long the machine is up")
    func uptime() throws {
        let boots = (0..<100).map { Boot(name: "\($0)".utf8) }
        for (index, boot) in boots.enumerated() {
            for seconds: Int64 in [0, 1, 86_400, 1 << 31 - 1] {
                let reading = boot.uptime(seconds)
                #expect(reading.bits >= 0 && reading.boot.contains(reading.bits))
                #expect(boot.uptime(seconds + 600).seconds(since: reading) == 600)
                #expect(reading.seconds(since: boot.uptime(seconds + 1)) == -1)
                #expect((reading + 5).seconds(since: reading) == 5)
                #expect(boots[(index + 1) % 100].uptime(seconds).seconds(since: reading) == nil)
            }
        }
        #expect(Set(boots.map { $0.uptime(0).bits & 0xffff_ffff }).count == 100)
    }
}
