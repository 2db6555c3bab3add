// SPDX-License-Identifier: MIT
import Gateway

/// 3.3: versions, identifiers, lengths and padding of single records.
extension ConformanceCase {
    static let records: [Self] = [
        .answered("3.3", "the shortest stream", "records of one request, one after the other", asking()),
        .refused(.version, "3.3", "version 0", "this is version 1", changed(asking(), at: 0, to: 0)),
        .refused(.version, "3.3", "version 2", "this is version 1", changed(asking(), at: 0, to: 2)),
        .refused(.version, "3.3", "version 255", "this is version 1", changed(asking(), at: 0, to: 255)),
        .refused(.version, "3.3", "version 2 in PARAMS", "this is version 1", changed(asking(), at: 16, to: 2)),
        .refused(
            .version, "3.3", "version 2 in the end of PARAMS", "this is version 1",
            begin() + params(getRoot) + record(4, version: 2) + stdin()),
        .refused(
            .version, "3.3", "version 2 in STDIN", "this is version 1",
            begin() + params(getRoot) + params() + record(5, [1], version: 2) + stdin()),
        .answered(
            "3.3", "a reserved byte that is not 0", "what is reserved says nothing", changed(asking(), at: 7, to: 255)),
        .answered(
            "3.3", "records that end at odd bytes", "multiples of eight are recommended, not asked for",
            asking(size: 7)),
        .answered("3.3", "records of one byte", "content is 0 to 65,535 bytes", asking(size: 1)),
        .refused(
            .tooLarge, "3.3", "a record of 65,535 bytes", "content is 0 to 65,535 bytes",
            begin() + params(getRoot + pair("HTTP_X", letters(65_465))) + params() + stdin(), decision: .bound),
        .refused(
            .tooLarge, "3.3", "a record of 65,535 bytes, padded with 255", "padding is 0 to 255 bytes",
            begin() + params(getRoot) + params() + stdin(bytes(65_535), padding: 255) + stdin(), decision: .bound),
    ]

    static let identifiers: [Self] =
        ([1, 2, 127, 128, 255, 256, 257, 32_768, 65_535] as [UInt16]).map { id in
            .answered(
                "3.3", "request id \(id)", "the sender chooses a number that is not 0; the answer carries it",
                begin(id: id) + params(id: id, getRoot) + params(id: id) + stdin(id: id))
        } + [
            .refused(
                .requestID, "3.3", "BEGIN_REQUEST with id 0", "0 is of management records",
                begin(id: 0) + params(id: 0, getRoot) + params(id: 0) + stdin(id: 0)),
            .refused(
                .requestID, "3.3", "PARAMS with id 0", "0 is of management records",
                begin() + params(id: 0, getRoot) + params() + stdin()),
            .refused(
                .requestID, "3.3", "the end of PARAMS with id 0", "0 is of management records",
                begin() + params(getRoot) + params(id: 0) + stdin()),
            .refused(
                .requestID, "3.3", "STDIN with id 0", "0 is of management records",
                begin() + params(getRoot) + params() + stdin(id: 0, [1]) + stdin()),
            .refused(
                .requestID, "3.3", "the end of STDIN with id 0", "0 is of management records",
                begin() + params(getRoot) + params() + stdin(id: 0)),
        ]

    static let paddings: [Self] =
        ([1, 7, 8, 255] as [UInt8]).flatMap { padding -> [Self] in
            [
                .answered(
                    "3.3", "PARAMS padded with \(padding)", "padding is left out",
                    begin() + params(getRoot, padding: padding) + params() + stdin()),
                .answered(
                    "3.3", "each of many PARAMS padded with \(padding)", "padding is left out",
                    begin() + getRoot.chunks(of: 5).flatMap { params($0, padding: padding) } + params() + stdin()),
                .answered(
                    "3.3", "STDIN padded with \(padding)", "padding is left out",
                    begin() + params(getRoot) + params() + stdin([1, 2, 3], padding: padding) + stdin(),
                    as: Read(body: [1, 2, 3])),
                .answered(
                    "3.3", "each of many STDIN padded with \(padding)", "padding is left out",
                    begin() + params(getRoot) + params()
                        + bytes(50).chunks(of: 5).flatMap { stdin($0, padding: padding) }
                        + stdin(), as: Read(body: bytes(50))),
            ]
        } + [
            .answered(
                "3.3", "padding that looks like records", "padding is left out",
                begin() + Array(params(getRoot, padding: 16).dropLast(16)) + begin(id: 2) + params()
                    + Array(stdin([1], padding: 8).dropLast(8)) + stdin() + stdin(), as: Read(body: [1])),
            .refused(
                .padding, "3.3", "BEGIN_REQUEST padded", "padding is left out",
                begin(padding: 8) + params(getRoot) + params() + stdin(), decision: .padding),
            .refused(
                .padding, "3.3", "the end of PARAMS padded", "padding is left out",
                begin() + params(getRoot) + params(padding: 8) + stdin(), decision: .padding),
            .refused(
                .padding, "3.3", "the end of STDIN padded", "padding is left out",
                begin() + params(getRoot) + params() + stdin(padding: 1), decision: .padding),
        ]

    static func changed(_ bytes: [UInt8], at place: Int, to byte: UInt8) -> [UInt8] {
        var bytes = bytes
        bytes[place] = byte
        return bytes
    }
}
