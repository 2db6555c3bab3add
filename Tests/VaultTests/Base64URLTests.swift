// SPDX-License-Identifier: MIT
import Testing
import Vault

@Suite struct Base64URLTests {
    @Test("the vectors of RFC 4648 and RFC 7515 hold, both ways", arguments: try Vectors.load("rfc4648-base64url.txt"))
    func vectors(vector: Vectors.Case) {
        #expect(Base64URL.encode(vector.bytes("Bytes")) == vector.text("Text"))
        #expect(Base64URL.decode(vector.text("Text").utf8) == vector.bytes("Bytes"))
    }

    @Test("every length comes back as it went")
    func roundTrip() {
        let random = Randomness.seeded(1)
        for count in 0...300 {
            let bytes = random.bytes(count)
            let text = Base64URL.encode(bytes)
            #expect(text.utf8.count == (count * 4 + 2) / 3)
            #expect(Base64URL.decode(text.utf8) == bytes)
            #expect(Base64URL.decode(Array(text.utf8).lazy.map { $0 }) == bytes)
            #expect(Base64URL.encode(bytes.lazy.map { $0 }) == text)
        }
    }

    @Test("each of the 64 letters stands for its own value, and no other byte for any", arguments: 0..<4)
    func alphabet(position: Int) {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
        for byte in UInt8.min...UInt8.max {
            var text = Array("AAAA".utf8)
            text[position] = byte
            let value = alphabet.firstIndex(of: byte).map { $0 << (18 - 6 * position) }
            #expect(Base64URL.decode(text).map { $0.reduce(0) { $0 << 8 | Int($1) } } == value)
        }
    }

    @Test(
        "a foreign byte in a tail of two or three is refused", arguments: ["A", "AA"], Array("+/=. \n\0,^`@[{é".utf8))
    func foreignTail(head: String, byte: UInt8) {
        for position in 0...head.utf8.count {
            var text = Array("AAAA\(head)".utf8)
            text.insert(byte, at: 4 + position)
            #expect(Base64URL.decode(text) == nil)
        }
    }

    @Test("no two texts decode alike: of each length exactly as many texts are taken as there are bytes")
    func canonical() {
        let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
        var taken = 0
        for a in letters {
            for b in letters {
                guard let bytes = Base64URL.decode([a, b]) else { continue }
                taken += 1
                #expect(Array(Base64URL.encode(bytes).utf8) == [a, b])
            }
        }
        #expect(taken == 256)
        // Three letters carry two bytes: the last one has 16 of its 64 values.
        #expect(letters.filter { Base64URL.decode([65, 65, $0]) != nil } == Array("AEIMQUYcgkosw048".utf8))
    }

    @Test(
        "padding, other alphabets and impossible lengths are refused",
        arguments: [
            "Zg==", "Zg=", "Zm8=", "Zm9v====", "=", "A", "AAAAA", "ab+/", "Zm 9v", "Zm9v\n", "Zh", "Zm9", "é", " ",
        ])
    func refused(text: String) {
        #expect(Base64URL.decode(text.utf8) == nil)
    }
}
