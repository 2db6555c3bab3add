// SPDX-License-Identifier: MIT
import Foundation
import Testing

/// What goes wrong, in words, with a way on.
extension ReactExampleTests {
    @Test("A callback in another browser changes nothing, and says that")
    func cookieGone() async throws {
        try await visit { visit, browser in
            try await visit.openSettings()
            try await visit.toConsent()
            try await browser.forgetCookies()
            try await browser.click("#allow")
            try await visit.sees("begun in another browser", in: "[role=alert]")
            #expect(try await browser.text("[role=alert] code").count == 32, "what the operator can look for")
            try await visit.judge("another-browser", console: "status of 400")
            #expect(try await stage.standIn.calls().exchanges == 0)
            try await browser.click("a.button")
            try await visit.toConsent()
            try await browser.click("#allow")
            try await visit.sees("@acme_shop", in: "section")
        }
    }

    @Test("The service is away on the way back: the same code goes again when a person says so, and connects")
    func downAtCallback() async throws {
        try await visit { visit, browser in
            try await visit.openSettings()
            try await visit.toConsent()
            await stage.responder?.stop()
            try await browser.click("#allow")
            try await visit.sees("Something went wrong on our side", in: "[role=alert]")
            try await visit.judge("down-at-callback", console: "status of 502")
            try stage.startResponder()
            try await stage.ready()
            try await browser.click("main button")
            try await visit.sees("@acme_shop", in: "section")
            let calls = try await stage.standIn.calls()
            #expect(calls.exchanges == 1 && calls.repeatedCodes == 0)
        }
    }

    @Test("The service is away while somebody looks at the settings, or presses a button; then it is back")
    func downAtSettings() async throws {
        try await visit { visit, browser in
            try await visit.connect()
            await stage.responder?.stop()
            try await browser.click("section button.second")
            try await visit.sees("Something went wrong on our side", in: "[role=alert]")
            try await visit.sees("@acme_shop", in: "section")
            try await visit.judge("down-at-button", console: "status of 502")
            try await browser.reload()
            try await visit.sees("Something went wrong on our side", in: "[role=alert]")
            try await visit.judge("down-at-settings", console: "status of 502")
            try stage.startResponder()
            try await stage.ready()
            try await browser.click("main > button")
            try await visit.sees("@acme_shop", in: "section")
            #expect(try await !browser.has("[role=alert]"))
        }
    }

    @Test("Nobody answers at all: that is said, too")
    func offline() async throws {
        try await visit { visit, browser in
            try await visit.openSettings()
            try await visit.sees("No account is connected", in: "section h2")
            let offline: [String: Any] = [
                "offline": true, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1,
            ]
            try await browser.developerTools("Network.enable")
            try await browser.developerTools("Network.emulateNetworkConditions", offline)
            try await browser.click(ReactVisit.connect)
            try await visit.sees("Look whether you are online", in: "[role=alert]")
            try await browser.developerTools(
                "Network.emulateNetworkConditions", offline.merging(["offline": false]) { $1 })
            try await visit.toConsent()
        }
    }

    @Test("A connection that a person has to renew says why, and one button does it")
    func reconnect() async throws {
        try await visit { visit, browser in
            let key = try await stage.employ([("bot", "*")])[0]
            try await visit.connect()
            let row = try #require(try stage.kept.users().last { $0.username == "acme_shop" })
            let token: Stage.HandedOut = try await stage.ask("users/\(row.id)/token", key: key).decoded()
            try await stage.standIn.fail("read-profile", "password-changed")
            let report = #"{"token_id":"\#(token.tokenId)"}"#
            let verdict = try await stage.ask("users/\(row.id)/token/refused", key: key, .post, body: report)
            #expect(verdict.text.contains("reconnect_required"))
            try await browser.reload()
            try await visit.sees("The password of the account was changed.", in: "section p.notice")
            try await visit.judge("reconnect-required")
            try await stage.standIn.reset()
            try await browser.click(ReactVisit.connect)
            try await browser.click("#allow")
            try await visit.sees("Instagram is connected.", in: "p.notice[role=status]")
            #expect(try await !browser.has("section p.notice.bad"))
        }
    }

    @Test("Instagram refuses, or an account is no professional one: the words for it")
    func refused() async throws {
        try await visit { visit, browser in
            try await visit.openSettings()
            try await visit.toConsent()
            try await browser.click("[value='invited.tester']")
            try await browser.click("#allow")
            try await visit.sees("a tester who has accepted", in: "[role=alert]")
            try await browser.click("a.button")
            try await stage.standIn.fail("exchange-code", "code-used")
            try await visit.toConsent()
            try await browser.click("#allow")
            try await visit.sees("turned this attempt down", in: "[role=alert]")
        }
    }

    @Test("In the dark, and in a narrow window, it is whole and readable")
    func looks() async throws {
        try await visit { visit, browser in
            try await visit.connect()
            try await browser.prefer(["prefers-color-scheme": "dark"])
            try await visit.judge("connected-dark")
            try await browser.click(ReactVisit.disconnect)
            try await browser.resize(width: 320, height: 640)
            try await visit.judge("question-narrow")
        }
    }
}
