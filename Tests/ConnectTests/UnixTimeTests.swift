// SPDX-License-Identifier: MIT
import Connect
import Foundation
import TestSupport
import Testing

@Suite struct UnixTimeTests {
    @Test(
        "known moments read as RFC 3339 has them",
        arguments: zip(
            [
                0, -1, 951_782_400, 951_868_799, 951_868_800, 1_709_164_800, 4_107_456_000, 4_107_542_400,
                2_147_483_648,
                -2_208_988_800, 253_402_300_799, 1_767_225_600,
            ],
            [
                "1970-01-01T00:00:00Z", "1969-12-31T23:59:59Z", "2000-02-29T00:00:00Z", "2000-02-29T23:59:59Z",
                "2000-03-01T00:00:00Z", "2024-02-29T00:00:00Z", "2100-02-28T00:00:00Z", "2100-03-01T00:00:00Z",
                "2038-01-19T03:14:08Z", "1900-01-01T00:00:00Z", "9999-12-31T23:59:59Z",
                "2026-01-01T00:00:00Z",
            ]))
    func known(seconds: Int64, text: String) {
        #expect(UnixTime(seconds).description == text)
    }

    @Test("the calendar agrees with Foundation's, from 1900 to 2200")
    func foundation() {
        let format = Date.ISO8601FormatStyle()
        var numbers = SeededNumbers(1)
        for seconds in (0..<5_000).map({ _ in Int64.random(in: -2_208_988_800...7_258_118_400, using: &numbers) }) {
            #expect(UnixTime(seconds).description == Date(timeIntervalSince1970: Double(seconds)).formatted(format))
        }
    }

    @Test("moments are ordered and differ by seconds")
    func arithmetic() {
        #expect(UnixTime(5) < UnixTime(6))
        #expect(UnixTime(5) + 60 == UnixTime(65))
        #expect(UnixTime(5) - UnixTime(65) == -60)
    }

    @Test("no moment is too far away to be said", arguments: [Int64.max, Int64.max / 2, Int64.min / 2])
    func extremes(seconds: Int64) {
        #expect(UnixTime(seconds).description.hasSuffix("Z"))
    }
}
