// SPDX-License-Identifier: MIT

/// What a stream says by the specification: a second opinion beside `Screen`, written the other way round.
package struct Understood: Equatable {
    /// `NAME=value` in the order of the stream.
    package var entries: [[UInt8]] = []
    package var body: [UInt8] = []

    /// nil: not one whole request and nothing else.
    package init?(_ bytes: [UInt8], limit: Int = 65_536) {
        guard bytes.count <= limit, var records = Self.records(bytes), records.count >= 3 else { return nil }
        let begin = records.removeFirst()
        guard begin.type == 1, begin.id != 0, begin.content.count == 8, begin.padding == 0,
            begin.content.starts(with: [0, 1]), records.allSatisfy({ $0.id == begin.id })
        else { return nil }
        guard let parameters = Self.stream(4, &records), let body = Self.stream(5, &records), records.isEmpty,
            let entries = Self.entries(parameters), entries.count <= 128
        else { return nil }
        self.entries = entries
        self.body = body
    }

    private typealias Record = (type: UInt8, id: UInt16, content: ArraySlice<UInt8>, padding: Int)

    private static func records(_ bytes: [UInt8]) -> [Record]? {
        var rest = bytes[...]
        var records: [Record] = []
        while !rest.isEmpty {
            let at = rest.startIndex
            guard rest.count >= 8, rest[at] == 1 else { return nil }
            let (length, padding) = (Int(rest[at + 4]) * 256 + Int(rest[at + 5]), Int(rest[at + 6]))
            rest = rest.dropFirst(8)
            guard rest.count >= length + padding else { return nil }
            let id = UInt16(bytes[at + 2]) * 256 + UInt16(bytes[at + 3])
            records.append((bytes[at + 1], id, rest.prefix(length), padding))
            rest = rest.dropFirst(length + padding)
        }
        return records
    }

    /// Takes the records of one stream away, with the empty one that ends it.
    private static func stream(_ type: UInt8, _ records: inout [Record]) -> [UInt8]? {
        guard let end = records.firstIndex(where: { $0.content.isEmpty }),
            records[...end].allSatisfy({ $0.type == type }), records[end].padding == 0
        else { return nil }
        defer { records.removeFirst(end + 1) }
        return records[..<end].flatMap(\.content)
    }

    private static func entries(_ stream: [UInt8]) -> [[UInt8]]? {
        var rest = stream[...]
        func length() -> Int? {
            guard let first = rest.popFirst() else { return nil }
            if first < 128 { return Int(first) }
            guard rest.count >= 3 else { return nil }
            defer { rest = rest.dropFirst(3) }
            return rest.prefix(3).reduce(Int(first) - 128) { $0 * 256 + Int($1) }
        }
        var entries: [[UInt8]] = []
        while !rest.isEmpty {
            guard let name = length(), let value = length(), name > 0, rest.count >= name + value else { return nil }
            let entry = [UInt8](rest.prefix(name)) + [UInt8(ascii: "=")] + [UInt8](rest.dropFirst(name).prefix(value))
            guard entry.firstIndex(of: UInt8(ascii: "=")) == name, !entry.contains(0) else { return nil }
            entries.append(entry)
            rest = rest.dropFirst(name + value)
        }
        return entries
    }
}
