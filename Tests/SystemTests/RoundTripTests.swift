// SPDX-License-Identifier: MIT
import Testing

/// The way of a shop owner and of a frontend, from the first page to the token in the database.
@Suite(.serialized, .stage)
struct RoundTripTests {
    private let stage = Stage.current!
    private let browser = Browser()

    init() async throws {
        try await stage.standIn.reset()
    }

    @Test("A shop owner connects by pressing one button (checklist 33, 37)")
    func page() async throws {
        let settings = try await browser.open(stage.settingsPage)
        #expect(settings.status == 200)
        let consent = try await browser.press("connect", on: settings)
        #expect(consent.url.origin == stage.standIn.url)
        let home = try await browser.press("allow", on: consent)

        #expect(home.status == 200)
        #expect(home.text.contains("@acme_shop"))
        #expect(home.url.description == stage.settingsPage + "#instagram=connected", "no code in the address bar")
        let callback = try #require(home.steps(to: "/auth/instagram/callback").first)
        #expect(callback.fetchSite == "cross-site")
        let ours = (consent.steps + home.steps).filter { $0.url.origin == stage.origin }
        #expect(ours.map(\.response.status) == [303, 303, 200])
        #expect(ours.allSatisfy { $0.response.header("cache-control") == "no-store" })
        #expect(await browser.jar.refused == [], "a browser takes every cookie of ours")
        #expect(try await stage.standIn.calls().exchanges == 1)
    }

    @Test("A frontend connects with two JSON routes")
    func json() async throws {
        let answer = try await stage.connect(browser)
        #expect(answer.status == 200)
        let connected: Account = try answer.decoded()
        #expect(connected.status == "success")
        #expect(connected.instagramUserId == "17841458366137975", "all digits, as Instagram sent them")
        #expect(connected.instagramUsername == "acme_shop")
        let status: Account = try await browser.fetch(stage.status).decoded()
        #expect(status.state == "connected")
        #expect(status.instagramUserId == connected.instagramUserId)
        #expect(status.scopes == ["instagram_business_basic", "instagram_business_manage_messages"])
    }

    @Test("What is stored, opened with the keyring, is the very token that Instagram gave, and works")
    func storageAndRetrieval() async throws {
        let connected: Account = try await stage.connect(browser, account: "bloom.ceramics").decoded()
        let kept = stage.kept
        let row = try #require(try kept.users().first { $0.account == connected.instagramUserId })
        #expect(row.state == "connected")
        let token = try row.token(kept.keyring())
        let issued = try #require(try await stage.standIn.tokens().last)
        #expect(token == issued.accessToken)
        #expect(issued.account == "bloom.ceramics")
        let profile = try await stage.standIn.profile(of: token)
        #expect(profile.status == 200)
        #expect(profile.text.contains("\"17841460912345671\""))
        let box = try #require(row.box)
        #expect(!String(decoding: box, as: UTF8.self).contains("IGAA"), "sealed, not written down")
    }

    @Test("Connecting an account again keeps its user and replaces the token")
    func again() async throws {
        _ = try await stage.connect(browser)
        let first = try #require(try stage.kept.users().first { $0.username == "acme_shop" })
        _ = try await stage.connect(Browser())
        let second = try #require(try stage.kept.users().first { $0.username == "acme_shop" })
        #expect(second.id == first.id)
        #expect(second.generation > first.generation)
        #expect(try second.token(stage.kept.keyring()) != first.token(stage.kept.keyring()))
        #expect(try await browser.fetch(stage.status).decoded(Account.self).connected == true)
    }

    @Test("Another account is another user, and this browser is signed in as that one (checklist 27)")
    func otherAccount() async throws {
        let consent = try await stage.consentPage(browser)
        _ = try await browser.press("allow", on: consent)
        let before = try #require(await browser.jar["__Host-ig_session"])
        let again = try await stage.consentPage(browser, button: "switch")
        #expect(again.url.parameter("force_reauth") == "true")
        let home = try await browser.press("allow", on: again, choosing: ["account": ["bloom.ceramics"]])
        #expect(home.text.contains("@bloom.ceramics"))
        #expect(!home.text.contains("@acme_shop"))
        #expect(try #require(await browser.jar["__Host-ig_session"]).value != before.value)
    }

    @Test("Signing out ends this session, also for a copy of its cookie (checklist 28)")
    func signOut() async throws {
        let consent = try await stage.consentPage(browser)
        let home = try await browser.press("allow", on: consent)
        let copy = Browser()
        let cookie = try #require(await browser.jar["__Host-ig_session"])
        let url = home.url
        await copy.change { jar in
            jar.store("\(cookie.name)=\(cookie.value); Path=/; Secure", from: url)
        }
        #expect(try await copy.fetch(stage.status).decoded(Account.self).connected == true)
        let after = try await browser.press("sign-out", on: home)
        #expect(after.text.contains("id=\"connect\""))
        #expect(await browser.jar["__Host-ig_session"] == nil)
        #expect(try await copy.fetch(stage.status).decoded(Account.self).connected == false)
        #expect(try stage.kept.users().contains { $0.username == "acme_shop" && $0.state == "connected" })
    }

    @Test("The visitor ends where the frontend asked for (checklist 32)")
    func returnTo() async throws {
        let consent = try await stage.consentPage(browser, query: "?return_to=/auth/instagram/status?x=1")
        let end = try await browser.press("allow", on: consent)
        #expect(end.url.description == stage.origin + "/auth/instagram/status?x=1#instagram=connected")
        for elsewhere in ["//evil.example/", "/%5cevil.example", "https://evil.example", "/a/..//evil.example"] {
            let answer = try await browser.fetch(stage.start + "?return_to=" + elsewhere)
            #expect(answer.status == 400, "\(elsewhere)")
            #expect(answer.header("set-cookie") == nil)
        }
    }

    /// What is refused at Instagram or because of what Instagram says.
    struct Refusal: Sendable, CustomTestStringConvertible {
        let what: String
        var switches = "{}"
        var button = "allow"
        var choosing: [String: [String]] = [:]
        let code: String
        let status: Int
        var exchanges = 0
        var testDescription: String { what }
    }

    @Test(
        "A refusal ends on the settings page with its reason, and as JSON with its status (checklist 13, 22)",
        arguments: [
            Refusal(what: "the person says no", button: "deny", code: "access_denied", status: 403),
            Refusal(
                what: "no, and Instagram leaves the state out", switches: #"{"denial_state": false}"#, button: "deny",
                code: "access_denied", status: 403),
            Refusal(
                what: "fewer scopes", choosing: ["granted": ["instagram_business_basic"]], code: "permission_missing",
                status: 422, exchanges: 1),
            Refusal(
                what: "a personal account", choosing: ["account": ["private.person"]], code: "account_not_eligible",
                status: 422, exchanges: 1),
            Refusal(
                what: "an invited tester", choosing: ["account": ["invited.tester"]], code: "account_not_eligible",
                status: 422, exchanges: 1),
        ])
    func refusals(_ refusal: Refusal) async throws {
        try await stage.standIn.set(refusal.switches)
        let users = try stage.kept.users().count
        let consent = try await stage.consentPage(browser)
        let home = try await browser.press(refusal.button, on: consent, choosing: refusal.choosing)
        #expect(home.url.path == "/auth/instagram/settings")
        #expect(home.instagramError == refusal.code)
        #expect(home.url.fragment == "instagram=failed")
        #expect(home.text.contains("role=\"alert\""))
        #expect(home.text.contains("id=\"connect\""), "one sentence and one button")

        let other = Browser()
        let held = try await other.press(
            refusal.button, on: try await stage.consentPage(other), choosing: refusal.choosing,
            holdBefore: { $0.path == "/auth/instagram/callback" })
        let answer = try await other.fetch(held.url.request)
        #expect(answer.status == refusal.status)
        #expect(answer.error?.error == refusal.code)
        #expect(try await stage.standIn.calls().exchanges == refusal.exchanges * 2)
        #expect(try stage.kept.users().count == users, "nothing is kept")
        #expect(await other.jar["__Host-ig_session"] == nil)
    }

    @Test("A missing role comes back as an account that is not eligible")
    func noRole() async throws {
        try await stage.standIn.set(#"{"no_role": "redirect"}"#)
        let home = try await stage.consentPage(browser)
        #expect(home.instagramError == "account_not_eligible")
    }
}
