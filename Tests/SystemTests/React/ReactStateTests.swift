// SPDX-License-Identifier: MIT
import Foundation
import Testing

/// What the settings page offers in which state of the account, and while something is going on.
@Suite(.serialized, .reactStage)
struct ReactStateTests {
    private let stage = Stage.current!

    private struct Case {
        let name: String
        let row: String
        let says: String
        let buttons: [String]

        init(_ name: String, _ row: String, says: String, _ buttons: [String]) {
            (self.name, self.row, self.says, self.buttons) = (name, row, says, buttons)
        }

        /// Messages do not arrive, for this reason.
        static func messages(_ error: String, says: String, reconnects: Bool = false) -> Self {
            Self(
                "messages-" + error,
                "webhooks_error = '\(error)', next_webhooks_at = strftime('%s', 'now') + 86400", says: says,
                (reconnects ? ["Reconnect"] : []) + ["Switch account", "Disconnect"])
        }
    }

    private static let ending = "token_expires_at = strftime('%s', 'now') + 600000"
    private static let lost = "state = 'reconnect_required', reason = 'revoked', next_renewal_at = NULL"

    private static let reasons = [
        "permission_missing", "revoked", "removed_in_instagram", "password_changed", "checkpoint", "not_eligible",
        "expired",
    ]

    private static let messages: [Case] =
        reasons.map { .messages($0, says: "until you reconnect this account", reconnects: true) }
        + ["limited", "unavailable"].map { .messages($0, says: "tried again by itself") }
        + ["misconfigured", "unreadable"].map { .messages($0, says: "tell whoever runs this site") }

    @Test("Messages do not arrive: a person reconnects, waits or tells somebody, whichever of them helps")
    func messagesMissing() async throws {
        try await visit { visit, browser in
            try await visit.connect()
            for state in Self.messages { try await look(at: state, visit, browser) }
            let both = Case(
                "messages-expiring", Self.ending + ", webhooks_error = 'permission_missing'",
                says: "A permission that is needed was taken back.", ["Reconnect", "Disconnect"])
            try await look(at: both, visit, browser)
            try await browser.click(ReactVisit.connect)
            try await browser.click("#allow")
            try await visit.sees("Instagram is connected.", in: "p.notice[role=status]")
            #expect(try await !browser.has("section p.notice"), "which is what helped")
        }
    }

    @Test("Another account than the connected one: the switch that the sentence speaks of is there in every state")
    func mismatch() async throws {
        try await visit { visit, browser in
            try await visit.connect()
            let states = [
                ("connected", "", ["Switch account", "Disconnect"]),
                ("expiring", Self.ending, ["Reconnect", "Disconnect"]),
                ("reconnect_required", Self.lost, ["Reconnect", "Disconnect"]),
            ]
            for (name, row, buttons) in states {
                try await set(row)
                try await browser.open(visit.settings)
                try await visit.sees("Disconnect", in: "section")
                #expect(try await browser.texts("section > .buttons > button") == buttons, "\(name)")
                try await browser.open(visit.settings + "?instagram_error=account_mismatch")
                try await visit.sees("choose Switch account", in: "[role=alert]")
                try await visit.sees("Switch account", in: "section")
                try await visit.judge("mismatch-" + name)
            }
            try await browser.click("section > .buttons > button.second")
            try await browser.arrive(at: stage.standIn.url + "/oauth/authorize")
            #expect(try await browser.url.contains("force_reauth=true"), "asked for a name and a password")
        }
    }

    @Test("A look that failed is told until the next one succeeds; what a person did not get stays told")
    func readErrors() async throws {
        try await visit { visit, browser in
            try await visit.connect()
            try await browser.hold("/status", by: "Promise.reject(new TypeError('away'))")
            try await browser.comeForward()
            try await visit.sees("Look whether you are online", in: "[role=alert]")
            try await visit.sees("@acme_shop", in: "section")
            try await browser.letGo()
            try await browser.comeForward()
            _ = try await eventually("no alert") { try await browser.has("[role=alert]") ? nil : () }

            try await browser.open(visit.settings + "?instagram_error=access_denied")
            try await visit.sees("@acme_shop", in: "section")
            try await browser.hold("/status", by: "Promise.reject(new TypeError('away'))")
            try await browser.comeForward()
            try await visit.sees("Look whether you are online", in: "[role=alert] + [role=alert]")
            try await browser.letGo()
            try await browser.comeForward()
            _ = try await eventually("one alert") { try await browser.texts("[role=alert]").count == 1 ? () : nil }
            try await visit.sees("you did not allow it", in: "[role=alert]")
        }
    }

    @Test("While it disconnects nothing else can be pressed, also after a look at another tab")
    func busy() async throws {
        try await visit { visit, browser in
            try await visit.connect()
            try await browser.hold("/disconnect", by: "new Promise((go) => { window.go = go })")
            try await browser.click(ReactVisit.disconnect)
            try await browser.click("dialog button.bad")
            try await visit.sees("Disconnecting…", in: "p.small")
            try await browser.comeForward()
            try await browser.show(persisted: true)
            _ = try await eventually("both looks answered") { try await browser.looks() == 2 ? () : nil }
            #expect(try await browser.texts("section > .buttons > button[aria-disabled=true]").count == 2)
            _ = try await browser.run("window.go()")
            try await visit.sees("No account is connected", in: "section h2")
            try await visit.sees("Disconnected.", in: "p.notice[role=status]")

            // On the way to Instagram: the same, until the back button brings the page as it was left.
            try await browser.hold("instagram?", by: "new Promise(() => {})")
            try await browser.click(ReactVisit.connect)
            try await visit.sees("Opening Instagram…", in: "p.small")
            try await browser.comeForward()
            try await browser.show(persisted: false)
            _ = try await eventually("the look answered") { try await browser.looks() == 1 ? () : nil }
            #expect(try await browser.has(ReactVisit.connect + "[aria-disabled=true]"))
            try await browser.show(persisted: true)
            _ = try await eventually("a button that can be pressed") {
                try await browser.has(ReactVisit.connect + "[aria-disabled=false]") ? () : nil
            }
        }
    }

    private func visit(_ body: (ReactVisit, Chromium) async throws -> Void) async throws {
        try await stage.standIn.reset()
        try await Chromium.run { browser in try await body(ReactVisit(stage: stage, browser: browser), browser) }
        // Each test has the one account for itself.
        let end = await stage.responder?.stop()
        guard end == .exit(0) else { throw Missing("the responder ended with \(String(describing: end))") }
        for end in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: stage.database + end) }
        try stage.startResponder()
        try await stage.ready()
    }

    private func set(_ row: String) async throws {
        try await PageState(name: row, row: row, says: []).set(on: stage)
    }

    private func look(at state: Case, _ visit: ReactVisit, _ browser: Chromium) async throws {
        try await set(state.row)
        try await visit.openSettings()
        try await visit.sees(state.says, in: "section p.notice:last-of-type")
        #expect(try await browser.texts("section > .buttons > button") == state.buttons, "\(state.name)")
        try await visit.judge(state.name)
    }
}

extension Chromium {
    /// The page's requests to such an address become this promise, from now on; the others go on and are counted.
    fileprivate func hold(_ address: String, by promise: String) async throws {
        _ = try await run(
            """
            window.really ??= window.fetch
            window.looks = 0
            window.fetch = async (address, options) => {
              if (String(address).includes('\(address)')) await \(promise)
              const answer = await window.really(address, options)
              window.looks++
              return answer
            }
            """)
    }

    fileprivate func letGo() async throws { _ = try await run("window.fetch = window.really") }

    fileprivate func looks() async throws -> Int? { try await run("return window.looks") as? Int }

    /// Headless tabs are all visible; this is what a visible one hears.
    fileprivate func comeForward() async throws {
        _ = try await run("document.dispatchEvent(new Event('visibilitychange'))")
    }

    fileprivate func show(persisted: Bool) async throws {
        _ = try await run("dispatchEvent(new PageTransitionEvent('pageshow', { persisted: \(persisted) }))")
    }
}
