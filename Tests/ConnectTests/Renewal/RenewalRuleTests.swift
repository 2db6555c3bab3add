// SPDX-License-Identifier: MIT
import Testing

@testable import Connect

@Suite struct RenewalRuleTests {
    private static let day: Int64 = 86_400
    private let rule = RenewalRule()
    private let begin = UnixTime(1_767_225_600)

    @Test(
        "a token is due when half of its life is over, and never in its first day",
        arguments: [0, 1, 3_600, 86_400, 172_800, 5_183_944, 315_360_000])
    func due(life: Int64) throws {
        for account in 0..<200 {
            let due = try #require(rule.due(issuedAt: begin, expiresAt: begin + life, account: "\(account)"))
            let longest = min(life, 60 * Self.day)
            #expect(due - begin >= max(Self.day, longest / 2))
            #expect(due - begin <= max(Self.day + 60, longest * 6 / 10 + 1))
        }
    }

    @Test("accounts that were connected in one second are spread over days, each in its own place")
    func spread() {
        let dues = (0..<1_000).compactMap {
            rule.due(issuedAt: begin, expiresAt: begin + 60 * Self.day, account: "\($0)")
        }
        let days = Dictionary(grouping: dues) { ($0 - begin) / Self.day }
        #expect(Set(days.keys) == Set(30...35) && days.values.allSatisfy { $0.count > 100 })
        #expect(
            dues
                == (0..<1_000).compactMap {
                    rule.due(issuedAt: begin, expiresAt: begin + 60 * Self.day, account: "\($0)")
                })
    }

    @Test(
        "at least ten tries fit between the moment that a token is due and its end, however unlucky the waits",
        arguments: [172_800, 259_200, 604_800, 2_592_000, 5_127_758, 5_183_944] as [Int64], [0, 0.5, 1])
    func tries(life: Int64, chance: Double) throws {
        for account in 0..<50 {
            let end = begin + life
            var now = try #require(rule.due(issuedAt: begin, expiresAt: end, account: "\(account)"))
            var tries = 0
            while now < end, tries < 1_000 {
                tries += 1
                now = now + RenewalRule.retry(failures: tries, left: end - now, chance: chance)
            }
            #expect(tries >= 10)
        }
    }

    @Test("waits double up to half a day, and are never zero")
    func waits() {
        #expect(RenewalRule.retry(failures: 1, left: 5_000_000, chance: 0) == 30)
        #expect(RenewalRule.retry(failures: 1, left: 5_000_000, chance: 1) == 90)
        #expect(RenewalRule.retry(failures: 4, left: 5_000_000, chance: 1) == 510)
        for failures in [0, 11, 1_000, Int.max] {
            #expect((30...43_230).contains(RenewalRule.retry(failures: failures, left: 5_000_000, chance: 1)))
        }
        #expect(RenewalRule.retry(failures: 50, left: -5, chance: 1) == 43_230)
        #expect(RenewalRule.retry(failures: 50, left: 7_200, chance: 1) == 630)
    }

    @Test("calls are evenly spaced: never more than so many in any minute, whatever is asked")
    func pace() {
        var pace = Pace(perMinute: 200, now: .zero)
        var calls: [Duration] = []
        var now = Duration.zero
        var numbers = SystemRandomNumberGenerator()
        while calls.count < 2_000 {
            now += .milliseconds(Int.random(in: 0..<400, using: &numbers))
            if let wait = pace.turn(at: now, atMost: .milliseconds(Int.random(in: 0..<2_000, using: &numbers))) {
                calls.append(now + wait)
            }
        }
        #expect(Years.mostInAMinute(calls) <= 200)
        #expect(zip(calls, calls.dropFirst()).allSatisfy { $1 - $0 >= .milliseconds(300) })
        #expect(calls[0] >= .milliseconds(300), "nothing is saved up across a restart")
    }
}
