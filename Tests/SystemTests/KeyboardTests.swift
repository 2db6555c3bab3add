// SPDX-License-Identifier: MIT
import Connect
import Testing

/// Nobody touches a mouse: Tab, Enter and Space.
@Suite(.serialized, .stage)
struct KeyboardTests {
    private let stage = Stage.current!

    /// Where the focus is, how that is shown, and where on the page.
    private struct Stop {
        let id: String
        let outline: String
        let outlineWidth: Double
        let top: Double
        let bottom: Double
        let left: Double

        init(_ browser: Chromium) async throws {
            let found = try await browser.run(
                """
                const one = document.activeElement, box = one.getBoundingClientRect(), style = getComputedStyle(one)
                return [one.id || one.localName, style.outlineStyle, String(parseFloat(style.outlineWidth)),
                  String(box.top + scrollY), String(box.bottom + scrollY), String(box.left)]
                """)
            guard let parts = found as? [String], parts.count == 6 else { throw Missing("the focus") }
            let numbers = parts[2...].map { Double($0) ?? -1 }
            (id, outline) = (parts[0], parts[1])
            (outlineWidth, top, bottom, left) = (numbers[0], numbers[1], numbers[2], numbers[3])
        }

        func isBehind(_ other: Stop) -> Bool { top >= other.bottom || (bottom > other.top && left > other.left) }
    }

    /// Tab until that has the focus. Every stop shows where it is, and stands behind the one before it.
    private func tab(to id: String, in browser: Chromium) async throws -> [String] {
        var stops: [Stop] = []
        repeat {
            guard stops.count < 20 else { throw Missing("\(id) by Tab: \(stops.map(\.id))") }
            try await browser.type(Chromium.tab)
            let stop = try await Stop(browser)
            #expect(stop.outline != "none" && stop.outlineWidth >= 2, "\(stop.id): \(stop.outline)")
            if let last = stops.last { #expect(stop.isBehind(last), "\(stop.id) after \(last.id)") }
            stops.append(stop)
        } while stops.last?.id != id
        return stops.map(\.id)
    }

    /// Answers on Instagram's page.
    private func answer(_ button: String, in browser: Chromium) async throws {
        try await browser.arrive(at: stage.standIn.url + "/oauth/authorize")
        _ = try await browser.text("#allow")
        _ = try await tab(to: button, in: browser)
        try await browser.type(Chromium.enter)
    }

    @Test("Every path by keyboard, each stop visible and in the order of the page")
    func everyPath() async throws {
        try await Chromium.run { browser in
            try await browser.open(stage.settingsPage)
            #expect(try await tab(to: "connect", in: browser) == ["connect"])
            try await browser.keep("way-keyboard-connect")
            try await browser.type(Chromium.enter)
            try await answer("deny", in: browser)
            try await browser.expectFailure(
                stage, says: ErrorCode.accessDenied.message, picture: "way-keyboard-denied")
            #expect(try await tab(to: "connect", in: browser) == ["connect"], "the next after what was told")
            try await browser.type(Chromium.space)
            try await answer("allow", in: browser)
            try await browser.expectConnected(stage)

            #expect(try await tab(to: "summary", in: browser) == ["switch", "sign-out", "summary"])
            try await browser.type(Chromium.enter)
            #expect(try await browser.texts("#disconnect") == ["Disconnect this account"])
            try await browser.type(Chromium.space)
            #expect(try await browser.texts("#disconnect") == [], "thought better of it")
            try await browser.reload()
            #expect(try await browser.text("#account").contains("@acme_shop"))

            #expect(try await tab(to: "switch", in: browser) == ["switch"])
            try await browser.type(Chromium.enter)
            try await answer("allow", in: browser)
            try await browser.expectConnected(stage)
            _ = try await tab(to: "summary", in: browser)
            try await browser.type(Chromium.enter)
            #expect(try await tab(to: "disconnect", in: browser) == ["disconnect"])
            try await browser.keep("way-keyboard-disconnect")
            try await browser.type(Chromium.enter)
            #expect(try await browser.text("[id='instagram=disconnected']").contains("Apps and websites"))
            try await browser.settle(at: stage.settingsPage)
            #expect(try await browser.focus == "instagram=disconnected")

            #expect(try await tab(to: "connect", in: browser) == ["connect"])
            try await browser.type(Chromium.enter)
            try await answer("allow", in: browser)
            try await browser.expectConnected(stage)
            #expect(try await tab(to: "sign-out", in: browser) == ["switch", "sign-out"])
            try await browser.type(Chromium.space)
            #expect(try await browser.text("[id='instagram=signed-out']").contains("stays connected"))
            try await browser.settle(at: stage.settingsPage)
            #expect(try await browser.focus == "instagram=signed-out")
            try await browser.expectQuiet(stage)
        }
    }
}
