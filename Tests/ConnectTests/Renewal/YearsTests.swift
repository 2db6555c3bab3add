// SPDX-License-Identifier: MIT
import TestSupport
import Testing

@testable import Connect

@Suite struct YearsTests {
    private static let accounts = Soak.times(100, full: 1_000)

    @Test("400 days with errors, limits, an outage, restarts and kills: no token is lost, none is renewed too young")
    func ours() async throws {
        let years = try await Years(accounts: Self.accounts, deaths: 10).run()
        #expect(years.lost == 0 && years.bad == 0 && years.young == 0)
        #expect(years.mostInAMinute <= 200 && years.kills >= 5)
        #expect(years.notNoticed == 0)
        // Three days without an answer are one event, where there are enough accounts to tell.
        #expect(Soak.isOn ? years.appEvents == 1 : years.appEvents <= 1)
        // Accounts whose renewal never succeeds: many tries, and an alarm in time.
        #expect(years.firstAlarm >= 14 && years.fewestTries >= 10)
        Soak.record(
            "400 days of \(Self.accounts) accounts, renewed at half of their life", years.calls,
            "\(years.lost) tokens lost, \(years.kills) kills, at most \(years.mostInAMinute) calls a minute")
    }

    @Test("the same 400 days, renewed only in the last ten days and when somebody asks: tokens are lost")
    func whenAsked() async throws {
        var years = Years(accounts: Self.accounts)
        years.rule = RenewalRule(background: nil)
        years.renewsWhenAsked = 10 * 86_400
        let outcome = try await years.run()
        #expect(outcome.lost > 0 && outcome.young == 0)
        Soak.record(
            "400 days of \(Self.accounts) accounts, renewed in the last ten days when asked", outcome.calls,
            "\(outcome.lost) tokens lost")
    }

    @Test("the same 400 days, renewed only when somebody forces it: all tokens are lost")
    func never() async throws {
        var years = Years(accounts: Self.accounts)
        years.rule = RenewalRule(background: nil)
        let outcome = try await years.run()
        #expect(outcome.lost >= Self.accounts - 2 && outcome.calls == 0)
        Soak.record(
            "400 days of \(Self.accounts) accounts, never renewed unless forced", outcome.calls,
            "\(outcome.lost) tokens lost")
    }
}
