// SPDX-License-Identifier: MIT
import Testing

@testable import ig_shop_auth

@Suite("Table")
struct TableTests {
    @Test("Columns begin together, numbers end together, no line ends with blanks")
    func alignment() {
        var table = Table([.init(title: "NAME"), .init(title: "DAYS", isNumber: true), .init(title: "REST")])
        let rows = [["anna", "7", "x"], ["b", "12345", "-"], ["名前é", "-1", ""]]
        for row in rows { table.measure(row) }
        #expect(
            ([table.heading] + rows.map(table.line)).joined(separator: "\n") == """
                NAME    DAYS  REST
                anna       7  x
                b      12345  -
                名前é     -1
                """)
    }

    @Test(
        "What a terminal might obey, nobody sees or looks like a column is escaped",
        arguments: [
            ("acme_shop", "acme_shop"), ("名前", "名前"), ("Anna Äpfel", "Anna Äpfel"), ("a\nb", "a\\u{a}b"),
            ("\u{1b}[31mred\u{7}", "\\u{1b}[31mred\\u{7}"), ("a\tb", "a\\u{9}b"), ("a\u{9b}b", "a\\u{9b}b"),
            ("a\u{202e}b", "a\\u{202e}b"), ("a\u{200b}b", "a\\u{200b}b"), ("a\u{3164}b", "a\\u{3164}b"),
            ("a\u{a0}b", "a\\u{a0}b"), ("a\u{2028}b", "a\\u{2028}b"), ("\u{0}", "\\u{0}"), ("\r", "\\u{d}"),
            ("a  connected", "a \\u{20}connected"), (" a", "\\u{20}a"), ("a ", "a\\u{20}"), (" ", "\\u{20}"),
            ("SHOP\\anna", "SHOP\\\\anna"), ("\\u{1b}", "\\\\u{1b}"), ("-", "\\u{2d}"), ("", "\"\""),
        ])
    func escaped(_ text: String, _ shown: String) {
        #expect(Shown.text(text) == shown)
        #expect(!Shown.text(text).contains("  "))
    }

    @Test("Nothing is shown as nothing, and no name looks like it")
    func nothing() {
        #expect(Shown.text(nil) == "-")
        #expect(Shown.text("-") != "-")
    }

    @Test("Two names never look alike: each scalar of the first planes is shown in a way of its own")
    func distinct() {
        var seen: [String: UInt32] = [:]
        for value in UInt32(0)...0x1_ffff {
            guard let scalar = Unicode.Scalar(value) else { continue }
            let shown = Shown.text(String(Character(scalar)))
            #expect(!shown.unicodeScalars.contains { $0.value < 0x20 || (0x7f..<0xa0).contains($0.value) })
            // Compared by bytes: == takes canonically equivalent texts for one.
            let bytes = String(decoding: shown.utf8.map { UInt16($0) }, as: UTF16.self)
            if let other = seen.updateValue(value, forKey: bytes) { Issue.record("\(value) looks like \(other)") }
        }
    }
}
