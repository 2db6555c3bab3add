// SPDX-License-Identifier: MIT
import Foundation
import Testing

/// What a shop owner does on the settings page, once connected.
@Suite(.serialized, .stage)
struct SettingsActionsTests {
    private let stage = Stage.current!

    init() async throws {
        try await stage.standIn.reset()
    }

    @Test("An account whose access has died says why, and one button connects it again")
    func reconnect() async throws {
        let key = try await stage.employ([("bot", "*")])[0]
        try await Chromium.run { browser in
            try await browser.open(stage.settingsPage)
            try await browser.connect(stage)
            let user = try #require(try stage.kept.users().last { $0.username == "acme_shop" }).id
            let token: Stage.HandedOut = try await stage.ask("users/\(user)/token", key: key).decoded()
            try await stage.standIn.fail("read-profile", "password-changed")
            let refused = try await stage.ask(
                "users/\(user)/token/refused", key: key, .post, body: #"{"token_id":"\#(token.tokenId)"}"#)
            #expect(refused.text.contains("reconnect_required"))
            try await stage.standIn.reset()

            try await browser.reload()
            #expect(try await browser.text(".state") == "Reconnect needed")
            #expect(try await browser.text("#reason").contains("password of the Instagram account was changed"))
            #expect(try await browser.primaryButtons() == ["connect"])
            try await browser.keep("way-reconnect")
            try await browser.connect(stage)
            #expect(try await browser.text(".state") == "Connected")
            #expect(try stage.kept.users().last { $0.username == "acme_shop" }?.id == user, "the same user as before")
            try await browser.expectQuiet(stage)
        }
    }

    @Test("Switch account makes Instagram ask who it is, and this browser belongs to whom it names")
    func switchAccount() async throws {
        try await Chromium.run { browser in
            try await browser.open(stage.settingsPage)
            try await browser.connect(stage)
            try await browser.click("#switch")
            try await browser.arrive(at: stage.standIn.url + "/oauth/authorize")
            #expect(try await browser.url.contains("force_reauth=true"))
            try await browser.click("#account-1")
            try await browser.click("#allow")
            try await browser.expectConnected(stage, name: "@bloom.ceramics")
            try await browser.reload()
            #expect(try await browser.text("#account").contains("@bloom.ceramics"))
            #expect(
                try stage.kept.users().filter { $0.state == "connected" }.compactMap(\.username).sorted()
                    == ["acme_shop", "bloom.ceramics"], "the one before stays connected, too")
            try await browser.expectQuiet(stage)
        }
    }

    @Test("Disconnect asks once and says how to remove the app; a tab that comes forward shows it without a reload")
    func disconnect() async throws {
        try await Chromium.run { browser in
            try await browser.open(stage.settingsPage)
            try await browser.connect(stage)
            _ = try await eventually("a page that waits for nothing") {
                try await browser.reload()
                return try await browser.text("#account").contains("New messages arrive here") ? () : nil
            }
            let first = try await browser.newTab()
            try await browser.open(stage.settingsPage)
            #expect(try await browser.texts("#disconnect") == [])
            try await browser.click("summary")
            #expect(try await browser.text("#disconnect").contains("Disconnect this account"))
            try await browser.click("#disconnect")
            let farewell = try await browser.text("[id='instagram=disconnected']")
            for part in ["Disconnected", "Nobody here has access", "Website permissions", "remove this app"] {
                #expect(farewell.contains(part), "\(part)")
            }
            try await browser.settle(at: stage.settingsPage)
            #expect(try await browser.focus == "instagram=disconnected")
            #expect(try await browser.primaryButtons() == ["connect"])

            try await browser.goTo(tab: first)
            try await browser.developerTools("Page.bringToFront")
            _ = try await eventually("the tab that was behind") {
                try await browser.texts("#connect") == ["Connect Instagram"] ? () : nil
            }
            #expect(try await !browser.has("#account"))
            try await browser.expectQuiet(stage)
        }
    }

    @Test("Signing out ends nothing but this browser's session, and says so")
    func signOut() async throws {
        try await Chromium.run { browser in
            try await browser.open(stage.settingsPage)
            try await browser.connect(stage)
            try await browser.click("#sign-out")
            #expect(
                try await browser.text("[id='instagram=signed-out']")
                    == "You are signed out in this browser. An account that is connected stays connected.")
            try await browser.settle(at: stage.settingsPage)
            #expect(try await browser.focus == "instagram=signed-out")
            #expect(try await !browser.has("#account"))
            #expect(try stage.kept.users().last { $0.username == "acme_shop" }?.state == "connected")
            try await browser.expectQuiet(stage)
        }
    }

    @Test("Times are those of the browser's place, and what is meant stays in UTC")
    func localTime() async throws {
        try await Chromium.run { browser in
            try await browser.developerTools("Emulation.setTimezoneOverride", ["timezoneId": "Asia/Riyadh"])
            try await browser.open(stage.settingsPage)
            try await browser.connect(stage)
            let exact = try #require(
                try await browser.run("return [...document.querySelectorAll('time')].map(time => time.dateTime)")
                    as? [String])
            let format = DateFormatter()
            format.locale = Locale(identifier: "en_US_POSIX")
            format.timeZone = TimeZone(identifier: "Asia/Riyadh")
            format.dateFormat = "MMMM d, yyyy 'at' h:mm a"
            let expected = try exact.map { text in
                format.string(from: try #require(ISO8601DateFormatter().date(from: text)))
            }
            #expect(exact.count == 2 && exact.allSatisfy { $0.hasSuffix("Z") })
            let shown = try await browser.texts("time").map { $0.replacing("\u{202F}", with: " ") }
            #expect(shown == expected)
            let titles = try await browser.run("return [...document.querySelectorAll('time')].map(time => time.title)")
            #expect((titles as? [String])?.allSatisfy { $0.hasSuffix(" UTC") } == true)
        }
    }

    @Test("Messages are being set up, and then arrive, on a page that nobody reloads")
    func messages() async throws {
        try await stage.standIn.fail("subscribed-apps", nil, count: 1, latency: 4_500)
        try await Chromium.run { browser in
            try await browser.open(stage.settingsPage)
            try await browser.connect(stage)
            #expect(try await browser.has("[data-then]"), "a page that waits for its messages")
            _ = try await browser.run("window.isTheSamePage = true")
            _ = try await eventually("the messages", within: .seconds(30)) {
                try await browser.texts("[data-then]") == ["New messages arrive here"] ? () : nil
            }
            #expect(try await browser.run("return window.isTheSamePage") as? Bool == true)
            try await browser.expectQuiet(stage)
        }
    }
}
