// SPDX-License-Identifier: MIT
import TestSupport
import Testing

/// What people do with a browser: tabs, reload, back, another browser (checklist 11).
@Suite(.serialized, .stage)
struct TabTests {
    private let stage = Stage.current!
    private let browser = Browser()
    private let isCallback: @Sendable (WebURL) -> Bool = { $0.path == "/auth/instagram/callback" }

    init() async throws {
        try await stage.standIn.reset()
    }

    @Test("Two tabs finish independently, the second first")
    func twoTabs() async throws {
        let first = try await stage.consentPage(browser, query: "?return_to=/auth/instagram/status?tab=1")
        let second = try await stage.consentPage(browser, query: "?return_to=/auth/instagram/status?tab=2")
        let endOfSecond = try await browser.press("allow", on: second, choosing: ["account": ["bloom.ceramics"]])
        #expect(endOfSecond.url.target == "/auth/instagram/status?tab=2")
        #expect(try endOfSecond.response.decoded(Account.self).instagramUsername == "bloom.ceramics")
        let endOfFirst = try await browser.press("allow", on: first)
        #expect(endOfFirst.url.target == "/auth/instagram/status?tab=1")
        #expect(try endOfFirst.response.decoded(Account.self).instagramUsername == "acme_shop")
    }

    @Test("Five flows of one browser finish, in any order")
    func five() async throws {
        var callbacks: [WebURL] = []
        for _ in 0..<5 { callbacks.append(try await stage.consented(browser)) }
        #expect(await browser.jar.named(prefix: "__Host-ig_flow_").count == 5)
        for callback in callbacks.shuffled() { #expect(try await browser.fetch(callback.request).status == 200) }
        #expect(try await stage.standIn.calls().exchanges == 5)
    }

    @Test("The sixth flow drops the oldest, and a thousand leave five")
    func six() async throws {
        var callbacks: [WebURL] = []
        for _ in 0..<6 { callbacks.append(try await stage.consented(browser)) }
        #expect(await browser.jar.named(prefix: "__Host-ig_flow_").count == 5)
        #expect(try await browser.fetch(callbacks[0].request).error?.error == "invalid_state")
        for callback in callbacks.dropFirst() { #expect(try await browser.fetch(callback.request).status == 200) }

        let other = Browser()
        for _ in 0..<Soak.times(100) { _ = try await other.fetch(stage.start) }
        #expect(await other.jar.named(prefix: "__Host-ig_flow_").count == 5)
    }

    @Test("Cookies that were planted neither count nor evict")
    func planted() async throws {
        let callback = try await stage.consented(browser)
        let real = try #require(await browser.jar.named(prefix: "__Host-ig_flow_").first)
        await browser.change { jar in
            for number in 0..<8 {
                jar.store("__Host-ig_flow_\(number)=\(real.value); Path=/; Secure", from: callback)
                jar.store("__Host-ig_flow_x\(number)=junk; Path=/; Secure", from: callback)
            }
        }
        for _ in 0..<4 { _ = try await stage.consented(browser) }
        #expect(try await browser.fetch(callback.request).status == 200)
    }

    @Test("Reloading the callback shows the same end and costs nothing")
    func reload() async throws {
        let held = try await browser.press("allow", on: try await stage.consentPage(browser), holdBefore: isCallback)
        for _ in 0..<3 {
            let home = try await browser.go(held)
            #expect(home.url.description == stage.settingsPage + "#instagram=connected")
            #expect(home.text.contains("@acme_shop"))
        }
        #expect(try await stage.standIn.calls().exchanges == 1)
    }

    @Test("Back to Instagram's page and allowed again: told to start again, and still connected")
    func back() async throws {
        let consent = try await stage.consentPage(browser)
        _ = try await browser.press("allow", on: consent)
        let again = try await browser.press("allow", on: consent)
        #expect(again.instagramError == "invalid_state")
        #expect(again.text.contains("@acme_shop"), "nothing is lost")
        #expect(try await stage.standIn.calls().exchanges == 1)
    }

    @Test("The cookie is gone: one sentence and one button on the settings page")
    func cookieGone() async throws {
        let held = try await browser.press("allow", on: try await stage.consentPage(browser), holdBefore: isCallback)
        await browser.change { $0.removeAll() }
        let home = try await browser.go(held)
        #expect(home.url.path == "/auth/instagram/settings")
        #expect(home.instagramError == "invalid_state")
        #expect(home.url.parameter("code") == nil && home.url.parameter("state") == nil)
        #expect(home.text.matches(of: /role="alert"/).count == 1)
        #expect(home.text.matches(of: /<button/).count == 1)
        #expect(try await stage.standIn.calls().exchanges == 0)
        let connected = try await browser.press("allow", on: try await browser.press("connect", on: home))
        #expect(connected.text.contains("@acme_shop"), "and the button works")
    }

    @Test("Two browsers have two sessions of one user, and each its own (checklist 30)")
    func twoBrowsers() async throws {
        let other = Browser()
        _ = try await stage.connect(browser)
        _ = try await stage.connect(other, account: "bloom.ceramics")
        #expect(try await browser.fetch(stage.status).decoded(Account.self).instagramUsername == "acme_shop")
        #expect(try await other.fetch(stage.status).decoded(Account.self).instagramUsername == "bloom.ceramics")
    }
}

/// Who may start a connection: our own button, our own script, and what is no browser (checklist 21).
@Suite(.serialized, .stage)
struct StartTests {
    private let stage = Stage.current!
    private let browser = Browser()

    @Test("Typed, bookmarked, or linked from elsewhere: the settings page first, no cookie")
    func navigations() async throws {
        let elsewhere = try #require(WebURL("https://mail.example/inbox"))
        for initiator in [Browser.Initiator.person, .page(elsewhere)] {
            let visit = try await browser.open(stage.start + "?return_to=/auth/instagram/status", by: initiator)
            #expect(visit.steps[0].response.status == 303)
            #expect(visit.url.path == "/auth/instagram/settings")
            #expect(visit.url.query == "return_to=%2Fauth%2Finstagram%2Fstatus")
            #expect(await browser.jar.cookies.isEmpty)
        }
        let ours = try #require(WebURL(stage.settingsPage))
        let visit = try await browser.open(stage.start, by: .page(ours))
        #expect(visit.url.path == "/oauth/authorize", "a link on our own page counts")
    }

    struct Origin: Sendable {
        var site: String?
        var origin: String?
        let isOurs: Bool
    }

    @Test(
        "A POST counts only from our own pages",
        arguments: [
            Origin(site: "same-origin", isOurs: true), Origin(site: "cross-site", isOurs: false),
            Origin(site: "same-site", isOurs: false), Origin(site: "none", isOurs: false),
            Origin(origin: "OURS", isOurs: true), Origin(origin: "null", isOurs: false),
            Origin(origin: "http://evil.example", isOurs: false), Origin(origin: "OURS.evil.example", isOurs: false),
            Origin(site: "cross-site", origin: "OURS", isOurs: false), Origin(isOurs: false),
        ])
    func posts(_ origin: Origin) async throws {
        var headers: [(name: String, value: String)] = []
        if let site = origin.site { headers.append((name: "Sec-Fetch-Site", value: site)) }
        if let text = origin.origin {
            headers.append((name: "Origin", value: text.replacing("OURS", with: stage.origin)))
        }
        let start = try await HTTPClient.shared.send(.post, stage.start, headers: headers)
        #expect(start.status == (origin.isOurs ? 200 : 403))
        #expect((start.header("set-cookie") == nil) == !origin.isOurs)
        let signOut = try await HTTPClient.shared.send(.post, stage.start + "/sign-out", headers: headers)
        #expect(signOut.status == (origin.isOurs ? 200 : 403))
    }

    @Test("A script of another site starts nothing and gets no cookie")
    func crossSiteFetch() async throws {
        let answer = try await browser.fetch(stage.start, from: WebURL("https://evil.example/"))
        #expect(answer.status == 403)
        #expect(answer.header("set-cookie") == nil)
        #expect(answer.header("access-control-allow-origin") == nil)
    }

    @Test("A prefetch spends nothing")
    func prefetch() async throws {
        let callback = try await stage.consented(browser)
        let cookie = try #require(await browser.jar.field(for: callback, isLaxAllowed: true))
        let before = try await stage.standIn.calls().exchanges
        for url in [stage.start, callback.request] {
            let answer = try await HTTPClient.shared.send(
                .get, url,
                headers: [(name: "Sec-Purpose", value: "prefetch;prerender"), (name: "Cookie", value: cookie)])
            #expect(answer.status == 503)
            #expect(answer.header("set-cookie") == nil)
        }
        #expect(try await stage.standIn.calls().exchanges == before)
        #expect(try await browser.fetch(callback.request).status == 200)
    }
}
