// SPDX-License-Identifier: MIT
import TestSupport
import Testing

/// Five tabs of one real browser (checklist 11).
@Suite(.serialized, .stage)
struct FiveTabsTests {
    private let stage = Stage.current!

    /// The orders of five things, each once.
    private static let orders = orders(of: Array(0..<5))

    private static func orders(of things: [Int]) -> [[Int]] {
        guard !things.isEmpty else { return [[]] }
        return things.flatMap { first in orders(of: things.filter { $0 != first }).map { [first] + $0 } }
    }

    /// As a click, without a mouse that has to be moved there six hundred times.
    private func press(_ selector: String, in browser: Chromium) async throws {
        _ = try await eventually(selector) {
            let script = "const one = document.querySelector(arguments[0]); one?.click(); return one !== null"
            return try await browser.run(script, [selector]) as? Bool == true ? () : nil
        }
    }

    /// The account, on a page that says to somebody who comes back that it is connected.
    private func welcome(in browser: Chromium) async throws -> String? {
        try await browser.run(
            """
            return document.getElementById('instagram=connected')?.checkVisibility()
              ? document.getElementById('account').innerText : null
            """) as? String
    }

    @Test("Five tabs are at Instagram and come back in any order: each ends connected as who was chosen in it")
    func anyOrder() async throws {
        #expect(Set(Self.orders).count == 120)
        let count = Soak.times(12, full: 120)
        try await stage.standIn.reset()
        try await Chromium.run { browser in
            var tabs: [String] = []
            // Each is opened beside the one before; the last stays empty.
            for _ in 0..<5 { tabs.append(try await browser.newTab()) }
            for (round, index) in stride(from: 0, to: 120, by: 120 / count).enumerated() {
                let order = Self.orders[index]
                try await browser.forgetCookies()
                for tab in tabs {
                    try await browser.goTo(tab: tab)
                    try await browser.open(stage.settingsPage)
                    try await press("#connect", in: browser)
                }
                for tab in order {
                    try await browser.goTo(tab: tabs[tab])
                    let isSecond = !tab.isMultiple(of: 2)
                    if isSecond { try await press("#account-1", in: browser) }
                    try await press("#allow", in: browser)
                    let account = try await eventually("tab \(tab) of \(order)") { try await welcome(in: browser) }
                    #expect(account.contains(isSecond ? "@bloom.ceramics" : "@acme_shop"), "tab \(tab) of \(order)")
                }
                #expect(try await stage.standIn.calls().exchanges == (round + 1) * 5, "\(order)")
            }
            try await browser.expectQuiet(stage)
        }
        #expect(try stage.kept.users().map(\.state) == ["connected", "connected"])
        #expect(try await stage.everyTokenIsGood())
        Soak.record("five tabs of a real browser, in orders", count, "each tab connected, no code sent twice")
    }
}
