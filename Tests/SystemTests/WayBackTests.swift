// SPDX-License-Identifier: MIT
import Connect
import Testing

/// Every way back from Instagram is a page with one sentence and one button, and the button works.
@Suite(.serialized, .stage)
struct WayBackTests {
    private let stage = Stage.current!

    init() async throws {
        try await stage.standIn.reset()
    }

    /// What goes wrong on Instagram's page or behind it.
    struct Mishap: Sendable {
        let name: String
        let error: ErrorCode
        var need: String?
        /// What the person presses on Instagram's page.
        var presses = ["#allow"]
        /// What Instagram does, as its stand-in is told.
        var switches: String?

        static let all = [
            Self(name: "denied", error: .accessDenied, presses: ["#deny"]),
            Self(
                name: "denied-without-state", error: .accessDenied, presses: ["#deny"],
                switches: #"{"denial_state": false}"#),
            Self(name: "personal", error: .accountNotEligible, presses: ["#account-2", "#allow"]),
            Self(name: "invited", error: .accountNotEligible, presses: ["#account-3", "#allow"]),
            Self(
                name: "no-messages", error: .messagesNotGranted,
                need: "Without it the messages of your customers cannot be read and answered.",
                presses: ["#instagram_business_manage_messages", "#allow"]),
            Self(
                name: "no-profile", error: .profileNotGranted,
                need: "Without it nobody here can tell which account this is.",
                presses: ["#instagram_business_basic", "#allow"]),
            Self(name: "down", error: .providerUnavailable, switches: fault("exchange-code", "html-502")),
            Self(name: "refused", error: .tokenExchangeFailed, switches: fault("exchange-code", "code-invalid")),
            Self(name: "unknown", error: .userInfoFailed, switches: fault("read-profile", "missing-field")),
        ]

        private static func fault(_ endpoint: String, _ kind: String) -> String {
            #"{"faults": [{"endpoint": "\#(endpoint)", "kind": "\#(kind)"}]}"#
        }
    }

    @Test("Whatever goes wrong at Instagram: one sentence of its own, one button, and the second try connects")
    func mishaps() async throws {
        try await Chromium.run { browser in
            for mishap in Mishap.all {
                try await stage.standIn.reset()
                try await browser.forgetCookies()
                try await browser.open(stage.settingsPage)
                try await browser.click("#connect")
                if let switches = mishap.switches { try await stage.standIn.set(switches) }
                for button in mishap.presses { try await browser.click(button) }
                let sentence = mishap.error.message + (mishap.need.map { " " + $0 } ?? "")
                _ = try await browser.text("[role=alert]")
                if mishap.switches != nil { try await stage.standIn.reset() }
                try await browser.expectWayBack(stage, says: sentence, picture: "way-" + mishap.name)
            }
        }
    }

    @Test("A browser whose cookies are gone starts again")
    func cookieGone() async throws {
        try await Chromium.run { browser in
            try await browser.open(stage.settingsPage)
            try await browser.click("#connect")
            _ = try await browser.text("#allow")
            try await browser.forgetCookies()
            try await browser.click("#allow")
            try await browser.expectWayBack(
                stage, says: ErrorCode.invalidState.message, picture: "way-cookie-gone")
            #expect(try await stage.standIn.calls().exchanges == 1)
        }
    }

    @Test("Instagram's own app opens the way back: nothing connects there, and the browser that began still can")
    func inAppBrowser() async throws {
        try await Chromium.run { browser in
            try await browser.open(stage.settingsPage)
            try await browser.click("#connect")
            try await browser.arrive(at: stage.standIn.url + "/oauth/authorize")
            let answer = try await HTTPClient.shared.send(.get, browser.url + "&auto=allow")
            let callback = try #require(answer.header("location"))
            try await Chromium.run(.init(width: 390)) { inApp in
                try await inApp.open(callback)
                try await inApp.expectFailure(
                    stage, says: ErrorCode.invalidState.message, picture: "way-in-app")
                #expect(try await stage.standIn.calls().exchanges == 0)
                #expect(try await !inApp.has("#account"))

                try await browser.open(callback)
                try await browser.expectConnected(stage)
                try await browser.expectQuiet(stage)

                #expect(try await inApp.primaryButtons() == ["connect"])
                try await inApp.connect(stage)
                try await inApp.expectQuiet(stage)
            }
        }
    }

    @Test("Back to Instagram's page after success and allowed again: told to start again, and nothing is lost")
    func backButton() async throws {
        try await Chromium.run { browser in
            try await browser.open(stage.settingsPage)
            try await browser.connect(stage)
            try await browser.back()
            try await browser.click("#allow")
            _ = try await browser.text("[role=alert]")
            #expect(try await browser.text("#account").contains("@acme_shop"))
            #expect(try await stage.standIn.calls().exchanges == 1, "the second code is not even asked about")
            try await browser.expectWayBack(stage, says: ErrorCode.invalidState.message, picture: "way-back-button")
        }
    }

    @Test("What happened is told once: a reload shows the page as it is")
    func reload() async throws {
        try await Chromium.run { browser in
            try await browser.open(stage.settingsPage)
            try await browser.click("#connect")
            try await browser.click("#deny")
            try await browser.expectFailure(stage, says: ErrorCode.accessDenied.message, picture: "way-told")
            try await browser.reload()
            #expect(try await browser.texts("#connect") == ["Connect Instagram"])
            #expect(try await browser.texts("[role=alert]") == [])
            try await browser.connect(stage)
            try await browser.reload()
            #expect(try await browser.text("#account").contains("@acme_shop"))
            #expect(try await browser.texts("[id='instagram=connected']") == [])
            #expect(try await browser.focus == "body")
            try await browser.expectQuiet(stage)
        }
    }
}

/// Somebody looks for the password for longer than a flow lives.
@Suite
struct LateWayBackTests {
    @Test("More than ten minutes at Instagram: told to start again, and that works")
    func late() async throws {
        let clock = try await ClockShim()
        try await Stage.run(Stage.Options(shim: clock)) { stage in
            try await Chromium.run { browser in
                try await browser.open(stage.settingsPage)
                try await browser.click("#connect")
                _ = try await browser.text("#allow")
                clock.pass(601)
                try await browser.click("#allow")
                try await browser.expectWayBack(
                    stage, says: ErrorCode.invalidState.message, picture: "way-late")
                #expect(try await stage.standIn.calls().exchanges == 1)
            }
        }
    }
}
