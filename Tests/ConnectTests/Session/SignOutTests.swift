// SPDX-License-Identifier: MIT
import Connect
import GRDB
import HTTPTypes
import Testing

@Suite struct SignOutTests {
    private static let ours = ["Sec-Fetch-Site": "same-origin"]

    private static func isSignedIn(_ browser: Browser, _ shop: Shop) async -> Bool {
        await shop.status(browser).json["connected"] as? Bool ?? false
    }

    @Test("it ends this session, also for a copy of its cookie, and no other (checklist 28)")
    func copies() async throws {
        let shop = try Shop()
        var (one, two) = (Browser(), Browser())
        await shop.connect(&one)
        await shop.connect(&two)
        let copy = one
        let answer = await shop.answer(.json(.post, Route.signOut, one, Self.ours))
        one.take(answer)
        #expect(answer.status == .ok && answer.json["state"] as? String == "not_connected")
        #expect(answer.cookies.map(\.maxAge) == [0] && one.session == nil)
        #expect(await !Self.isSignedIn(copy, shop))
        #expect(await Self.isSignedIn(two, shop))
        #expect(
            try shop.committed("SELECT state FROM users").map { $0["state"] } == ["connected"], "the connection stays")
    }

    @Test("it ends a renewed cookie of the session with the first one")
    func renewed() async throws {
        let shop = try Shop()
        var browser = Browser()
        await shop.connect(&browser)
        let old = browser
        shop.now = shop.now + 86_400
        browser.take(await shop.status(browser))
        #expect(browser.session != old.session)
        _ = await shop.answer(.json(.post, Route.signOut, old, Self.ours))
        #expect(await !Self.isSignedIn(browser, shop))
        #expect(await !Self.isSignedIn(old, shop))
    }

    @Test("a callback that is repeated after it does not bring the session back (checklist 28)")
    func repeatedCallback() async throws {
        let shop = try Shop()
        var browser = Browser()
        let state = await shop.start(&browser).state
        browser.take(await shop.callback(browser, state: state))
        browser.take(await shop.answer(.json(.post, Route.signOut, browser, Self.ours)))
        browser.take(await shop.callback(browser, state: state))
        #expect(await !Self.isSignedIn(browser, shop))
        await shop.connect(&browser)
        #expect(await Self.isSignedIn(browser, shop))
    }

    @Test("connecting signs in anew: the session before it stops working, also a copy of it (checklist 27)")
    func replaced() async throws {
        let shop = try Shop()
        var browser = Browser()
        await shop.connect(&browser)
        let copy = browser
        await shop.connect(&browser)
        #expect(browser.session != copy.session)
        #expect(await Self.isSignedIn(browser, shop))
        #expect(await !Self.isSignedIn(copy, shop))
    }

    @Test("a callback that is repeated after a later flow leaves the later session alone")
    func repeatedAfterAnother() async throws {
        let shop = try Shop()
        var browser = Browser()
        let first = await shop.start(&browser).state
        browser.take(await shop.callback(browser, state: first))
        await shop.connect(&browser)
        let later = browser.session
        let repeated = await shop.callback(browser, state: first)
        browser.take(repeated)
        #expect(repeated.status == .ok && repeated.cookies.isEmpty)
        #expect(browser.session == later)
        #expect(await Self.isSignedIn(browser, shop))
    }

    @Test("a repeat, and a sign-out of nobody, are the same")
    func repeated() async throws {
        let shop = try Shop()
        var browser = Browser()
        await shop.connect(&browser)
        for visitor in [browser, browser, Browser()] {
            let answer = await shop.answer(.json(.post, Route.signOut, visitor, Self.ours))
            #expect(answer.status == .ok && answer.cookies.map(\.maxAge) == [0])
        }
        let page = await shop.answer(.page(.post, Route.signOut, browser, Self.ours))
        #expect(page.status == .seeOther && page.followed == Route.settings + "?instagram=signed-out")
        let told = try await shop.answer(.page(.get, #require(page.followed), Browser())).text
        #expect(told.contains("An account that is connected stays connected."))
        // Who is signed in is not told so by a link.
        var another = Browser()
        await shop.connect(&another)
        #expect(try await !shop.answer(.page(.get, #require(page.followed), another)).text.contains("signed out"))
    }

    @Test(
        "only a page of ours signs out (checklist 21)",
        arguments: [
            [:], ["Sec-Fetch-Site": "cross-site"], ["Sec-Fetch-Site": "same-site"], ["Sec-Fetch-Site": "none"],
            ["Origin": "null"], ["Origin": "https://evil.example"], ["Origin": ""],
            ["Sec-Fetch-Site": "cross-site", "Origin": "https://shop.example"], ["Referer": "https://shop.example/"],
        ])
    func otherSite(headers: [String: String]) async throws {
        let shop = try Shop()
        var browser = Browser()
        await shop.connect(&browser)
        let answer = await shop.answer(.json(.post, Route.signOut, browser, headers))
        #expect(answer.status == .forbidden && answer.cookies.isEmpty)
        #expect(await Self.isSignedIn(browser, shop))
        let accepted = await shop.answer(.json(.post, Route.signOut, browser, ["Origin": Shop.origin]))
        #expect(accepted.status == .ok)
    }

    @Test("ended sessions are forgotten when their cookies could not live any more")
    func forgotten() async throws {
        let shop = try Shop()
        for later: Int64 in [0, 90 * 86_400 + 1_201] {
            shop.now = Shop.begin + later
            var browser = Browser()
            await shop.connect(&browser)
            _ = await shop.answer(.json(.post, Route.signOut, browser, Self.ours))
            #expect(try shop.committed("SELECT * FROM ended_sessions").count == 1)
        }
    }
}
