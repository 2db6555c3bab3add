// SPDX-License-Identifier: MIT
import Foundation
import Testing

@testable import ig_shop_auth

/// An Instagram that does not answer at all.
@Suite(.serialized, .stage)
struct DeadlineTests {
    private let stage = Stage.current!

    /// Of one call, Transfer's default.
    private let deadline = Duration.seconds(8)

    /// All at once, so that the deadline is paid for once.
    @Test("A call that hangs is given up at its deadline, wherever it hangs; all else goes on (checklist 49)")
    func hanging() async throws {
        try await stage.standIn.reset()
        let began = ContinuousClock.now
        var pending: [(endpoint: String, callback: WebURL, browser: Browser, answer: Task<Response, any Error>)] = []
        for endpoint in ["exchange-code", "extend-token", "read-profile"] {
            let browser = Browser()
            let callback = try await stage.consented(browser)
            try await stage.standIn.fail(endpoint, "hang", count: 1)
            let before = try await stage.standIn.calls()
            let answer = Task { try await browser.fetch(callback.request) }
            pending.append((endpoint, callback, browser, answer))
            let arrived = ["exchange-code": before.exchanges, "extend-token": before.extensions]
            try await stage.standIn.wait(for: endpoint, count: (arrived[endpoint] ?? before.profiles) + 1)
        }
        // Meanwhile somebody else connects.
        #expect(try await stage.connect(Browser(), account: "bloom.ceramics").status == 200)
        #expect(ContinuousClock.now - began < deadline)

        for (endpoint, callback, browser, answer) in pending {
            let answer = try await answer.value
            #expect(answer.status == 504, "\(endpoint)")
            #expect(answer.error?.error == "provider_unavailable")
            #expect(try await browser.fetch(callback.request).error?.error == "provider_unavailable")
        }
        let took = ContinuousClock.now - began
        #expect(took >= deadline && took < deadline * 3, "\(took)")
        let calls = try await stage.standIn.calls()
        #expect(calls.exchanges == 4 && calls.repeatedCodes == 0)
        #expect(try stage.kept.users().map(\.username) == ["bloom.ceramics"])
    }

    /// nginx has to wait longer than the program may take, or it answers in its place and the flow's end is not heard.
    @Test("nginx waits longer than all deadlines of one flow add up to")
    func budget() throws {
        let snippet = try String(
            contentsOfFile: Programs.nginxFiles + "/snippets/ig-shop-auth-fastcgi.conf", encoding: .utf8)
        let timeout = try #require(snippet.firstMatch(of: /\n\s*fastcgi_read_timeout\s+(\d+)s;/)?.1)
        let seconds = try #require(Int(timeout))
        // The exchange; extending and reading, each with a stumble of up to a second, a pause and a second try.
        let calls = deadline + (.seconds(1) + .milliseconds(200) + deadline) * 2
        // Claim, sent, connect or end, the app's health, the row, the session that is replaced: Store gives each 5 s.
        let storage = Duration.seconds(5) * 6
        #expect(Duration.seconds(seconds) > calls + storage)
        #expect(calls + storage == .milliseconds(Int(NginxNeeds.flowSeconds * 1_000)), "what `check` holds nginx to")
    }
}
