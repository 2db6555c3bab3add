// SPDX-License-Identifier: MIT

/// RFC 4648, section 5, without padding (section 3.2). Strict and canonical: no two texts decode alike (section 3.5).
/// No table is indexed by a byte and no branch depends on one: keys pass through here too.
package enum Base64URL {
    package static func encode(_ bytes: some Collection<UInt8>) -> String {
        bytes.withContiguousBytes { source in
            String(unsafeUninitializedCapacity: encodedCount(of: source.count)) { target in
                encode(source, into: target)
            }
        }
    }

    /// Nil for padding, another alphabet, an impossible length, and bits at the end that belong to no byte.
    package static func decode(_ utf8: some Collection<UInt8>) -> [UInt8]? {
        utf8.withContiguousBytes { source in
            guard let count = decodedCount(of: source.count) else { return nil }
            var valid = false
            let bytes = [UInt8](unsafeUninitializedCapacity: count) { target, initialized in
                valid = decode(source, into: UnsafeMutableRawBufferPointer(target))
                initialized = count
            }
            return valid ? bytes : nil
        }
    }

    static func encodedCount(of bytes: Int) -> Int { (bytes * 4 + 2) / 3 }

    /// Nil for the length that no text has: one more than a multiple of four.
    static func decodedCount(of text: Int) -> Int? { text % 4 == 1 ? nil : text / 4 * 3 + text % 4 * 3 / 4 }

    private static func encode(_ source: UnsafeBufferPointer<UInt8>, into target: UnsafeMutableBufferPointer<UInt8>)
        -> Int
    {
        var (read, written) = (0, 0)
        func write(_ group: Int32, _ count: Int) {
            for index in 0..<count {
                target[written + index] = letter(group >> Int32(18 - 6 * index) & 63)
            }
            written += count
        }
        while read + 3 <= source.count {
            write(Int32(source[read]) << 16 | Int32(source[read + 1]) << 8 | Int32(source[read + 2]), 4)
            read += 3
        }
        switch source.count - read {
        case 1: write(Int32(source[read]) << 16, 2)
        case 2: write(Int32(source[read]) << 16 | Int32(source[read + 1]) << 8, 3)
        default: break
        }
        return written
    }

    /// Fills `target`, which has `decodedCount` bytes, whatever the text; false where the text is not canonical.
    static func decode(_ source: UnsafeBufferPointer<UInt8>, into target: UnsafeMutableRawBufferPointer) -> Bool {
        var (read, written) = (0, 0)
        var faults: Int32 = 0  // negative once a byte was foreign, positive bits where a tail was not zero
        while read + 4 <= source.count {
            let (a, b) = (sextet(source[read]), sextet(source[read + 1]))
            let (c, d) = (sextet(source[read + 2]), sextet(source[read + 3]))
            faults |= (a | b | c | d) & Int32.min
            let group = a << 18 | b << 12 | c << 6 | d
            target[written] = UInt8(truncatingIfNeeded: group >> 16)
            target[written + 1] = UInt8(truncatingIfNeeded: group >> 8)
            target[written + 2] = UInt8(truncatingIfNeeded: group)
            (read, written) = (read + 4, written + 3)
        }
        let tail = source.count - read
        guard tail >= 2 else { return tail == 0 && faults == 0 }
        let (a, b) = (sextet(source[read]), sextet(source[read + 1]))
        target[written] = UInt8(truncatingIfNeeded: a << 2 | b >> 4)
        guard tail == 3 else { return (faults | (a | b) & Int32.min | b & 0b1111) == 0 }
        let c = sextet(source[read + 2])
        target[written + 1] = UInt8(truncatingIfNeeded: b << 4 | c >> 2)
        return (faults | (a | b | c) & Int32.min | c & 0b11) == 0
    }

    /// 0...63 to its letter. `(k - x) >> 8` is all ones where `x > k`, else zero.
    private static func letter(_ sextet: Int32) -> UInt8 {
        var letter = 65 &+ sextet  // A
        letter &+= (25 &- sextet) >> 8 & 6  // a
        letter &-= (51 &- sextet) >> 8 & 75  // 0
        letter &-= (61 &- sextet) >> 8 & 13  // -
        letter &+= (62 &- sextet) >> 8 & 49  // _
        return UInt8(truncatingIfNeeded: letter)
    }

    /// A letter to 0...63, anything else to -1. `(l - x) & (x - h) >> 8` is all ones where `l < x < h`, else zero.
    private static func sextet(_ letter: UInt8) -> Int32 {
        let x = Int32(letter)
        var sextet: Int32 = -1
        sextet &+= ((64 &- x) & (x &- 91)) >> 8 & (x &- 64)  // A-Z
        sextet &+= ((96 &- x) & (x &- 123)) >> 8 & (x &- 70)  // a-z
        sextet &+= ((47 &- x) & (x &- 58)) >> 8 & (x &+ 5)  // 0-9
        sextet &+= ((44 &- x) & (x &- 46)) >> 8 & 63  // -
        sextet &+= ((94 &- x) & (x &- 96)) >> 8 & 64  // _
        return sextet
    }
}
