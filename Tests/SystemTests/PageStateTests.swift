// SPDX-License-Identifier: MIT
import Foundation
import TestSupport
import Testing

/// Every state of the settings page as a browser shows it: in both languages, light and dark, wide, narrow and zoomed.
@Suite(.serialized, .stage(.init(settings: ["META_WEBHOOK_FIELDS": "none"])))
struct PageStateTests {
    private let stage = Stage.current!

    /// On what somebody looks at it.
    private struct View {
        let name: String
        let language: String
        let scheme: String
        /// CSS pixels, and how many of the screen's make one.
        let width: Int
        let scale: Double

        static let all = [
            View(name: "", language: "en", scheme: "light", width: 800, scale: 1),
            View(name: "-dark", language: "en-GB,en;q=0.8", scheme: "dark", width: 320, scale: 1),
            View(name: "-ar", language: "ar-EG,ar;q=0.9,en;q=0.8", scheme: "light", width: 320, scale: 1),
            // What 200 % makes of a window of 800 pixels.
            View(name: "-ar-zoomed", language: "ar", scheme: "dark", width: 400, scale: 2),
        ]
    }

    @Test("Each state says what is so, has no barrier for anybody, and fits its window")
    func everyState() async throws {
        try await Chromium.run { browser in
            // Those without an account first: one browser that nobody is signed in with.
            let states = PageState.all.filter { $0.row == nil } + PageState.all.filter { $0.row != nil }
            var isConnected = false
            for (place, state) in states.enumerated() {
                if state.row != nil, !isConnected {
                    try await show(.all[0], in: browser)
                    try await browser.open(stage.settingsPage)
                    try await browser.click("#connect")
                    try await browser.click("#allow")
                    _ = try await browser.text("#account")
                    isConnected = true
                }
                try await state.set(on: stage)
                for view in views(at: place) { try await look(at: state, in: view, browser) }
            }
            let console = try await browser.console()
            #expect(console == [])
            Soak.record(
                "states of the settings page, each in four views", states.count,
                "no barrier, none wider than its window")
        }
    }

    /// All of them take a while: usually the first, and of the others each for a third of the states.
    private func views(at place: Int) -> [View] {
        Soak.isOn ? View.all : [View.all[0], View.all[1 + place % (View.all.count - 1)]]
    }

    @Test("A barrier that is put into the page is found: somebody looks")
    func planted() async throws {
        try await Chromium.run { browser in
            try await browser.open(stage.settingsPage)
            _ = try await browser.run("document.querySelector('#connect').textContent = ''")
            let barriers = try await browser.barriers()
            #expect(barriers.count == 1 && barriers[0].hasPrefix("button-name: "))
        }
    }

    @Test("The page of a link, and of one that is over, has no barrier for anybody and fits its window")
    func links() async throws {
        let key = try await stage.employ([("bot", "*")])[0]
        struct Made: Decodable {
            let connectUrl: String
        }
        let name = "Anna " + String(repeating: "Pfannkuchenmanufaktur", count: 5)
        let made: Made = try await stage.ask(
            "users/42/connect", key: key, .post, body: #"{"return_to":"/account","user_name":"\#(name)"}"#
        ).decoded()
        try await Chromium.run { browser in
            for view in View.all {
                for (state, url, words) in [
                    ("open", made.connectUrl, "Go on only if that is you"),
                    ("over", made.connectUrl + "A", "it works once, and for ten minutes"),
                ] {
                    try await show(view, in: browser)
                    try await browser.open(url)
                    let text = try await browser.text("main")
                    #expect(text.contains(name) == (state == "open"))
                    if view.language.hasPrefix("en") { #expect(text.contains(words)) }
                    #expect(try await browser.has("button#connect") == (state == "open"))
                    let barriers = try await browser.barriers()
                    #expect(barriers == [], "\(state)\(view.name)")
                    #expect(try await !browser.isWiderThanWindow(), "\(state)\(view.name)")
                    try await browser.keep("page-link-" + state + view.name)
                }
            }
            let console = try await browser.console()
            // A browser says of each page that is none.
            #expect(console.allSatisfy { $0.contains("400") }, "\(console)")
        }
    }

    private func show(_ view: View, in browser: Chromium) async throws {
        try await browser.developerTools("Network.enable")
        try await browser.developerTools(
            "Network.setExtraHTTPHeaders", ["headers": ["Accept-Language": view.language]])
        try await browser.prefer(["prefers-color-scheme": view.scheme])
        try await browser.resize(width: view.width, height: 720, scale: view.scale)
    }

    private func look(at state: PageState, in view: View, _ browser: Chromium) async throws {
        try await show(view, in: browser)
        // From nowhere, or a fragment would be all that changes.
        try await browser.open("about:blank")
        try await browser.open(stage.settingsPage + state.query)
        let text = try await browser.text("main")
        let name = state.name + view.name
        if view.language.hasPrefix("en") {
            for words in state.says { #expect(text.contains(words), "\(name): \(words)") }
        } else {
            #expect(try await browser.run("return document.dir + document.documentElement.lang") as? String == "rtlar")
            // Nothing of it is left in the other language but names.
            let foreign = ["Connect", "Instagram", "Access", "Try again", "Messages", "permission", "null", "nil"]
            for word in foreign { #expect(!text.contains(word), "\(name): \(word)") }
        }
        let buttons =
            try await browser.run(
                "return document.querySelectorAll('button:not(.second)').length") as? Int
        let isQuiet =
            state.name.hasPrefix("connected") && !state.name.hasPrefix("connected-error-")
            && state.name != "connected-without-messages"
        let isForOthers = ["messages-missing-unavailable", "messages-missing-misconfigured"].contains(state.name)
        #expect(buttons == (isQuiet || isForOthers ? 0 : 1), "\(name): one button for what comes next")
        if !state.query.isEmpty {
            #expect(
                try await browser.run("return document.activeElement.id") as? String == "instagram=failed", "\(name)")
        }
        let barriers = try await browser.barriers()
        #expect(barriers == [], "\(name)")
        #expect(try await !browser.isWiderThanWindow(), "\(name)")
        try await browser.keep("page-" + name)
    }
}
