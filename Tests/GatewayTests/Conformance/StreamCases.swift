// SPDX-License-Identifier: MIT
@testable import Gateway

/// 3.3 and 5.3: streams, their ends, and what is in them.
extension ConformanceCase {
    private static let sequence = "BEGIN_REQUEST, the stream of PARAMS to its end, the stream of STDIN to its end"

    static let order: [Self] = [
        .refused(.order, "5.1", "PARAMS first", sequence, params(getRoot) + params() + stdin()),
        .refused(.order, "5.1", "STDIN first", sequence, stdin()),
        .refused(.order, "5.1", "BEGIN_REQUEST twice", sequence, begin() + asking()),
        .refused(.order, "5.1", "BEGIN_REQUEST among PARAMS", sequence, begin() + params(getRoot) + begin() + params()),
        .refused(
            .order, "5.1", "BEGIN_REQUEST in the body", sequence,
            begin() + params(getRoot) + params() + stdin([1]) + begin() + stdin()),
        .refused(.order, "6.2", "STDIN before PARAMS", sequence, begin() + stdin() + params(getRoot) + params()),
        .refused(
            .order, "6.2", "STDIN before the end of PARAMS", sequence,
            begin() + params(getRoot) + stdin([1]) + params() + stdin()),
        .refused(
            .order, "3.3", "PARAMS after their end", sequence,
            begin() + params() + params(getRoot) + params() + stdin()),
        .refused(
            .order, "3.3", "the end of PARAMS twice", sequence,
            begin() + params(getRoot) + params() + params() + stdin()),
        .refused(
            .order, "3.3", "PARAMS in the body", sequence,
            begin() + params(getRoot) + params() + stdin([1]) + params() + stdin()),
        .refused(.trailingBytes, "3.3", "STDIN after its end", sequence, asking() + stdin([1])),
        .refused(.trailingBytes, "3.3", "the end of STDIN twice", sequence, asking() + stdin()),
        .refused(.trailingBytes, "3.3", "PARAMS after the end of STDIN", sequence, asking() + params()),
        .refused(.trailingBytes, "3.3", "one byte after the end of STDIN", sequence, asking() + [1]),
    ]

    private static let ends = "a stream ends with an empty record"

    static let unfinished: [Self] = [
        .left("3.5", "nothing is sent", "the web server may close at any time", []),
        .left("3.3", "a header is cut", "a record is a header and what it declares", Array(begin().prefix(7))),
        .left("3.3", "BEGIN_REQUEST is cut", "a record is a header and what it declares", Array(begin().dropLast())),
        .left("3.3", "BEGIN_REQUEST and no more", ends, begin()),
        .left("3.3", "PARAMS without their end", ends, begin() + params(getRoot)),
        .left("3.3", "padding is cut", "padding follows", begin() + params(getRoot, padding: 9).dropLast()),
        .left("3.3", "no STDIN", ends, begin() + params(getRoot) + params()),
        .left("3.3", "STDIN without its end", ends, begin() + params(getRoot) + params() + stdin([1])),
        .left("3.3", "the end of STDIN is cut", ends, asking().dropLast()),
        .stalled("3.3", "PARAMS without their end, and a peer that stays", ends, begin() + params(getRoot)),
        .stalled("3.3", "the end of STDIN is cut, and a peer that stays", ends, asking().dropLast()),
        .stalled("3.2", "nothing is sent, and a peer that stays", "no time is set", []),
    ]

    private static let anyRecords = "a stream is cut into records as its sender likes"

    static let input: [Self] =
        [0, 1, 127, 128, 255, 256, 16_383, 16_384].map { count in
            .answered(
                "5.3", "a body of \(count)", "bytes of any number", asking([], bytes(count)),
                as: Read(body: bytes(count)))
        }
        + [16_385, 60_000].map { count in
            .answered(
                "5.3", "a body of \(count), which the handler hears of", "bytes of any number",
                asking([], bytes(count)), as: Read(bodyExceedsLimit: true), decision: .bound)
        }
        + [1, 7, 8, 255, 256, 4_096].map { size in
            .answered(
                "5.3", "a body in records of \(size)", anyRecords,
                begin() + params(getRoot) + params() + bytes(600).chunks(of: size).flatMap { stdin($0) } + stdin(),
                as: Read(body: bytes(600)))
        } + [
            .answered(
                "5.3", "a body in records that differ", anyRecords,
                begin() + params(getRoot) + params() + stdin([0]) + stdin(Array(1...200)) + stdin([201, 202]) + stdin(),
                as: Read(body: bytes(203))),
            .answered(
                "5.3", "a body that looks like a request", "bytes of any kind", asking([], asking()),
                as: Read(body: asking())),
            .answered(
                "5.2", "a pair split within its lengths", anyRecords,
                begin() + params(getRoot + [6, 0x80, 0]) + params([0, 1] + [UInt8]("HTTP_Xv".utf8)) + params()
                    + stdin(), as: Read(fields: [("X", "v")])),
            .answered(
                "5.2", "a pair split between its name and its value", anyRecords,
                begin() + params(getRoot + [6, 1] + [UInt8]("HTTP_X".utf8)) + params([UInt8]("v".utf8)) + params()
                    + stdin(), as: Read(fields: [("X", "v")])),
            .answered(
                "5.2", "pairs in records of three bytes", anyRecords,
                asking(pair("HTTP_X", letters(300), long: true), size: 3), as: Read(fields: [("X", letters(300))])),
        ]

    private static let comparing = "who changes something compares CONTENT_LENGTH with what came"

    static let declaredLength: [Self] = [
        length("3", "as it is", body: [1, 2, 3], read: "3"),
        length("003", "as it is, with zeros before it", body: [1, 2, 3], read: "003"),
        length("0", "0, and no body", body: [], read: "0"),
        length("2", "one less", body: [1, 2, 3]),
        length("4", "one more", body: [1, 2, 3]),
        length("3", "and no body", body: []),
        length("0", "0, and a body", body: [1]),
        length("-3", "below 0", body: [1, 2, 3]),
        length("+3", "with a sign", body: [1, 2, 3]),
        length("3 ", "with a space, which is not of a field's value", body: [1, 2, 3], read: "3"),
        length("3.0", "with a point", body: [1, 2, 3]),
        length("0x3", "in hexadecimal", body: [1, 2, 3]),
        length("18446744073709551619", "above 64 bits", body: [1, 2, 3]),
        .answered(
            "6.2", "no CONTENT_LENGTH, and a body", comparing, asking([], [1, 2, 3]), as: Read(body: [1, 2, 3])),
        .answered(
            "6.2", "an empty CONTENT_LENGTH, as nginx sends it without a body", comparing,
            asking(pair("CONTENT_LENGTH", ""))),
    ]

    /// - Parameter read: What the handler sees; nil where it sees nothing.
    private static func length(_ declared: String, _ name: String, body: [UInt8], read: String? = nil) -> Self {
        let (name, wire) = ("CONTENT_LENGTH \(declared), \(name)", asking(pair("CONTENT_LENGTH", declared), body))
        guard let read else {
            return .unreadable(.malformed("CONTENT_LENGTH"), "6.2", name, comparing, wire, decision: .exactLength)
        }
        return .answered("6.2", name, comparing, wire, as: Read(fields: [("Content-Length", read)], body: body))
    }
}
