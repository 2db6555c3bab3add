// SPDX-License-Identifier: MIT
import Foundation
import TestSupport
import Testing

/// The element for whoever uses a keyboard, or hears the page.
@Suite(.serialized, .stage)
struct ElementFocusTests {
    private let stage = Stage.current!
    private var page: String { stage.origin + "/examples/plain/" }

    init() async throws {
        try await stage.standIn.reset()
    }

    /// What has the focus, in the element or on the page, and that it can be seen.
    private func focus(_ browser: Chromium) async throws -> String {
        let found = try await browser.run(
            """
            let one = document.activeElement
            if (one.shadowRoot) one = one.shadowRoot.activeElement ?? one
            const { outlineStyle, outlineWidth, outlineColor } = getComputedStyle(one)
            return [one.innerText.trim(), outlineStyle, String(parseFloat(outlineWidth)), outlineColor, one.localName]
            """)
        guard let parts = found as? [String], parts.count == 5 else { throw Missing("the focus") }
        if parts[4] == "body" { return "nothing" }
        #expect(parts[1] != "none" && (parts[1] == "auto" || Double(parts[2]) ?? 0 >= 2), "\(parts)")
        #expect(!(parts[3].hasPrefix("rgba") && parts[3].hasSuffix(", 0)")), "\(parts)")
        return parts[0]
    }

    private func neighbours(_ browser: Chromium) async throws {
        _ = try await browser.run(
            """
            for (const [place, text] of [['beforebegin', 'Before'], ['afterend', 'After']]) {
              const link = document.createElement('a')
              link.href = '#' + text
              link.textContent = text
              document.querySelector('instagram-connect').insertAdjacentElement(place, link)
            }
            """)
    }

    @Test("Tab, Enter and Space lead through all of it in the page's order; the focus goes where the next answer is")
    func keyboard() async throws {
        try await Chromium.run { browser in
            try await browser.open(page)
            try await browser.elementSays("Connect Instagram")
            try await neighbours(browser)
            for stop in ["Before", "Connect Instagram", "After"] {
                try await browser.type(Chromium.tab)
                #expect(try await focus(browser) == stop)
            }
            try await browser.reload()
            try await browser.elementSays("Connect Instagram")
            try await browser.type(Chromium.tab)
            try await browser.type(Chromium.space)
            try await browser.click("#allow")
            try await browser.elementSays("@acme_shop")
            #expect(try await focus(browser) == "Instagram is connected.")
            try await browser.keep("element-focus-told")
            try await neighbours(browser)
            try await browser.type(Chromium.tab)
            #expect(try await focus(browser) == "Disconnect")
            try await browser.keep("element-focus-button")
            try await browser.type(Chromium.space)
            #expect(try await focus(browser) == "Cancel")
            for stop in ["Disconnect", "After"] {
                try await browser.type(Chromium.tab)
                #expect(try await focus(browser) == stop)
            }
            for stop in ["Before", "Cancel"] {
                _ = try await browser.run("if (arguments[0] === 'Before') document.querySelector('a').focus()", [stop])
                if stop != "Before" { try await browser.type(Chromium.tab) }
                #expect(try await focus(browser) == stop)
            }
            try await browser.type(Chromium.enter)
            #expect(try await focus(browser) == "Disconnect")
            try await browser.type(Chromium.enter)
            #expect(try await focus(browser) == "Cancel")
            try await browser.pressInElement("Disconnect")
            try await browser.elementSays("Instagram is no longer connected here.")
            #expect(try await focus(browser) == "Connect Instagram")
            #expect(try await browser.console() == [])
        }
    }

    @Test("Back from Instagram the focus is on what is told, and stays where somebody has put it meanwhile")
    func wayBack() async throws {
        try await Chromium.run { browser in
            try await browser.listen()
            try await browser.open(page + "?instagram_error=access_denied#instagram=failed")
            try await browser.elementSays("not allowed")
            #expect(try await focus(browser) == "Access was not allowed.")
            try await browser.keep("element-focus-denied")
            _ = try await browser.run("sessionStorage.setItem('held', 'yes')")
            try await browser.open(page + "?again&instagram_error=access_denied#instagram=failed")
            try await neighbours(browser)
            try await browser.type(Chromium.tab)
            #expect(try await focus(browser) == "Before")
            _ = try await browser.run("release()")
            try await browser.elementSays("not allowed")
            #expect(try await focus(browser) == "Before")
            try await browser.open(page + "#instagram=connected")
            try await browser.elementSays("Connect Instagram")
            #expect(try await focus(browser) == "nothing", "a link that lies moves nobody")
        }
    }
}
