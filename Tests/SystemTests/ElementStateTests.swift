// SPDX-License-Identifier: MIT
import Foundation
import TestSupport
import Testing

/// What the element shows of a connection that changes behind its back.
@Suite(.serialized, .stage(.init(settings: ["META_WEBHOOK_FIELDS": "none"])))
struct ElementStateTests {
    private let stage = Stage.current!
    private var page: String { stage.origin + "/examples/plain/" }

    init() async throws {
        try await stage.standIn.reset()
    }

    private static let states =
        [PageState(name: "expiring", row: "token_expires_at = strftime('%s', 'now') + 600000", says: ["ends soon"])]
        + [
            ("expired", "access has ended"), ("revoked", "taken back in Instagram"),
            ("password_changed", "password was changed"), ("removed_in_instagram", "taken back in Instagram"),
            ("checkpoint", "confirm something"), ("permission_missing", "permission is missing"),
            ("not_eligible", "Business or Creator"), ("key_missing", "access has ended"),
        ].map { reason, says in
            PageState(
                name: reason, row: "state = 'reconnect_required', reason = '\(reason)', next_renewal_at = NULL",
                says: [says])
        }

    @Test("An access that ends and each one that ended: a sentence, and Reconnect, which connects and is told once")
    func ending() async throws {
        try await Chromium.run { browser in
            try await browser.listen()
            try await browser.connectElement(on: page)
            for state in Self.states {
                try await state.set(on: stage)
                try await browser.open(page)
                for sentence in state.says { try await browser.elementSays(sentence) }
                try await browser.elementSays("Reconnect Instagram")
                try await browser.elementSays("@acme_shop")
                #expect(try await browser.heard() == [], "\(state.name)")
                if ["expiring", "revoked"].contains(state.name) {
                    #expect(try await browser.barriers() == [])
                    try await browser.keep("element-" + state.name)
                    try await browser.pressInElement("Reconnect Instagram")
                    try await browser.click("#allow")
                    try await browser.elementSays("Instagram is connected.")
                    #expect(try await browser.heard() == ["connected acme_shop"], "\(state.name)")
                }
            }
        }
    }

    @Test("Names are text, whatever is in them")
    func hostileNames() async throws {
        let name = "<img src=x onerror=document.title='x'>"
        let username = "<b>متجر\u{202E}الورد</b>&amp;"
        try await Chromium.run { browser in
            try await browser.listen()
            try await browser.connectElement(on: page)
            try await PageState(
                name: "hostile",
                row: """
                    instagram_name = '\(name.replacingOccurrences(of: "'", with: "''"))', instagram_username = '\(username)'
                    """, says: []
            ).set(on: stage)
            try await browser.open(page)
            try await browser.elementSays(name)
            #expect(
                try await browser.inElement("return [...root.querySelectorAll('bdi')].map(one => one.textContent)")
                    as? [String] == [name, "@" + username])
            #expect(try await browser.inElement("return root.querySelectorAll('img, b').length") as? Int == 0)
            #expect(try await browser.run("return document.title") as? String == "Settings, Acme")
            #expect(try await browser.barriers() == [])
            #expect(try await browser.heard() == [])
            try await browser.keep("element-hostile-names")
        }
    }

    @Test("Disconnected and connected in another tab: noticed when this one is looked at, each told once")
    func anotherTab() async throws {
        try await Chromium.run { browser in
            try await browser.listen()
            try await browser.connectElement(on: page)
            // A fault of this tab, which is settled by what happens in another.
            _ = try await browser.run(
                "document.querySelector('instagram-connect').setAttribute('return-to', '//elsewhere')")
            let first = try await browser.newTab()
            try await browser.open(page)
            try await browser.pressInElement("Disconnect")
            try await browser.pressInElement("Disconnect")
            try await browser.elementSays("Instagram is no longer connected here.")
            try await browser.goTo(tab: first)
            try await look(browser)
            try await browser.elementSays("Instagram is no longer connected here.")
            try await look(browser)
            #expect(try await browser.heard() == ["connected acme_shop", "disconnected"])
            try await browser.pressInElement("Connect Instagram")
            try await browser.elementSays("That did not work")
            _ = try await browser.newTab()
            try await browser.connectElement(on: page)
            try await browser.goTo(tab: first)
            try await look(browser)
            try await browser.elementSays("Instagram is connected.")
            let heard = try await browser.heard()
            #expect(
                heard.count == 4 && heard[2].hasPrefix("error invalid_request ") && heard[3] == "connected acme_shop")
            #expect(try await browser.inElement("return root.querySelector('[role=alert]').innerText") as? String == "")
        }
    }

    /// The person comes back to this tab; its answer is awaited.
    private func look(_ browser: Chromium) async throws {
        _ = try await browser.run("document.dispatchEvent(new Event('visibilitychange'))")
        _ = try await browser.runAsync("document.querySelector('instagram-connect').refresh().then(arguments[0])")
    }

    @Test("While the service is away a press says so and can be repeated; once it is back, that works")
    func away() async throws {
        try await Chromium.run { browser in
            try await browser.listen()
            try await browser.open(page)
            try await browser.elementSays("Connect Instagram")
            #expect(await stage.responder?.stop() == .exit(0))
            try await browser.pressInElement("Connect Instagram")
            let heard = try await browser.heard(atLeast: 1)
            #expect(heard.count == 1 && heard[0].hasPrefix("error "), "\(heard)")
            try await browser.elementSays("Connect Instagram")
            #expect(try await browser.inElement("return root.querySelector('[role=alert]').innerText") as? String != "")
            try await browser.keep("element-away")
            try stage.startResponder()
            try await stage.ready()
            try await browser.pressInElement("Connect Instagram")
            try await browser.click("#allow")
            try await browser.elementSays("@acme_shop")
            #expect(try await browser.heard() == ["connected acme_shop"])
        }
    }

    @Test("Back from Instagram by the back button no button is busy, whether the page was kept or is loaded anew")
    func backButton() async throws {
        try await Chromium.run { browser in
            try await browser.listen()
            try await browser.open(page)
            try await browser.pressInElement("Connect Instagram")
            _ = try await browser.text("#allow")
            try await browser.back()
            try await browser.elementSays("Connect Instagram")
            _ = try await browser.run("sessionStorage.setItem('held', 'yes')")
            try await browser.pressInElement("Connect Instagram")
            _ = try await eventually("a busy button") {
                try await browser.inElement("return root.querySelector('[aria-disabled=true]') !== null") as? Bool
                    == true
                    ? () : nil
            }
            try await browser.keep("element-busy")
            _ = try await browser.run("dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))")
            try await browser.elementSays("Connect Instagram")
            #expect(try await browser.heard() == [])
        }
    }
}
