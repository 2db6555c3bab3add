// SPDX-License-Identifier: MIT
import Connect
import Testing

/// A browser whose settings block every script: nothing is lacking but local time.
@Suite(.serialized, .stage)
struct ScriptOffTests {
    private let stage = Stage.current!

    @Test("Without a script: denied, connected, another account, let go, connected again, signed out")
    func wholeLife() async throws {
        try await Chromium.run(.init(isScriptOff: true)) { browser in
            try await browser.open(stage.settingsPage)
            try await browser.click("#connect")
            try await browser.click("#deny")
            _ = try await browser.text("[role=alert] p")
            #expect(try await browser.focus == "instagram=failed")
            for _ in 0..<2 {
                #expect(try await browser.text("[role=alert] p") == ErrorCode.accessDenied.message)
                let address = try await browser.url
                #expect(address.contains("instagram_error=access_denied") && address.hasSuffix("#instagram=failed"))
                // No script has cleaned the address, so a reload tells it again.
                try await browser.reload()
            }
            try await browser.click("#connect")
            try await browser.click("#allow")
            try await expectConnected(browser, "@acme_shop")
            #expect(try await browser.texts("time").allSatisfy { $0.hasSuffix(" UTC") }, "no script ran")
            #expect(try await browser.texts("time").count == 2)

            try await browser.click("#switch")
            try await browser.arrive(at: stage.standIn.url + "/oauth/authorize")
            #expect(try await browser.url.contains("force_reauth=true"))
            try await browser.click("#account-1")
            try await browser.click("#allow")
            try await expectConnected(browser, "@bloom.ceramics")

            #expect(try await browser.texts("#disconnect") == [])
            try await browser.click("summary")
            #expect(try await browser.texts("#disconnect") == ["Disconnect this account"])
            try await browser.click("#disconnect")
            #expect(try await browser.text("[id='instagram=disconnected']").contains("Apps and websites"))
            #expect(try await browser.focus == "instagram=disconnected")
            try await browser.keep("way-script-off-disconnected")

            try await browser.click("#connect")
            try await browser.click("#allow")
            try await expectConnected(browser, "@acme_shop")
            try await browser.click("#sign-out")
            #expect(try await browser.text("[id='instagram=signed-out']").contains("stays connected"))
            #expect(try await browser.focus == "instagram=signed-out")
            #expect(try await browser.primaryButtons() == ["connect"])
            try await browser.expectQuiet(stage)
        }
    }

    private func expectConnected(_ browser: Chromium, _ name: String) async throws {
        #expect(try await browser.text("[id='instagram=connected']") == "Instagram is connected.")
        #expect(try await browser.text("#account").contains(name))
        #expect(try await browser.focus == "instagram=connected")
        #expect(try await browser.url == stage.settingsPage + "#instagram=connected")
    }
}
