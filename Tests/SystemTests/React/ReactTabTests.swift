// SPDX-License-Identifier: MIT
import Foundation
import Testing

/// Where people press what nobody thought of, and where the code must not go.
extension ReactExampleTests {
    @Test("A reload while Instagram is slow loses nothing: the same code hears the same outcome")
    func reload() async throws {
        try await visit { visit, browser in
            try await visit.openSettings()
            try await visit.toConsent()
            try await stage.standIn.fail("exchange-code", nil, latency: 800)
            try await browser.click("#allow")
            try await visit.sees("Connecting", in: "p[role=status]")
            try await stage.standIn.wait(for: "exchange-code", count: 1)
            try await visit.judge("connecting")
            try await browser.reload()
            try await visit.sees("@acme_shop", in: "section")
            let calls = try await stage.standIn.calls()
            #expect(calls.exchanges == 1 && calls.repeatedCodes == 0)
        }
    }

    @Test("The login page without an answer leads to the settings page, where nothing is claimed")
    func opened() async throws {
        try await visit { visit, browser in
            try await browser.open(visit.login)
            try await visit.sees("No account is connected", in: "section h2")
            try await browser.open(visit.settings + "?instagram_error=evil&request_id=evil#instagram=connected")
            try await visit.sees("No account is connected", in: "section h2")
            #expect(try await !browser.has(".notice"))
        }
    }

    @Test("The back button finds a page that works: from Instagram's question, and after the connection")
    func back() async throws {
        try await visit { visit, browser in
            try await visit.openSettings()
            try await visit.toConsent()
            try await browser.back()
            try await visit.sees("Connect Instagram", in: "section")
            _ = try await eventually("a button that can be pressed") {
                try await browser.has(ReactVisit.connect + "[aria-disabled=false]") ? () : nil
            }
            try await visit.toConsent()
            try await browser.click("#allow")
            try await visit.sees("@acme_shop", in: "section")
            try await browser.back()
            // The login page has left no entry: this is Instagram's question, and its attempt is over.
            #expect(try await browser.url.hasPrefix(stage.standIn.url))
            try await browser.click("#allow")
            try await visit.sees("This attempt is too old", in: "[role=alert]")
            try await browser.click("a.button")
            try await visit.sees("@acme_shop", in: "section")
            #expect(try await stage.standIn.calls().exchanges == 1, "the second code went nowhere")
        }
    }

    @Test("Two tabs finish one after the other; what one lets go, the other sees when it is looked at")
    func tabs() async throws {
        try await visit { visit, browser in
            try await visit.openSettings()
            try await visit.toConsent()
            let first = try await browser.newTab()
            try await visit.connect()
            let second = try await browser.run("return document.title") as? String
            #expect(second == "Instagram connection")
            try await browser.goTo(tab: first)
            try await browser.click("#allow")
            try await visit.sees("@acme_shop", in: "section")
            let calls = try await stage.standIn.calls()
            #expect(calls.exchanges == 2 && calls.repeatedCodes == 0)
            #expect(try stage.kept.users().filter { $0.state == "connected" }.count == 1)

            let other = try await browser.newTab()
            try await visit.openSettings()
            try await browser.click(ReactVisit.disconnect)
            try await browser.click("dialog button.bad")
            try await visit.sees("No account is connected", in: "section h2")
            try await browser.goTo(tab: other)
            // Headless tabs are all visible; this is what a visible one hears.
            _ = try await browser.run("document.dispatchEvent(new Event('visibilitychange'))")
            try await visit.sees("No account is connected", in: "section h2")
        }
    }

    @Test("The code is nowhere but where it has to be: no address, no referrer, no log, no request but one kind")
    func code() async throws {
        try await visit { visit, browser in
            // Notes where each page of ours comes from, and what it asks for, as early as a script can.
            try await browser.developerTools(
                "Page.addScriptToEvaluateOnNewDocument",
                [
                    "source": """
                    if (location.hostname === 'localhost') {
                      const note = text => sessionStorage.setItem('noted',
                        (sessionStorage.getItem('noted') ?? '') + text + '\\n')
                      note('referrer ' + location.pathname + ' ' + document.referrer)
                      new PerformanceObserver(list => list.getEntries().forEach(entry => note('asked ' + entry.name)))
                        .observe({ type: 'resource', buffered: true })
                    }
                    """
                ])
            try await stage.standIn.fail("exchange-code", nil, latency: 500)
            try await visit.openSettings()
            try await visit.toConsent()
            try await browser.click("#allow")
            try await visit.sees("Connecting", in: "p[role=status]")
            #expect(try await browser.url == visit.login, "it left with the first line of app.js")
            try await visit.sees("@acme_shop", in: "section")
            #expect(try await browser.run("return document.referrer") as? String == "")
            let noted = try await browser.run("return sessionStorage.getItem('noted')") as? String ?? ""
            let lines = noted.split(separator: "\n").map(String.init)
            #expect(lines.contains { $0.hasPrefix("referrer /examples/react/login.html") })
            let code = "AQBx-hBsH3_"
            let withCode = lines.filter { $0.contains(code) }
            #expect(!withCode.isEmpty && withCode.allSatisfy { $0.hasPrefix("asked \(stage.callback)?code=") })
            for log in ["journal", "responder", "nginx", "nginx-access", "nginx-error"] {
                #expect(!stage.said(log).contains(code), "\(log)")
            }
        }
    }
}
