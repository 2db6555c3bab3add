// SPDX-License-Identifier: MIT
import Gateway

/// 3.3 and 3.5: several requests, pieces that arrive one by one; 5.3, 5.5 and 6.2: answers of each size.
extension ConformanceCase {
    private static let several = "a web server sends several at once only to who says that he takes them"

    static let interleaving: [Self] = [
        .refused(
            .order, "3.3", "a second request after BEGIN_REQUEST", several,
            begin(id: 1) + begin(id: 2) + params(id: 1, getRoot), decision: .oneRequest),
        .refused(
            .order, "3.3", "a second request among PARAMS", several,
            begin(id: 1) + params(id: 1, getRoot) + begin(id: 2), decision: .oneRequest),
        .refused(
            .order, "3.3", "a second request in the body", several,
            begin(id: 1) + params(id: 1, getRoot) + params(id: 1) + stdin(id: 1, [1]) + begin(id: 2),
            decision: .oneRequest),
        .refused(
            .trailingBytes, "3.5", "a second request after the first", "one after the other on a kept connection",
            asking() + asking(), decision: .oneRequest),
        .refused(
            .trailingBytes, "3.5", "the beginning of a second request after the first",
            "one after the other on a kept connection", asking() + begin(id: 2), decision: .oneRequest),
        .refused(
            .requestID, "3.3", "PARAMS of another request", several, begin(id: 1) + params(id: 2, getRoot),
            decision: .oneRequest),
        .refused(
            .requestID, "3.3", "PARAMS of two requests in turn", several,
            begin(id: 1) + params(id: 1, getRoot) + params(id: 2, getRoot), decision: .oneRequest),
        .refused(
            .requestID, "3.3", "the end of PARAMS of another request", several,
            begin(id: 1) + params(id: 1, getRoot) + params(id: 2), decision: .oneRequest),
        .refused(
            .requestID, "3.3", "STDIN of another request", several,
            begin(id: 1) + params(id: 1, getRoot) + params(id: 1) + stdin(id: 2, [1]), decision: .oneRequest),
        .refused(
            .requestID, "3.3", "the end of STDIN of another request", several,
            begin(id: 1) + params(id: 1, getRoot) + params(id: 1) + stdin(id: 2), decision: .oneRequest),
        .refused(
            .requestID, "3.3", "an id that differs in its high byte", several,
            begin(id: 1) + params(id: 257, getRoot), decision: .oneRequest),
        .answered(
            "3.3", "the same id on two connections at once", "an id is unique on its connection",
            begin() + params(getRoot), params() + stdin()),
    ]

    private static let pieces = "a transport delivers bytes, not records"

    static let split: [Self] =
        [
            ("a request without a body", asking(), Read()),
            ("a request with a body", asking([], [1, 2, 3]), Read(body: [1, 2, 3])),
            ("a request in many records", asking([], bytes(12), size: 9), Read(body: bytes(12))),
            (
                "a padded request",
                begin() + params(getRoot, padding: 7) + params() + stdin([1], padding: 15) + stdin(), Read(body: [1])
            ),
            (
                "four-byte lengths", asking(pair("HTTP_X", "v", long: true)), Read(fields: [("X", "v")])
            ),
        ].map { (name: String, wire: [UInt8], read: Read) in
            var cut = answered("3.3", "\(name), cut in two at every byte", pieces, wire, as: read)
            cut.cutEverywhere = true
            return cut
        } + [
            Self(
                section: "3.3", name: "a request byte by byte", says: pieces, pieces: asking().map { [$0] },
                outcome: .answered(Read())),
            Self(
                section: "3.3", name: "a request record by record", says: pieces,
                pieces: [begin(), params(getRoot), params(), stdin([1]), stdin([2]), stdin()],
                outcome: .answered(Read(body: [1, 2]))),
        ]

    static let answers: [Self] = [
        0, 1, 7, 8, 127, 128, 8_100, 8_184, 8_192, 16_384, 65_535, 65_536, 100_000, 190_000,
    ].map { count in
        var sized = answered(
            "5.5", "an answer with a body of \(count)", "STDOUT to its end, then END_REQUEST: request complete",
            asking())
        sized.answer = count
        return sized
    }
}
