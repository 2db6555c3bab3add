// SPDX-License-Identifier: MIT

/// What came back on a connection: the records of one FastCGI answer, taken apart strictly.
struct Answer: Equatable {
    var id: UInt16 = 0
    var output: [UInt8] = []
    /// The body of `END_REQUEST`; nil when there was none.
    var end: [UInt8]?

    enum Malformed: Error {
        case record([UInt8])
        case afterTheEnd
    }

    /// nil: not a byte came.
    init?(_ bytes: [UInt8]) throws {
        if bytes.isEmpty { return nil }
        var rest = bytes[...]
        var outputEnded = false
        while !rest.isEmpty {
            if end != nil { throw Malformed.afterTheEnd }
            let header = [UInt8](rest.prefix(8))
            guard header.count == 8, header[0] == 1 else { throw Malformed.record(header) }
            let recordID = UInt16(header[2]) << 8 | UInt16(header[3])
            if id != 0, recordID != id { throw Malformed.record(header) }
            id = recordID
            let length = Int(header[4]) << 8 | Int(header[5])
            guard rest.count >= 8 + length + Int(header[6]) else { throw Malformed.record(header) }
            let content = [UInt8](rest.dropFirst(8).prefix(length))
            switch header[1] {
            case 6 where !outputEnded:
                outputEnded = length == 0
                output += content
            case 3 where outputEnded && length == 8: end = content
            default: throw Malformed.record(header)
            }
            rest = rest.dropFirst(8 + length + Int(header[6]))
        }
    }

    /// Ended by END_REQUEST with application status 0 and "request complete".
    var isComplete: Bool { end == [0, 0, 0, 0, 0, 0, 0, 0] }

    private var split: Int? {
        output.indices.first { output[$0...].starts(with: [13, 10, 13, 10]) }
    }
    /// The lines of the CGI header block.
    var head: [String] {
        String(decoding: output[..<(split ?? output.endIndex)], as: UTF8.self).split(
            separator: "\r\n", omittingEmptySubsequences: false
        ).map(String.init)
    }
    var body: [UInt8] { split.map { [UInt8](output[($0 + 4)...]) } ?? [] }
    var text: String { String(decoding: body, as: UTF8.self) }
}
