// SPDX-License-Identifier: MIT

/// Streams in which one length says something else than it should, or says it truly and is at an edge of its encoding.
enum Declared {
    private static let content: [UInt16] = [0, 1, 127, 128, 65_535]
    private static let lengths: [UInt32] = [0, 1, 127, 128, 65_535, 0x3fff_ffff, 0x7fff_fffe, 0x7fff_ffff]

    /// A length in one byte, where it fits, and in four.
    private static let encodings: [(length: UInt32, bytes: [UInt8])] =
        lengths.filter { $0 < 128 }.map { ($0, [UInt8($0)]) } + lengths.map { ($0, bigEndian($0 | 0x8000_0000)) }

    private static let variables = [
        pair("REQUEST_METHOD", "POST"), pair("REQUEST_URI", "/"), pair("HTTP_ACCEPT", "*/*"), pair("REQUEST_ID", "1"),
    ]

    /// A pair more, in each place among the others, with each length for its name and each for its value: over the
    /// bytes of another pair, and with as many bytes as it says.
    static let inPairs: [[UInt8]] = (0...variables.count).flatMap { place in
        encodings.flatMap { name in
            encodings.flatMap { value in
                let lengths = name.bytes + value.bytes
                var bodies = [[UInt8]("AB".utf8)]
                if name.length + value.length <= 70_000, name.length <= 65_535, value.length <= 65_535 {
                    bodies.append([UInt8](repeating: UInt8(ascii: "A"), count: Int(name.length + value.length)))
                }
                return bodies.flatMap { body in
                    var pairs = variables
                    pairs.insert(lengths + body, at: place)
                    let parameters = pairs.flatMap(\.self)
                    return (parameters.count < 2_000 ? [65_535, 5] : [65_535]).map { size in
                        begin() + parameters.chunks(of: size).flatMap { params($0) } + params() + stdin([1]) + stdin()
                    }
                }
            }
        }
    }

    private static let records = [
        begin(), params(variables[0]), params(variables[1] + variables[2]), params(variables[3]), params(),
        stdin([1, 2, 3]), stdin([4]), stdin(),
    ]

    /// Each record's content length, with padding and without, over the bytes that were there.
    static let inHeaders: [[UInt8]] = records.indices.flatMap { place in
        content.flatMap { length in
            ([0, 1, 255] as [UInt8]).map { padding in
                var records = records
                records[place].replaceSubrange(4...6, with: bigEndian(length) + [padding])
                return records.flatMap(\.self)
            }
        }
    }

    /// Each record with as much content as it says. 65,535 bytes and 255 of padding are more than the gateway reads,
    /// unless it is told to read more.
    static let inRecords: [[UInt8]] = records.indices.flatMap { place in
        content.flatMap { length in
            ([0, 1, 255] as [UInt8]).map { padding in
                var records = records
                let type = records[place][1]
                var filling = [UInt8](repeating: UInt8(ascii: "A"), count: Int(length))
                if type == 4, length > 6 {
                    filling.replaceSubrange(..<5, with: [1] + bigEndian(UInt32(length - 6) | 0x8000_0000))
                }
                records[place] = record(type, filling, padding: padding)
                return records.flatMap(\.self)
            }
        }
    }
}
