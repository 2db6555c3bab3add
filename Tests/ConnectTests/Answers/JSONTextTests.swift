// SPDX-License-Identifier: MIT
import Foundation
import Testing

@testable import Connect

@Suite struct JSONTextTests {
    @Test("members come in order, null where there is nothing")
    func order() {
        var text = JSONText()
        text.add("a", "b")
        text.add("c", nil as String?)
        text.add("d", true)
        text.add("e", ["f", "g"])
        text.add("h", nil as [String]?)
        text.add("i", [])
        let expected = #"{"a":"b","c":null,"d":true,"e":["f","g"],"h":null,"i":[]}"#
        #expect(String(decoding: text.finished(), as: UTF8.self) == expected + "\n")
    }

    @Test("every character comes back, whatever it is (RFC 8259, section 7)")
    func everyCharacter() throws {
        let odd =
            (0..<0x300).compactMap(Unicode.Scalar.init) + [
                "\u{2028}", "\u{2029}", "\u{ffff}", "\u{1f600}", "\u{10ffff}",
            ]
        let all = String(String.UnicodeScalarView(odd))
        var text = JSONText()
        text.add("a", all)
        text.add("b", [all, #"</script>"\"#])
        let bytes = text.finished()
        let read = try #require(try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any])
        #expect(read["a"] as? String == all)
        #expect(read["b"] as? [String] == [all, #"</script>"\"#])
        #expect(!bytes.contains(UInt8(ascii: "<")))
        #expect(!bytes.dropLast().contains { $0 < 0x20 || $0 == 0x7f })
    }
}
