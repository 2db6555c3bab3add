// SPDX-License-Identifier: MIT
import Foundation
import Testing

/// Examples/react as it is in the repository, with the real React, in the real browser, beside the real service.
@Suite(.serialized, .reactStage)
struct ReactExampleTests {
    let stage = Stage.current!

    init() async throws {
        try await stage.standIn.reset()
    }

    @Test("A person connects, sees the account, disconnects after one question, and connects again")
    func roundTrip() async throws {
        try await visit { visit, browser in
            try await visit.openSettings()
            try await visit.sees("No account is connected", in: "h2")
            try await visit.judge("not-connected")
            try await visit.toConsent()
            try await browser.click("#allow")
            try await visit.sees("Acme", in: "section h2")
            try await visit.sees("@acme_shop", in: "section")
            try await visit.sees("Instagram is connected.", in: "p.notice[role=status]")
            #expect(try await browser.url == visit.settings)
            try await visit.judge("connected")
            try await browser.reload()
            try await visit.sees("@acme_shop", in: "section")
            #expect(try await !browser.has("p.notice"), "told once")

            try await browser.click(ReactVisit.disconnect)
            try await visit.sees("Disconnect this account?", in: "dialog")
            try await visit.judge("question")
            try await browser.click("dialog button.second")
            #expect(try await browser.text("section").contains("@acme_shop"), "asked, and nothing else")
            try await browser.click(ReactVisit.disconnect)
            try await browser.click("dialog button.bad")
            try await visit.sees("Apps and websites", in: "p.notice[role=status]")
            try await visit.sees("No account is connected", in: "section h2")
            #expect(try await browser.run("return document.activeElement.tagName") as? String == "H1")
            try await visit.judge("disconnected")
            #expect(try stage.kept.users().allSatisfy { $0.box == nil })

            try await visit.toConsent()
            try await browser.click("#allow")
            try await visit.sees("@acme_shop", in: "section")
        }
    }

    @Test("StrictMode's second call changes nothing: two requests, two successes, one exchange, one connection")
    func doubled() async throws {
        try await visit { visit, browser in
            // Both are on their way before the first is answered.
            try await stage.standIn.fail("exchange-code", nil, latency: 300)
            let mark = visit.mark
            try await visit.connect()
            _ = try await eventually("both in the log") { visit.callbacks(since: mark).count >= 2 ? () : nil }
            #expect(visit.callbacks(since: mark) == ["200", "200"])
            let calls = try await stage.standIn.calls()
            #expect(calls.exchanges == 1 && calls.repeatedCodes == 0 && calls.profiles >= 1)
            #expect(try stage.kept.users().filter { $0.state == "connected" }.count == 1)
        }
    }

    @Test("What is built for production calls once, and connects the same")
    func production() async throws {
        try await ReactStageTrait.project.build("build")
        do {
            try await visit { visit, browser in
                let mark = visit.mark
                try await visit.connect()
                #expect(visit.callbacks(since: mark) == ["200"])
                #expect(try await browser.console() == [])
            }
        } catch {
            try await ReactStageTrait.project.build("dev")
            throw error
        }
        try await ReactStageTrait.project.build("dev")
    }

    @Test("Whoever says no reads it, and finds the way back; the attempt is over")
    func denied() async throws {
        try await visit { visit, browser in
            try await visit.openSettings()
            try await visit.toConsent()
            let authorize = try await browser.url
            let state = try #require(URLComponents(string: authorize)?.queryItems?.first { $0.name == "state" }?.value)
            try await browser.click("#deny")
            try await visit.sees("you did not allow it", in: "[role=alert]")
            #expect(try await browser.url == visit.login)
            #expect(try stage.kept.flow(state)?.outcome == "access_denied")
            try await visit.judge("denied", console: "status of 403")
            try await browser.reload()
            try await visit.sees("you did not allow it", in: "[role=alert]")
            try await browser.click("a.button")
            try await visit.toConsent()
            try await browser.click("#allow")
            try await visit.sees("@acme_shop", in: "section")
            #expect(try await stage.standIn.calls().exchanges == 1)
        }
    }

    @Test("A denial without a state, which Instagram may send, is the same sentence")
    func deniedWithoutState() async throws {
        try await stage.standIn.set(#"{"denial_state": false}"#)
        try await visit { visit, browser in
            try await visit.openSettings()
            try await visit.toConsent()
            try await browser.click("#deny")
            try await visit.sees("you did not allow it", in: "[role=alert]")
        }
    }

    @Test("By keyboard alone: connect, answer, disconnect")
    func keyboard() async throws {
        try await visit { visit, browser in
            try await visit.openSettings()
            try await visit.sees("Connect Instagram", in: "section")
            try await browser.type(Chromium.tab + Chromium.enter)
            try await browser.arrive(at: stage.standIn.url)
            _ = try await browser.text("#allow")
            // The account, two permissions, then Allow.
            try await browser.type(String(repeating: Chromium.tab, count: 4))
            #expect(try await browser.run("return document.activeElement.id") as? String == "allow")
            try await browser.type(Chromium.enter)
            try await visit.sees("@acme_shop", in: "section")
            func focus() async throws -> String? {
                try await browser.run("return document.activeElement.textContent") as? String
            }
            try await browser.type(Chromium.tab + Chromium.tab)
            #expect(try await focus() == "Disconnect")
            try await browser.keep("react-focus")
            try await browser.type(Chromium.space)
            try await visit.sees("Disconnect this account?", in: "dialog")
            #expect(try await focus() == "Keep it", "what harms nothing comes first")
            try await browser.type("\u{E00C}")
            #expect(try await focus() == "Disconnect", "Escape keeps it, and gives the focus back")
            try await browser.type(Chromium.space)
            try await visit.sees("Disconnect this account?", in: "dialog")
            try await browser.type(Chromium.tab + Chromium.enter)
            try await visit.sees("No account is connected", in: "section h2")
            try await browser.type(Chromium.tab)
            #expect(try await focus() == "Connect Instagram")
        }
    }
}
