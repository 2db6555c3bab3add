// SPDX-License-Identifier: MIT
import Instagram
import Testing

@Suite struct PercentEncodingTests {
    @Test("only the unreserved characters stay (RFC 3986, section 2.3)")
    func everyByte() {
        let kept = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~".utf8)
        for byte in UInt8.min...UInt8.max {
            var bytes: [UInt8] = []
            PercentEncoding.append([byte], to: &bytes)
            #expect(bytes.count == (kept.contains(byte) ? 1 : 3))
            #expect(PercentEncoding.decode(bytes) == [byte])
            #expect(PercentEncoding.decode(String(decoding: bytes, as: UTF8.self).lowercased().utf8)?.count == 1)
        }
    }

    @Test("escapes are undone once")
    func once() {
        #expect(PercentEncoding.decode("%2541%41".utf8) == Array("%41A".utf8))
    }

    @Test("a plus is a space only in a query")
    func plus() {
        #expect(PercentEncoding.decode("a+b%2B".utf8) == Array("a+b+".utf8))
        #expect(PercentEncoding.decode("a+b%2B".utf8, plusIsSpace: true) == Array("a b+".utf8))
    }

    @Test(
        "half an escape is none",
        arguments: ["%", "%2", "a%", "%g0", "%0g", "%%41", "%-1", "%+1", "% 1", "%２０", "%4\u{0}"])
    func broken(text: String) {
        #expect(PercentEncoding.decode(text.utf8) == nil)
    }
}
