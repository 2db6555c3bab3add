// SPDX-License-Identifier: MIT
import Foundation
import TestSupport
import Testing

/// `<instagram-connect>` on the plain example, in real Chromium.
@Suite(.serialized, .stage)
struct ElementTests {
    private let stage = Stage.current!
    private var page: String { stage.origin + "/examples/plain/" }

    init() async throws {
        try await stage.standIn.reset()
    }

    @Test("Connect, see the account, cancel, disconnect: each event once, no barrier, no word of the console")
    func roundTrip() async throws {
        try await Chromium.run { browser in
            try await browser.open(page + "?tab=1")
            try await browser.elementSays("Connect Instagram")
            #expect(try await browser.barriers() == [])
            try await browser.keep("element-not-connected")
            try await browser.pressInElement("Connect Instagram")
            try await browser.click("#allow")
            try await browser.elementSays("@acme_shop")
            #expect(try await browser.url == page + "?tab=1")
            #expect(try await browser.activity() == ["This page was opened.", "Connected: acme_shop"])
            #expect(try await browser.barriers() == [])
            try await browser.keep("element-connected")
            try await browser.pressInElement("Disconnect")
            try await browser.elementSays("are then not answered")
            #expect(try await browser.barriers() == [])
            try await browser.keep("element-asks")
            try await browser.pressInElement("Cancel")
            try await browser.elementSays("Instagram is connected.")
            try await browser.pressInElement("Disconnect")
            #expect(try await browser.focusInElement() == "Cancel")
            try await browser.pressInElement("Disconnect")
            try await browser.elementSays("Instagram is no longer connected here.")
            #expect(try await browser.focusInElement() == "Connect Instagram")
            #expect(
                try await browser.activity() == ["This page was opened.", "Connected: acme_shop", "Disconnected."])
            try await browser.keep("element-disconnected")
            #expect(try await browser.console() == [])
        }
    }

    @Test("Who says no reads it, and the address is clean")
    func denied() async throws {
        try await Chromium.run { browser in
            try await browser.open(page)
            try await browser.pressInElement("Connect Instagram")
            try await browser.click("#deny")
            try await browser.elementSays("Access was not allowed.")
            #expect(try await browser.url == page)
            #expect(try await browser.activity() == ["This page was opened.", "Not connected: access_denied"])
            #expect(try await browser.barriers() == [])
            try await browser.keep("element-denied")
        }
    }

    @Test("A code that is not on the list is reflected nowhere, and taken away as well")
    func unknownCodes() async throws {
        try await Chromium.run { browser in
            for written in ["%3Cb%3E", "revoked", "constructor", ""] {
                try await browser.open(
                    "\(page)?a=%20&instagram_error=\(written)&request_id=0&instagram_permission=profile&b#instagram=failed"
                )
                try await browser.elementSays("That did not work")
                #expect(try await browser.url == page + "?a=%20&b")
                #expect(try await browser.activity() == ["This page was opened.", "Not connected: unknown"])
                try await browser.open("about:blank")
            }
        }
    }

    @Test("A link that says connected convinces nobody, and a place elsewhere is refused")
    func lies() async throws {
        try await Chromium.run { browser in
            try await browser.open(page + "#instagram=connected")
            try await browser.elementSays("Connect Instagram")
            #expect(try await browser.url == page)
            _ = try await browser.run("document.querySelector('instagram-connect').setAttribute('return-to', '//evil')")
            try await browser.pressInElement("Connect Instagram")
            try await browser.elementSays("That did not work")
            #expect(try await browser.activity() == ["This page was opened.", "Not connected: invalid_request"])
        }
    }

    @Test("Arabic from right to left, in the dark, 320 pixels wide")
    func arabic() async throws {
        try await Chromium.run { browser in
            try await browser.open(page)
            try await browser.prefer(["prefers-color-scheme": "dark"])
            try await browser.resize(width: 320, height: 640)
            _ = try await browser.run("document.querySelector('instagram-connect').lang = 'ar-EG'")
            try await browser.elementSays("ربط إنستغرام")
            #expect(try await browser.inElement("return root.firstElementChild.dir") as? String == "rtl")
            #expect(try await !browser.isWiderThanWindow())
            #expect(try await browser.barriers() == [])
            try await browser.keep("element-arabic")
        }
    }

    @Test("Without an answer there is a sentence, and Try again works once there is one")
    func down() async throws {
        try await Chromium.run { browser in
            try await browser.developerTools("Network.enable")
            try await browser.developerTools("Network.setBlockedURLs", ["urls": ["*/auth/instagram/status"]])
            try await browser.open(page)
            try await browser.elementSays("That did not work")
            try await browser.keep("element-down")
            try await browser.developerTools("Network.setBlockedURLs", ["urls": [String]()])
            try await browser.pressInElement("Try again")
            try await browser.elementSays("Connect Instagram")
            #expect(try await browser.focusInElement() == "Connect Instagram")
        }
    }

    @Test("What is served is made of the readable source")
    func source() async throws {
        let directory = Programs.repository + "/Sources/Connect/Element"
        let made = try await Command.succeed(directory + "/make", ["--print"])
        #expect(try String(contentsOfFile: directory + "/connect.js", encoding: .utf8) == made.output)
    }
}
