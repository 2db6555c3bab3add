// SPDX-License-Identifier: MIT
import HTTPTypes
import Testing
import Vault

@testable import Connect

@Suite struct SessionTests {
    private static let day: Int64 = 86_400

    private static func isSignedIn(_ browser: Browser, _ shop: Shop) async -> Bool {
        await shop.status(browser).json["connected"] as? Bool ?? false
    }

    @Test("a session cookie is __Host-, Secure, HttpOnly, Lax, for thirty days, and small (checklist 23, 25)")
    func attributes() async throws {
        let shop = try Shop()
        var browser = Browser()
        await shop.connect(&browser)
        let session = try #require(browser.session)
        #expect(session.attributes == ["Path=/", "Max-Age=\(30 * Self.day)", "Secure", "HttpOnly", "SameSite=Lax"])
        #expect(session.name.utf8.count + session.value.utf8.count < 256)
    }

    @Test("a session idles for thirty days and not a second longer, by our clock (checklist 29)")
    func idle() async throws {
        let shop = try Shop()
        var browser = Browser()
        await shop.connect(&browser)
        shop.now = shop.now + (30 * Self.day - 1)
        #expect(await shop.status(browser).json["state"] as? String != "not_connected")
        shop.now = shop.now + 1
        #expect(await shop.status(browser).json["state"] as? String == "not_connected")
    }

    @Test("visits keep a session for ninety days and not a second longer (checklist 29)")
    func absolute() async throws {
        let shop = try Shop()
        var browser = Browser()
        await shop.connect(&browser)
        try shop.execute("UPDATE users SET token_expires_at = token_expires_at * 2")
        for _ in 0..<8 {
            shop.now = shop.now + 10 * Self.day
            browser.take(await shop.status(browser))
        }
        #expect(await Self.isSignedIn(browser, shop))
        #expect(browser.session?.maxAge == Int(10 * Self.day), "no longer than what is left")
        shop.now = Shop.begin + (90 * Self.day - 1)
        #expect(await Self.isSignedIn(browser, shop))
        browser.take(await shop.status(browser))
        shop.now = shop.now + 1
        #expect(await !Self.isSignedIn(browser, shop))
    }

    @Test("a cookie is renewed when it is a day old, by status and page, and names the same session")
    func renewed() async throws {
        let shop = try Shop()
        var browser = Browser()
        await shop.connect(&browser)
        shop.now = shop.now + (Self.day - 1)
        #expect(await shop.status(browser).cookies.isEmpty)
        shop.now = shop.now + 1
        let renewed = await shop.status(browser).cookies
        #expect(renewed.map(\.name) == ["__Host-ig_session"])
        #expect(await shop.answer(.page(.get, Route.settings, browser)).cookies == renewed)
        let (old, new) = (try Self.session(browser, shop), try Self.session(Browser(cookies: renewed), shop))
        #expect(old.id == new.id && old.beganAt == new.beganAt && new.seenAt == shop.now)
    }

    private static func session(_ browser: Browser, _ shop: Shop) throws -> Session {
        try #require(Session(CookieHeader(browser.header), keyring: shop.keyring, now: shop.now))
    }

    @Test("every flipped bit, every cut and every double of a session cookie is nobody (checklist 8, 26)")
    func forged() async throws {
        let shop = try Shop()
        var browser = Browser()
        await shop.connect(&browser)
        let session = try #require(browser.session)
        let value = Array(session.value.utf8)
        var forgeries = (0..<value.count).map { Array(value.prefix($0)) }
        for bit in 0..<value.count * 8 {
            var flipped = value
            flipped[bit / 8] ^= 1 << (bit % 8)
            forgeries.append(flipped)
        }
        for forgery in forgeries {
            var copy = session
            copy.value = String(decoding: forgery, as: UTF8.self)
            let cookies = CookieHeader(Browser(cookies: [copy]).header)
            #expect(Session(cookies, keyring: shop.keyring, now: shop.now) == nil)
        }
        #expect(await !Self.isSignedIn(Browser(cookies: [session, session]), shop))
        #expect(await Self.isSignedIn(Browser(cookies: [session]), shop))
    }

    @Test("another user's cookie gives that user's session and never a mix (checklist 30)")
    func otherUser() async throws {
        let shop = try Shop()
        var (ann, bob) = (Browser(), Browser())
        await shop.connect(&ann)
        shop.instagram.account = "17841458366137977"
        await shop.connect(&bob)
        let session = try #require(bob.session)
        ann.cookies.removeAll { $0.name == session.name }
        ann.cookies.append(session)
        #expect(await shop.status(ann).text == shop.status(bob).text)
        #expect(await shop.status(ann).json["instagram_user_id"] as? String == "17841458366137977")
    }

    @Test("a planted cookie is never upgraded: connecting gives a session of its own (checklist 27)")
    func planted() async throws {
        let shop = try Shop()
        var (attacker, victim) = (Browser(), Browser())
        await shop.connect(&attacker)
        let planted = try #require(attacker.session)
        victim.cookies = [planted]
        shop.instagram.account = "17841458366137977"
        await shop.connect(&victim)
        #expect(victim.session?.value != planted.value)
        #expect(await shop.status(victim).json["instagram_user_id"] as? String == "17841458366137977")
        #expect(await shop.status(attacker).json["state"] as? String == "not_connected", "the old one stops working")
        #expect(try shop.committed("SELECT * FROM users").count == 2, "no existing user points at another account")
    }

    @Test("connecting the same account again signs in as the same user, found by its id (checklist 20)")
    func sameUser() async throws {
        let shop = try Shop()
        var (one, two) = (Browser(), Browser())
        await shop.connect(&one)
        await shop.connect(&two)
        let (first, second) = (try Self.session(one, shop), try Self.session(two, shop))
        #expect(first.user == second.user && first.id != second.id)
        #expect(first.user.utf8.count == 22, "128 random bits")
    }

    @Test("a raised epoch ends every session, and a callback from before brings none back")
    func epoch() async throws {
        let shop = try Shop()
        var (one, two) = (Browser(), Browser())
        let state = await shop.start(&one).state
        one.take(await shop.callback(one, state: state))
        await shop.connect(&two)
        try shop.execute("UPDATE users SET session_epoch = (SELECT generation FROM counter)")
        for browser in [one, two] { #expect(await !Self.isSignedIn(browser, shop)) }
        let again = await shop.callback(one, state: state)
        #expect(again.json["error"] as? String == "invalid_state" && again.cookies.isEmpty)
        await shop.connect(&two)
        #expect(await Self.isSignedIn(two, shop))
        #expect(await !Self.isSignedIn(one, shop))
    }

    @Test("a user who is gone is nobody")
    func deleted() async throws {
        let shop = try Shop()
        var browser = Browser()
        let state = await shop.start(&browser).state
        browser.take(await shop.callback(browser, state: state))
        try shop.execute("DELETE FROM users")
        #expect(await !Self.isSignedIn(browser, shop))
        #expect(await shop.callback(browser, state: state).json["error"] as? String == "invalid_state")
    }
}
