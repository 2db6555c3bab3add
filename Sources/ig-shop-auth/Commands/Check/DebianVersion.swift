// SPDX-License-Identifier: MIT

/// A version in the order of deb-version(7), which also orders plain numbers such as 3.0.22.
struct DebianVersion: Comparable {
    private let epoch: Int
    private let upstream: String
    private let revision: String

    init(_ text: String) {
        let colon = text.firstIndex(of: ":")
        epoch = colon.flatMap { Int(text[..<$0]) } ?? 0
        let rest = colon.map { text[text.index(after: $0)...] } ?? text[...]
        let dash = rest.lastIndex(of: "-")
        upstream = String(dash.map { rest[..<$0] } ?? rest)
        revision = String(dash.map { rest[rest.index(after: $0)...] } ?? "")
    }

    /// What its makers call it.
    static func upstream(_ text: String) -> String { DebianVersion(text).upstream }

    static func < (one: DebianVersion, other: DebianVersion) -> Bool {
        if one.epoch != other.epoch { return one.epoch < other.epoch }
        let order = compare(one.upstream, other.upstream)
        return order != 0 ? order < 0 : compare(one.revision, other.revision) < 0
    }

    static func == (one: DebianVersion, other: DebianVersion) -> Bool { !(one < other) && !(other < one) }

    /// Parts without digits and numbers in turn.
    private static func compare(_ one: String, _ other: String) -> Int {
        var (one, other) = (Array(one.utf8)[...], Array(other.utf8)[...])
        while !one.isEmpty || !other.isEmpty {
            while true {
                let (left, right) = (weight(one.first), weight(other.first))
                if left != right { return left - right }
                if left == 0 { break }
                (one, other) = (one.dropFirst(), other.dropFirst())
            }
            let (left, right) = (number(&one), number(&other))
            if left != right { return left < right ? -1 : 1 }
        }
        return 0
    }

    /// A tilde comes before the end, the end and a digit before letters, letters before the rest.
    private static func weight(_ byte: UInt8?) -> Int {
        switch byte {
        case nil: 0
        case let digit? where (0x30...0x39).contains(digit): 0
        case UInt8(ascii: "~"): -1
        case let letter? where (0x41...0x5a).contains(letter & 0xdf): Int(letter)
        case let other?: Int(other) + 256
        }
    }

    private static func number(_ bytes: inout ArraySlice<UInt8>) -> Int {
        let digits = bytes.prefix { (0x30...0x39).contains($0) }
        bytes = bytes.dropFirst(digits.count)
        return digits.reduce(0) { min($0, Int.max / 20) * 10 + Int($1 - 0x30) }
    }
}
