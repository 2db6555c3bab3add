// SPDX-License-Identifier: MIT

/// A key's name: 1 to 32 of `A-Z a-z 0-9 . _ -`. Not secret: it stands in boxes, the journal and `check`.
package struct KeyID: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// ASCII, so comparing as `String` is comparing bytes.
    package let description: String

    package init?(_ utf8: some Collection<UInt8>) {
        guard (1...Self.maximumCount).contains(utf8.count), utf8.allSatisfy(Self.isAllowed) else { return nil }
        description = String(decoding: utf8, as: UTF8.self)
    }

    package init?(_ text: String) {
        self.init(text.utf8)
    }

    static let maximumCount = 32

    package static func < (left: Self, right: Self) -> Bool { left.description < right.description }

    package static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: false
        }
    }
}
