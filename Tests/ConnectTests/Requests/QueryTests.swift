// SPDX-License-Identifier: MIT
import Testing

@testable import Connect

@Suite struct QueryTests {
    private static let names: Set<String> = ["a", "b"]

    private static func read(_ text: String) throws(ErrorCode) -> [String?] {
        let query = try Query(text, knowing: names)
        return [query["a"], query["b"]]
    }

    @Test(
        "what is well formed is read",
        arguments: zip(
            [
                "", "a", "a=", "a=1", "a=1&b=2", "b=2&a=1", "&&a=1&&", "a=1=2", "a=%31", "%61=1", "a=x+y", "a=%2B",
                "a=%26b%3D2",
                "a=%C3%A9", "a=%2541", "c=1&a=1", "c=1&c=2&a=1", "A=1", "a.b=1", "a=1&=2", "a=%ED%9F%BF", "a=1;b=2",
            ],
            [
                [nil, nil], ["", nil], ["", nil], ["1", nil], ["1", "2"], ["1", "2"], ["1", nil], ["1=2", nil],
                ["1", nil],
                ["1", nil], ["x y", nil], ["+", nil], ["&b=2", nil], ["é", nil], ["%41", nil], ["1", nil], ["1", nil],
                [nil, nil], [nil, nil], ["1", nil], ["\u{d7ff}", nil], ["1;b=2", nil],
            ] as [[String?]]))
    func wellFormed(text: String, values: [String?]) throws {
        #expect(try Self.read(text) == values)
    }

    @Test(
        "repeats, broken escapes, control characters and bad UTF-8 are refused, in names and in unknown parameters too (checklist 14, 15)",
        arguments: [
            "a=1&a=1", "a&a", "a=1&%61=2", "a=1&b=2&a=3", "a=%", "a=%2", "a=%zz", "a=%0", "%=1", "c=%", "a=%00",
            "a=%0d",
            "a=%0a", "a=%0D%0A", "a=%1f", "a=%7f", "a=%09", "c=%00", "%00=1", "a=%ff", "a=%c3", "a=%c0%af",
            "a=%ed%a0%80",
            "a=%f4%90%80%80", "a=%e2%82", "%ff=1", "a=b c", "a=\u{0}", "a=\r\n", "a=\t", "a=é", "a=\u{7f}", "é=1",
            "a=%u0041", "a=% 41",
        ])
    func refused(text: String) {
        #expect(throws: ErrorCode.invalidRequest) { try Self.read(text) }
    }

    @Test("4096 bytes are read, one more is refused (checklist 15)")
    func length() throws {
        let longest = "a=" + String(repeating: "x", count: 4_094)
        #expect(try Self.read(longest)[0]?.utf8.count == 4_094)
        #expect(throws: ErrorCode.invalidRequest) { try Self.read(longest + "x") }
        #expect(throws: ErrorCode.invalidRequest) { try Self.read(String(repeating: "&", count: 4_097)) }
    }
}
