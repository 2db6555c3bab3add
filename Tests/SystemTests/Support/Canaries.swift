// SPDX-License-Identifier: MIT
import Foundation
import Vault

/// Values that must not be where somebody can read them, in every form in which a program writes bytes down: as they
/// are, percent-encoded, base64 and base64url (at each of the three places in a group), and hexadecimal.
struct Canaries: Sendable {
    enum Kind: String, Sendable {
        case secret, key, code, state, cookie, token
    }

    private struct Pattern: Sendable {
        let kind: Kind
        let form: String
        let bytes: [UInt8]
    }

    /// By their first four bytes.
    private var patterns: [UInt32: [Pattern]] = [:]
    /// Long values are looked for in pieces, so that a part of one is found as well.
    private static let piece = 12

    mutating func add(_ kind: Kind, _ text: some StringProtocol) { add(kind, Array(text.utf8)) }

    mutating func add(_ kind: Kind, _ value: [UInt8]) {
        precondition(value.count >= 9, "too short to be found by nothing but itself")
        let starts = stride(from: 0, through: max(0, value.count - Self.piece), by: Self.piece)
        for start in Set(starts).union([max(0, value.count - Self.piece)]) {
            let part = Array(value[start..<min(value.count, start + Self.piece)])
            for (form, bytes) in Self.forms(part) {
                let known = patterns[Self.head(bytes), default: []].contains { $0.bytes == bytes }
                if !known {
                    patterns[Self.head(bytes), default: []].append(.init(kind: kind, form: form, bytes: bytes))
                }
            }
        }
    }

    /// What a flow's cookie and its state tell: of the value only the MAC, for its beginning is a time and a number.
    mutating func add(cookie value: String) {
        guard let bytes = Base64URL.decode(value.utf8), bytes.count > 32 else { return }
        add(.cookie, value.suffix(40))
        add(.cookie, Array(bytes.suffix(32)))
    }

    mutating func add(state: String) {
        add(.state, state)
        if let bytes = Base64URL.decode(state.utf8), bytes.count >= 9 { add(.state, bytes) }
    }

    /// Kind and form of what is there.
    func found(in bytes: some ContiguousBytes) -> [(kind: Kind, form: String)] {
        // One bit for each pair of first bytes: nearly every place is passed by at once.
        var firsts = [Bool](repeating: false, count: 1 << 16)
        for head in patterns.keys { firsts[Int(head & 0xffff)] = true }
        return bytes.withUnsafeBytes { bytes in
            var found: [(kind: Kind, form: String)] = []
            guard bytes.count >= 4 else { return [] }
            var place = 0
            while place <= bytes.count - 4 {
                let head = bytes.loadUnaligned(fromByteOffset: place, as: UInt32.self)
                if firsts[Int(head & 0xffff)], let candidates = patterns[head] {
                    let rest = bytes[place...]
                    for candidate in candidates where rest.starts(with: candidate.bytes) {
                        found.append((candidate.kind, candidate.form))
                    }
                }
                place += 1
            }
            return found
        }
    }

    static func forms(_ value: [UInt8]) -> [(String, [UInt8])] {
        func escaped(_ isUpper: Bool, _ mark: String) -> [UInt8] {
            Array(value.map { mark + ($0 < 16 ? "0" : "") + String($0, radix: 16, uppercase: isUpper) }.joined().utf8)
        }
        var forms = [
            ("raw", value), ("percent-encoded", escaped(false, "%")), ("percent-encoded, capitals", escaped(true, "%")),
            ("hexadecimal", escaped(false, "")), ("hexadecimal, capitals", escaped(true, "")),
        ]
        for shift in 0..<3 {
            // Letters that only this value decides, whatever stands before and behind it.
            let text = Data([UInt8](repeating: 0, count: shift) + value).base64EncodedString().filter { $0 != "=" }
            let bits = (shift + value.count) * 8
            let whole = Array(text.utf8)[(shift * 8 + 5) / 6..<bits / 6]
            forms.append(("base64", Array(whole)))
            forms.append(
                ("base64url", whole.map { $0 == UInt8(ascii: "+") ? 0x2d : $0 == UInt8(ascii: "/") ? 0x5f : $0 }))
        }
        return forms
    }

    private static func head(_ bytes: [UInt8]) -> UInt32 {
        bytes.withUnsafeBytes { $0.loadUnaligned(as: UInt32.self) }
    }
}
