// SPDX-License-Identifier: MIT

/// Values of the table, cut, joined and spiced, without end: the same ones for the same seed.
package struct ReturnToMutations: Sequence, IteratorProtocol {
    private static let spices: [[UInt8]] = [
        "/", "//", "\\", "%2f", "%2F", "%5c", "%5C", ".", "..", "%2e", "%2E%2e", "?", "#", "@", ":", "%00", "%09",
        "%0a", "\t", "\n", "\r", " ", "%", "%25", "%252f", "evil.example", "http:", "https://", "javascript:", "&", ";",
        "=", "\u{0}", "\u{2028}", "\u{ff0f}", "\u{3002}", "%c0%af", "%ef%bc%8f", "[::1]", "..;", "xn--",
    ].map { Array($0.utf8) }

    private var numbers: SeededNumbers
    private let parts: [[UInt8]]
    private let paths: [[UInt8]]

    package init(seed: UInt64) {
        numbers = SeededNumbers(seed)
        let short = ReturnToTable.shared.accepted.filter { $0.count < 100 }
        parts = ReturnToTable.shared.refused.filter { $0.count < 100 } + short
        paths = short
    }

    /// Half of them begin as a path that is accepted, so that both sides of the border are reached.
    package mutating func next() -> String? {
        var value = (Bool.random(using: &numbers) ? paths : parts).randomElement(using: &numbers)!
        for _ in 0..<Int.random(in: 1...4, using: &numbers) {
            let place = Int.random(in: 0...value.count, using: &numbers)
            switch Int.random(in: 0..<8, using: &numbers) {
            case 0 where place < value.count: value.remove(at: place)
            case 1 where place < value.count: value[place] ^= 1 << UInt8.random(in: 0..<7, using: &numbers)
            case 2: value.insert(contentsOf: parts.randomElement(using: &numbers)!, at: place)
            case 3: value.removeSubrange(place...)
            default: value.insert(contentsOf: Self.spices.randomElement(using: &numbers)!, at: place)
            }
        }
        return String(decoding: value, as: UTF8.self)
    }
}
