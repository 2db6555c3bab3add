// SPDX-License-Identifier: MIT

/// Flows in one line, for tests that are about something else.
extension Stage {
    /// A flow that Instagram has answered and we have not: the callback's URL, its cookie in the browser.
    func consented(_ browser: Browser, account: String = "acme_shop", granted: String? = nil) async throws -> WebURL {
        struct Started: Decodable {
            let authUrl: String
        }
        let started: Started = try await browser.fetch(start).decoded()
        let granted = granted.map { "&granted=\($0)" } ?? ""
        let decision = "&auto=allow&account=\(account)\(granted)"
        let visit = try await browser.open(started.authUrl + decision) { $0.path == "/auth/instagram/callback" }
        guard visit.isHeld else { throw Missing("no way back from Instagram: \(visit.status) at \(visit.url)") }
        return visit.url
    }

    /// A whole flow as JSON.
    func connect(_ browser: Browser, account: String = "acme_shop") async throws -> Response {
        try await browser.fetch(consented(browser, account: account).request)
    }

    /// Whether every token that is kept opens, and is one that Instagram gave.
    func everyTokenIsGood() async throws -> Bool {
        for row in try kept.users() {
            guard try await standIn.profile(of: row.token(kept.keyring())).status == 200 else { return false }
        }
        return true
    }

    /// From the settings page to Instagram's consent page, by our button.
    func consentPage(_ browser: Browser, button: String = "connect", query: String = "") async throws -> Visit {
        let settings = try await browser.open(settingsPage + query)
        return try await browser.press(button, on: settings)
    }
}
