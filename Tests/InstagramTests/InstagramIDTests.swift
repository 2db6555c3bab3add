// SPDX-License-Identifier: MIT
import Foundation
import Instagram
import Testing

@Suite struct InstagramIDTests {
    private static func decoded(_ json: String) -> String? {
        try? JSONDecoder().decode([InstagramID].self, from: Data("[\(json)]".utf8))[0].digits
    }

    @Test(
        "every digit survives, as a string and as a number: odd ids above 2^53 too",
        arguments: [
            "17841458366137975", "27640875392278831", "30927608773521030", "9007199254740993", "0", "7",
            "18446744073709551615",
        ])
    func digits(id: String) {
        #expect(Self.decoded(id) == id)
        #expect(Self.decoded("\"\(id)\"") == id)
    }

    @Test("odd ids above 2^53 in a row keep their last digit")
    func manyOddIDs() {
        for step: UInt64 in 0..<500 {
            let id = String(17_841_400_000_000_001 + step * 20_000_000_000_002)
            #expect(Self.decoded(id) == id)
        }
    }

    @Test("a string may be longer than a machine word, to 32 digits, and keeps its zeros")
    func longStrings() {
        for id in ["00123", "99999999999999999999999999999999"] { #expect(Self.decoded("\"\(id)\"") == id) }
    }

    @Test(
        "what is no row of digits is no id",
        arguments: [
            "-1", "1.5", "1e400", "18446744073709551616", "null", "true", "{}", "[]", #""""#,
            #""-1""#, #""+1""#, #"" 1""#, #""1 ""#, #""1.0""#, #""0x1f""#, #""１２３""#, #""١٢""#, #""1\u0000""#,
            #""123456789012345678901234567890123""#,
        ])
    func refused(json: String) {
        #expect(Self.decoded(json) == nil)
    }

    @Test(
        "a number with a point or an exponent is an id only if no digit was lost",
        arguments: [
            "17841458366137975.0", "17841458366137975.5", "1.7841458366137975e16", "27640875392278831.0",
            "2.7640875392278831E16",
        ])
    func floats(json: String) {
        let exact = json.hasPrefix("1") ? "17841458366137975" : "27640875392278831"
        let decoded = Self.decoded(json)
        #expect(decoded == nil || decoded == exact)
    }
}
