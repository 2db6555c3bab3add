// SPDX-License-Identifier: MIT
import Connect
import Foundation
import TestSupport
import Testing

/// Where a real browser goes with what `return_to` accepts (checklist 32).
@Suite(.serialized, .stage)
struct RedirectTests {
    private let stage = Stage.current!

    init() async throws {
        try await stage.standIn.reset()
    }

    /// How Chromium understands an address: its origin, and whether the path has the segments that were written.
    private static let judge = """
        const [values, origin] = arguments;
        return values.map(value => {
            const written = value.split(/[?#]/)[0];
            return [value, origin + value + '#instagram=connected'].map(address => {
                try {
                    const url = new URL(address, origin + '/auth/instagram/callback?code=x');
                    const isSame = url.pathname.split('/').length === written.split('/').length;
                    return url.username + url.password === '' && isSame ? url.origin : 'another ' + url.href;
                } catch { return 'none'; }
            });
        });
        """

    private func verdicts(_ browser: Chromium, _ values: [String]) async throws -> [[String]] {
        try #require(try await browser.run(Self.judge, [values, URLs.origin]) as? [[String]])
    }

    @Test(
        "Chromium finds our own origin in all that is accepted, of the table and of mutated ones, and not in the rest")
    func chromium() async throws {
        let table = ReturnToTable.shared
        let count = Soak.times(20_000, full: 1_000_000)
        let mutated = ReturnToMutations(seed: 11).prefix(count).compactMap { (try? ReturnTo($0))?.path }
        let accepted = table.acceptedTexts + mutated
        try await Chromium.run { browser in
            try await browser.open(stage.settingsPage)
            var judged = 0
            for start in stride(from: 0, to: accepted.count, by: 10_000) {
                let values = Array(accepted[start..<min(start + 10_000, accepted.count)])
                for (value, verdict) in zip(values, try await verdicts(browser, values)) {
                    judged += 1
                    if verdict != [URLs.origin, URLs.origin] { Issue.record("\(value.debugDescription): \(verdict)") }
                }
            }
            #expect(judged == accepted.count)

            // The verdict can be another one, and our own resolver errs on the safe side only.
            let refused = table.refused.map { String(decoding: $0, as: UTF8.self) }
            let elsewhere = zip(refused, try await verdicts(browser, refused)).filter {
                $1[0] != URLs.origin && !$1[0].hasPrefix("another \(URLs.origin)/")
            }
            #expect(elsewhere.count > 300)
            for (value, verdict) in elsewhere {
                #expect(URLs.origin(of: value) != URLs.origin, "\(value.debugDescription): \(verdict)")
            }
            Soak.record("addresses that `return_to` accepts, judged by Chromium", judged, "all on our own origin")
        }
    }

    @Test("A person who connects in Chromium ends on our own origin, whatever path was asked for")
    func followed() async throws {
        // The root itself is this nginx's own redirect to the settings page.
        let paths = ReturnToTable.shared.acceptedTexts.filter { $0.contains("evil") && !$0.hasPrefix("/?") }
        try await Chromium.run { browser in
            for index in stride(from: 0, to: paths.count, by: paths.count / Soak.times(4, full: 40)) {
                let path = paths[index]
                let escaped = path.utf8.map { "%" + ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
                try await browser.open(stage.settingsPage + "?return_to=" + escaped)
                try await browser.click("#connect, #switch")
                try await browser.click("#allow")
                _ = try await eventually(path) {
                    try await browser.url.hasSuffix("#instagram=connected") ? true : nil
                }
                let url = try await browser.url
                #expect(url.hasPrefix(stage.origin + "/"), "\(path) led to \(url)")
                #expect(url.dropFirst(stage.origin.count).prefix(4) == path.prefix(4), "\(path) led to \(url)")
            }
        }
    }
}
