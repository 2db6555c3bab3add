// SPDX-License-Identifier: MIT
import Foundation
import Testing

extension Chromium {
    /// Whether an element says so at this moment; false also while one page gives way to the next.
    fileprivate func contains(_ words: String, in selector: String) async throws -> Bool {
        let script = "return document.querySelector(arguments[0])?.innerText?.includes(arguments[1]) ?? false"
        return (try? await run(script, [selector, words])) as? Bool ?? false
    }
}

/// A person before the pages of Examples/react.
struct ReactVisit {
    let stage: Stage
    let browser: Chromium

    static let connect = "section button:not(.second)"
    static let disconnect = "button[aria-haspopup=dialog]"

    var settings: String { stage.origin + "/examples/react/index.html" }
    var login: String { stage.origin + "/examples/react/login.html" }

    func openSettings() async throws { try await browser.open(settings) }

    /// From the settings page to Instagram's question.
    func toConsent() async throws {
        try await browser.click(Self.connect)
        try await browser.arrive(at: stage.standIn.url + "/oauth/authorize")
        _ = try await browser.text("#allow")
    }

    /// A whole connection, to where it is told.
    func connect() async throws {
        try await openSettings()
        try await toConsent()
        try await browser.click("#allow")
        try await sees("@acme_shop", in: "section")
        try await sees("Instagram is connected.", in: "p.notice[role=status]")
    }

    /// Waits until an element says so.
    func sees(_ words: String, in selector: String) async throws {
        _ = try await eventually("\(words) in \(selector)", within: .seconds(20)) {
            try await browser.contains(words, in: selector) ? () : nil
        }
    }

    /// The page as it is now: nobody is shut out, nothing is wider than the window, nothing went wrong; and a picture.
    func judge(_ picture: String, console allowed: String? = nil) async throws {
        try await browser.keep("react-" + picture)
        #expect(try await browser.barriers() == [], "\(picture)")
        #expect(try await !browser.isWiderThanWindow(), "\(picture)")
        let said = try await browser.console().filter { line in allowed.map { !line.contains($0) } ?? true }
        #expect(said == [], "\(picture)")
    }

    /// What nginx answered to the frontend's callbacks since `mark`.
    func callbacks(since mark: Int) -> [String] {
        stage.said("nginx-access").dropFirst(mark).split(separator: "\n")
            .filter { $0.contains(#"GET "/auth/instagram/callback""#) }
            .map { line in
                let after = line.components(separatedBy: #"callback" "#).last ?? ""
                return String(after.prefix { $0 != " " })
            }
    }

    /// The end of nginx's log as it is now.
    var mark: Int { stage.said("nginx-access").count }
}

extension ReactExampleTests {
    func visit(_ person: Chromium.Person = .init(), _ body: (ReactVisit, Chromium) async throws -> Void) async throws {
        try await Chromium.run(person) { browser in
            try await body(ReactVisit(stage: stage, browser: browser), browser)
        }
    }
}
