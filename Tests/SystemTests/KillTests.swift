// SPDX-License-Identifier: MIT
import Testing

/// kill -9, in the middle of a flow and in the middle of many: nothing acknowledged is lost, no code is sent twice.
@Suite(.serialized, .stage)
struct KillTests {
    private let stage = Stage.current!
    private let browser = Browser()

    init() async throws {
        try await stage.standIn.reset()
    }

    @Test("Killed while the visitor is at Instagram: the flow lives in the browser and goes on")
    func beforeTheCallback() async throws {
        let callback = try await stage.consented(browser)
        try await stage.crashResponder()
        try await stage.ready()
        #expect(try await browser.fetch(callback.request).status == 200)
    }

    @Test(
        "Killed during a call: the code is not sent again, a page is connected after one more round",
        arguments: ["exchange-code", "extend-token", "read-profile"])
    func pageDuring(_ endpoint: String) async throws {
        let consent = try await stage.consentPage(browser)
        let held = try await browser.press("allow", on: consent, holdBefore: isCallback)
        try await stage.standIn.fail(endpoint, "hang", count: 1)
        let visit = held
        let first = Task { try await browser.go(visit) }
        try await stage.standIn.wait(for: endpoint, count: 1)
        await stage.responder?.killed()
        #expect(try await first.value.status == 502, "nginx says it in our shape")
        try stage.startResponder()
        try await stage.ready()

        let again = try await browser.go(held)
        #expect(again.url.path == "/oauth/authorize", "a fresh flow at once")
        #expect(again.url.parameter("state") != held.url.parameter("state"))
        let home = try await browser.press("allow", on: again)
        #expect(home.text.contains("@acme_shop"))
        #expect(home.url.fragment == "instagram=connected")
        let calls = try await stage.standIn.calls()
        #expect(calls.exchanges == 2 && calls.repeatedCodes == 0)
        #expect(calls.authorizations == 2, "one extra round")
    }

    @Test("Killed during the fresh flow as well: the second time it is told, not tried for ever")
    func twice() async throws {
        var visit = try await browser.press(
            "allow", on: try await stage.consentPage(browser), holdBefore: isCallback)
        for round in 1...2 {
            try await stage.standIn.fail("exchange-code", "hang", count: 1)
            let held = visit
            let lost = Task { try await browser.go(held) }
            try await stage.standIn.wait(for: "exchange-code", count: round)
            try await stage.crashResponder()
            _ = try await lost.value
            try await stage.ready()
            let again = try await browser.go(held)
            if round == 1 {
                visit = try await browser.press("allow", on: again, holdBefore: isCallback)
            } else {
                #expect(again.instagramError == "interrupted")
                #expect(again.url.path == "/auth/instagram/settings")
            }
        }
        #expect(try await stage.standIn.calls().repeatedCodes == 0)
    }

    @Test("As JSON an interrupted flow is told to start again, however often it is asked")
    func json() async throws {
        let callback = try await stage.consented(browser)
        try await stage.standIn.fail("exchange-code", "hang", count: 1)
        let first = Task { try await browser.fetch(callback.request) }
        try await stage.standIn.wait(for: "exchange-code", count: 1)
        try await stage.crashResponder()
        #expect(try await first.value.status == 502)
        try await stage.ready()
        for _ in 0..<3 {
            let answer = try await browser.fetch(callback.request)
            #expect(answer.status == 502)
            #expect(answer.error?.error == "interrupted")
        }
        #expect(try await stage.standIn.calls().exchanges == 1)
        #expect(try await stage.connect(browser).status == 200)
    }

    @Test("Killed after the commit: the same callback finds the connection")
    func afterTheCommit() async throws {
        let callback = try await stage.consented(browser)
        let first = try await browser.fetch(callback.request)
        try await stage.crashResponder()
        try await stage.ready()
        let second = try await browser.fetch(callback.request)
        #expect(second.status == 200 && second.body == first.body)
        #expect(try await stage.standIn.calls().exchanges == 1)
        #expect(try await browser.fetch(stage.status).decoded(Account.self).connected == true)
    }

    private let isCallback: @Sendable (WebURL) -> Bool = { $0.path == "/auth/instagram/callback" }
}
