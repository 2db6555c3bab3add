// SPDX-License-Identifier: MIT
import Foundation
import Vault

@testable import Connect

/// Other ways to write the same bytes, and bytes that nobody signed.
extension Forger {
    static let encoded: [(name: String, trick: Trick)] = [
        (
            "padding, blanks, quotes and line ends around it or inside",
            { forger in
                let sample = forger.sample()
                let odd = [
                    "=", "==", " ", "  ", "\t", "\"", "'", ",", ".", "\n", "\r", "\u{a0}", "\u{2003}", "\u{feff}", "\0",
                    "\u{301}", "%20", "%3D", "+", "\\",
                ].randomElement(using: &forger.numbers)!
                var value = sample.value
                switch forger.number(0..<4) {
                case 0: value += odd.utf8
                case 1: value = Array(odd.utf8) + value
                case 2: value = Array(odd.utf8) + value + Array(odd.utf8)
                default: value.insert(contentsOf: Array(odd.utf8), at: forger.number(1..<value.count))
                }
                return sample.carrying(value)
            }
        ),
        (
            "the other alphabet of base64, with padding or without",
            { forger in
                let sample = forger.sample()
                var text = Data(sample.payload + sample.mac).base64EncodedString()
                if forger.number(0..<2) == 0 { text = text.filter { $0 != "=" } }
                // Where it is the same text, both signs are there once more.
                if Array(text.utf8) == sample.value { text += "+/" }
                return sample.carrying(Array(text.utf8))
            }
        ),
        (
            "bits at the end that belong to no byte",
            { forger in
                var sample = forger.sample()
                while sample.value.count % 4 == 0 { sample = forger.sample() }
                let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
                let free = sample.value.count % 4 == 2 ? 16 : 4
                let last = alphabet.firstIndex(of: sample.value.last!)!
                let value = sample.value.dropLast() + [alphabet[last + forger.number(1..<free)]]
                return sample.carrying(Array(value))
            }
        ),
        (
            "letters of the other case",
            { forger in
                let sample = forger.sample()
                let text = String(decoding: sample.value, as: UTF8.self)
                switch forger.number(0..<3) {
                case 0: return sample.carrying(Array(text.lowercased().utf8))
                case 1: return sample.carrying(Array(text.uppercased().utf8))
                default:
                    var value = sample.value
                    let places = value.indices.filter { (value[$0] | 0x20) >= 0x61 && (value[$0] | 0x20) <= 0x7a }
                    value[places.randomElement(using: &forger.numbers)!] ^= 0x20
                    return sample.carrying(value)
                }
            }
        ),
        (
            "escaped, in hexadecimal, or encoded twice",
            { forger in
                let sample = forger.sample()
                func hex(_ byte: UInt8) -> String { (byte < 16 ? "0" : "") + String(byte, radix: 16) }
                let text: String =
                    switch forger.number(0..<4) {
                    case 0: sample.value.map { "%" + hex($0) }.joined()
                    case 1: (sample.payload + sample.mac).map(hex).joined()
                    case 2: Base64URL.encode(sample.value)
                    default: Data(sample.value).base64EncodedString()
                    }
                return sample.carrying(Array(text.utf8))
            }
        ),
        (
            "random bytes of a right shape",
            { forger in
                let sample = forger.sample()
                return sample.carrying(payload: forger.bytes(sample.payload.count), mac: forger.bytes(32))
            }
        ),
        (
            "a genuine payload and a random MAC",
            { forger in
                let sample = forger.sample()
                return sample.carrying(payload: sample.payload, mac: forger.bytes(32))
            }
        ),
        (
            "letters, empty, or huge",
            { forger in
                let sample = forger.sample()
                return switch forger.number(0..<8) {
                case 0: sample.carrying([])
                case 1: sample.carrying(forger.letters(4_096))
                case 2: sample.carrying(sample.value + forger.letters(8_192))
                default: sample.carrying(forger.letters(forger.number(1..<400)))
                }
            }
        ),
        (
            "a token that names its own algorithm",
            { forger in
                let sample = forger.sample()
                let algorithm = ["none", "None", "NONE", "HS256", "HS512", "RS256", "dir"].randomElement(
                    using: &forger.numbers)!
                let header = Base64URL.encode(
                    Array(#"{"alg":"\#(algorithm)","typ":"JWT","kid":"../../dev/null"}"#.utf8))
                let body = header + "." + Base64URL.encode(sample.payload)
                let empty = HMACSHA256(key: Key(utf8: "secret")).authenticate(Array(body.utf8))
                let end = [".", "", "." + Base64URL.encode(sample.mac), "." + Base64URL.encode(empty)]
                return sample.carrying(Array((body + end.randomElement(using: &forger.numbers)!).utf8))
            }
        ),
        (
            "a key's id or a version before the value",
            { forger in
                let sample = forger.sample()
                let prefix = ["a.", "b.", "z.", "a:", "v1.", "v0.", "1", "a", "a=", "{}."].randomElement(
                    using: &forger.numbers)!
                return sample.carrying(Array(prefix.utf8) + sample.value)
            }
        ),
    ]
}
