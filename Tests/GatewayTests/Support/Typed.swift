// SPDX-License-Identifier: MIT

/// Streams with a record of a certain type where it may not be.
enum Typed {
    private static let records = [
        begin(), params(pair("REQUEST_METHOD", "POST") + pair("REQUEST_URI", "/")), params(), stdin([1, 2, 3]), stdin(),
    ]

    /// Each type in the place of each record.
    static let instead: [[UInt8]] = records.indices.flatMap { place in
        (0...255 as ClosedRange<UInt8>).map { type in
            var records = records
            records[place][1] = type
            return records.flatMap(\.self)
        }
    }

    /// Each type as one record more before each and after the last, of this request and of none, empty and not.
    static let beside: [[UInt8]] = (0...records.count).flatMap { place in
        (0...255 as ClosedRange<UInt8>).flatMap { type in
            ([0, 1] as [UInt16]).flatMap { id in
                ([[], [0, 1, 0, 0, 0, 0, 0, 0]] as [[UInt8]]).map { content in
                    var records = records
                    records.insert(record(type, id: id, content), at: place)
                    return records.flatMap(\.self)
                }
            }
        }
    }
}
