// SPDX-License-Identifier: MIT
import Glibc
import TestSupport
import Testing

/// Real Chromium through the real nginx.
@Suite(.serialized, .stage)
struct BrowserTests {
    private let stage = Stage.current!

    init() async throws {
        try await stage.standIn.reset()
    }

    @Test("A person connects, sees the account, and signs out")
    func roundTrip() async throws {
        try await Chromium.run { browser in
            try await browser.open(stage.settingsPage)
            try await browser.keep("settings-not-connected")
            try await browser.click("#connect")
            try await browser.arrive(at: stage.standIn.url + "/oauth/authorize")
            try await browser.keep("consent")
            try await browser.click("#allow")
            let account = try await browser.text("#account")
            #expect(account.contains("Acme") && account.contains("@acme_shop"))
            try await browser.arrive(at: stage.settingsPage)
            #expect(try await browser.run("return document.activeElement.id") as? String == "instagram=connected")
            try await browser.keep("settings-connected")
            try await browser.reload()
            #expect(try await browser.text("#account").contains("@acme_shop"))
            try await browser.click("#sign-out")
            _ = try await browser.text("#connect")
            let console = try await browser.console()
            #expect(console == [])
        }
    }

    @Test("A person disconnects, reads how to remove the app inside Instagram, and sees what Meta had deleted")
    func letGo() async throws {
        try await Chromium.run { browser in
            try await browser.open(stage.settingsPage)
            try await browser.click("#connect")
            try await browser.click("#allow")
            #expect(try await browser.text("#account").contains("@acme_shop"))
            try await browser.click("summary")
            try await browser.keep("settings-disconnect")
            try await browser.click("#disconnect")
            #expect(try await browser.text("[id='instagram=disconnected']").contains("Apps and websites"))
            try await browser.keep("settings-disconnected")
            try await browser.click("#connect")
            try await browser.click("#allow")
            #expect(try await browser.text("#account").contains("@acme_shop"))

            let signed = MetaSignature.signedRequest(
                userID: "17841458366137975", issuedAt: Int64(time(nil)), secret: Stage.appSecret)
            let answer = try await HTTPClient.shared.send(
                .post, stage.start + "/data-deletion",
                headers: [(name: "Content-Type", value: "application/x-www-form-urlencoded")],
                body: "signed_request=" + signed)
            struct Deletion: Decodable {
                let url: String
            }
            try await browser.open(try answer.decoded(Deletion.self).url)
            // Begun at once, and done when file and log hold nothing any more.
            _ = try await eventually("the end of it") {
                try await browser.reload()
                return try await browser.text("#deletion").contains("Your data is deleted") ? () : nil
            }
            try await browser.keep("deletion")
            try await browser.open(stage.settingsPage)
            _ = try await browser.text("#connect")
            let console = try await browser.console()
            #expect(console == [])
        }
    }

    @Test("Two tabs finish one after the other, and the back button breaks nothing (checklist 11)")
    func twoTabs() async throws {
        try await Chromium.run { browser in
            try await browser.open(stage.settingsPage)
            try await browser.click("#connect")
            _ = try await browser.text("#allow")
            let first = try await browser.newTab()
            try await browser.open(stage.settingsPage)
            try await browser.click("#connect")
            try await browser.click("#allow")
            #expect(try await browser.text("#account").contains("@acme_shop"))
            try await browser.goTo(tab: first)
            try await browser.click("#allow")
            #expect(try await browser.text("#account").contains("@acme_shop"))
            try await browser.back()
            // Back on the consent page, whose code is spent: pressing it again is a repeat or a new round.
            try await browser.click("#allow")
            #expect(try await browser.text("#account").contains("@acme_shop"))
            #expect(try await stage.standIn.calls().repeatedCodes == 0)
        }
    }
}
