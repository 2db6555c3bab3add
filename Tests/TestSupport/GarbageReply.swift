// SPDX-License-Identifier: MIT

/// An answer that no API would give: its number says which, the same in every run.
package struct GarbageReply: Sendable, CustomStringConvertible {
    package enum Kind: String, CaseIterable, Sendable {
        case truncated, wrongType, renamed, deepRoot, deepNeighbour, deepObjects, hugeNumber, duplicateKeys,
            twoDocuments
        case invalidUTF8, utf16, loneSurrogate, nul, control, byteOrderMark, flippedBits, shuffledBytes, randomBytes
        case looseSyntax, scalar, blank, page, longText, manyKeys
    }

    package let number: Int
    package let kind: Kind
    package let body: [UInt8]

    /// What gave a token or a profile in spite of this would have made one up. The other kinds keep a good answer, at
    /// least for a lenient reader: Foundation takes UTF-16, and does not look at members that nobody asks for.
    package enum Spoiled: Sendable {
        case nothing, token, everything
    }

    package var spoiled: Spoiled {
        switch kind {
        case .deepNeighbour, .hugeNumber, .duplicateKeys, .nul, .byteOrderMark, .flippedBits, .manyKeys, .utf16:
            .nothing
        case .invalidUTF8, .loneSurrogate, .control: .token
        default: .everything
        }
    }

    package var description: String { "\(number) \(kind)" }

    /// A good answer to each of the calls at once.
    package static let good =
        #"{"access_token":"IGAA_canary_1","token_type":"bearer","expires_in":5183944,"user_id":17841458366137975,"#
        + #""id":"27640875392278831","username":"acme_shop","name":"Acme","account_type":"BUSINESS","permissions":"#
        + #"["instagram_business_basic","instagram_business_manage_messages"],"success":true,"#
        + #""data":[{"id":"990602627938098","subscribed_fields":["messages"]}]}"#

    package init(_ number: Int) {
        self.number = number
        kind = Kind.allCases[number % Kind.allCases.count]
        var random = SeededNumbers(UInt64(number))
        body = Self.body(kind, &random)
    }

    private static func body(_ kind: Kind, _ random: inout SeededNumbers) -> [UInt8] {
        var bytes = Array(good.utf8)
        let depth = Int.random(in: 600...50_000, using: &random)
        switch kind {
        case .truncated: return Array(bytes.prefix(Int.random(in: 0..<bytes.count, using: &random)))
        case .wrongType: return changingValues(&random)
        case .renamed:
            return Array(
                good.replacing("user_id", with: "uid").replacing("access", with: "excess")
                    .replacing("success", with: "progress").replacing("data", with: "date").utf8)
        case .deepRoot: return repeated("[", depth) + (Bool.random(using: &random) ? repeated("]", depth) : [])
        case .deepObjects: return repeated(#"{"data":"#, depth) + bytes + repeated("}", depth)
        case .deepNeighbour: return Array(#"{"x":"#.utf8) + repeated("[", depth) + repeated("]", depth) + tail
        case .hugeNumber:
            let digits = String(repeating: "9", count: Int.random(in: 20...20_000, using: &random))
            let number = [digits, "-\(digits)", "1e\(digits)", "0.\(digits)", "1e-\(digits)"].randomElement(
                using: &random)!
            return Array(
                good.replacing(["5183944", "17841458366137975"].randomElement(using: &random)!, with: number).utf8)
        case .duplicateKeys:
            let other = ["null", "7", "[]", #""IGAA_canary_2""#].randomElement(using: &random)!
            let twice = #"{"access_token":\#(other),"user_id":\#(other),"#
            return Array(twice.utf8) + bytes.dropFirst()
        case .twoDocuments: return bytes + ["", " ", "\n", ","].randomElement(using: &random)!.utf8 + bytes
        case .invalidUTF8:
            let bad: [[UInt8]] = [[0xff], [0xc0, 0xaf], [0xed, 0xa0, 0x80], [0xf5, 0x80, 0x80, 0x80], [0xe2, 0x82]]
            return replacing("canary", in: bytes, with: bad.randomElement(using: &random)!)
        case .utf16: return good.utf16.flatMap { [UInt8($0 >> 8), UInt8($0 & 255)] }
        case .loneSurrogate: return replacing("canary", in: bytes, with: Array(#"\ud83d"#.utf8))
        case .control:
            return replacing("canary", in: bytes, with: [UInt8.random(in: 1..<32, using: &random)])
        case .nul:
            bytes.insert(0, at: Int.random(in: 0...bytes.count, using: &random))
            return bytes
        case .byteOrderMark: return [0xef, 0xbb, 0xbf] + bytes
        case .flippedBits:
            for _ in 0..<Int.random(in: 1...8, using: &random) {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            }
            return bytes
        case .shuffledBytes: return bytes.shuffled(using: &random)
        case .randomBytes:
            return (0..<Int.random(in: 1...4_096, using: &random)).map { _ in .random(in: 0...255, using: &random) }
        case .looseSyntax:
            let loose = [
                good.replacing("\"", with: "'"), "// hello\n" + good.dropLast(), good.dropLast() + ",,}",
                good.replacing("5183944", with: "NaN,,"), "callback(" + good + ")",
                "access_token=IGAA_canary&user_id=1",
            ]
            return Array(loose.randomElement(using: &random)!.utf8)
        case .scalar:
            let scalars = [
                "null", "true", "0", "-0", "\"\"", "\"canary\"", "[]", "{}", "[{}]", "[[]]", "\"", "{", "e", "-",
            ]
            return Array(scalars.randomElement(using: &random)!.utf8)
        case .blank: return repeated([" ", "\n", "\t", "\r\n"].randomElement(using: &random)!, depth / 10)
        case .page:
            let title = ["Sorry, something went wrong", "502 Bad Gateway", "canary"].randomElement(using: &random)!
            return Array("<!DOCTYPE html><html><title>\(title)</title><script>var x = \(good)</script></html>".utf8)
        case .longText:
            return Array(#"{"access_token":""#.utf8) + repeated("é", depth) + Array(#"","user_id":"x"}"#.utf8)
        case .manyKeys:
            return Array("{".utf8) + (0..<depth / 50).flatMap { Array("\"k\($0)\":{},".utf8) } + bytes.dropFirst()
        }
    }

    /// The good answer as the rest of an object.
    private static let tail = [UInt8(ascii: ",")] + good.utf8.dropFirst()

    private static func repeated(_ text: String, _ count: Int) -> [UInt8] {
        Array(String(repeating: text, count: count).utf8)
    }

    private static func replacing(_ text: String, in bytes: [UInt8], with other: [UInt8]) -> [UInt8] {
        guard let range = bytes.firstRange(of: Array(text.utf8)) else { return bytes }
        return bytes[..<range.lowerBound] + other + bytes[range.upperBound...]
    }

    /// Tokens, ids and the rest of a type that is none for them.
    private static func changingValues(_ random: inout SeededNumbers) -> [UInt8] {
        let odd = ["null", "true", "[]", "{}", "-1", "1.5", "[[\"IGAA_canary\"]]", "{\"a\":1}", "\"\"", "\"\\u0000\""]
        let (token, id) = (odd.randomElement(using: &random)!, odd.randomElement(using: &random)!)
        return Array(
            good.replacing(#""IGAA_canary_1""#, with: token).replacing("17841458366137975", with: id)
                .replacing(#":true,"data":["#, with: #":\#(token == "true" ? "1" : token),"data":7,"x":["#).utf8)
    }
}
