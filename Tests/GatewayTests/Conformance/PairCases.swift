// SPDX-License-Identifier: MIT
@testable import Gateway

/// 3.4 and 5.2: name-value pairs.
extension ConformanceCase {
    private static let says = "a length below 128 takes one byte or four, another one four"

    static let pairLengths: [Self] =
        [1, 127, 128, 255, 256, 65_000].flatMap { count -> [Self] in
            let (name, value) = (letters(count, "N"), letters(count, "v"))
            return [
                .answered(
                    "3.4", "a name of \(count)", says, asking(pair(name, "v")), as: Read(variables: [(name, "v")])),
                .answered(
                    "3.4", "a value of \(count)", says, asking(pair("HTTP_X", value)), as: Read(fields: [("X", value)])),
            ]
        }
        + [1, 127].flatMap { count -> [Self] in
            let (name, value) = (letters(count, "N"), letters(count, "v"))
            return [
                .answered(
                    "3.4", "a name of \(count) with its length in four bytes", says,
                    asking(pair(name, "v", long: true)), as: Read(variables: [(name, "v")])),
                .answered(
                    "3.4", "a value of \(count) with its length in four bytes", says,
                    asking(pair("HTTP_X", value, long: true)), as: Read(fields: [("X", value)])),
            ]
        } + [
            .answered(
                "3.4", "a value of 0", says, asking(pair("REMOTE_USER", "")),
                as: Read(variables: [("REMOTE_USER", "")])),
            .answered(
                "3.4", "a value of 0 with its length in four bytes", says,
                asking(pair("REMOTE_USER", "", long: true)), as: Read(variables: [("REMOTE_USER", "")])),
            .answered("3.4", "an empty header field, which is none", says, asking(pair("HTTP_ACCEPT", ""))),
            .answered(
                "3.4", "one length in one byte, the other in four", says,
                asking([6] + bigEndian(UInt32(0x8000_0001)) + [UInt8]("HTTP_Xv".utf8)),
                as: Read(fields: [("X", "v")])),
            .answered(
                "3.4", "one length in four bytes, the other in one", says,
                asking(bigEndian(UInt32(0x8000_0006)) + [1] + [UInt8]("HTTP_Xv".utf8)),
                as: Read(fields: [("X", "v")])),
            .refused(.pairName, "3.4", "a name of 0", says, asking([0, 1, 65]), decision: .cString),
            .refused(.pairName, "3.4", "a name and a value of 0", says, asking([0, 0]), decision: .cString),
            .refused(
                .pairName, "3.4", "a name of 0 with its length in four bytes", says,
                asking([0x80, 0, 0, 0, 1, 65]), decision: .cString),
        ]

    static let pairLimits: [Self] = [
        .refused(.pairLength, "3.4", "a length and nothing else", "pairs follow each other whole", asking([1])),
        .refused(.pairLength, "3.4", "half of a length", "pairs follow each other whole", asking([0x80, 0])),
        .refused(.pairLength, "3.4", "lengths and nothing else", "pairs follow each other whole", asking([1, 1])),
        .refused(.pairLength, "3.4", "a name that is cut", "pairs follow each other whole", asking([3, 0, 65, 65])),
        .refused(.pairLength, "3.4", "a value that is cut", "pairs follow each other whole", asking([1, 2, 65, 65])),
        .refused(
            .pairLength, "3.4", "a name of 0x7fffffff", "pairs follow each other whole",
            asking([255, 255, 255, 255, 1, 65, 65])),
        .refused(
            .pairLength, "3.4", "a value of 0x7fffffff", "pairs follow each other whole",
            asking([1, 255, 255, 255, 255, 65, 65])),
        .refused(
            .pairLength, "3.4", "a name and a value of 0x7fffffff", "pairs follow each other whole",
            asking([255, 255, 255, 255, 255, 255, 255, 255, 65, 65])),
        .answered(
            "5.2", "128 pairs", "their number has no bound",
            asking((3...128).flatMap { pair("V\($0)", "v") }), as: Read(variables: [("V3", "v"), ("V128", "v")])),
        .refused(
            .pairCount, "5.2", "129 pairs", "their number has no bound",
            asking((3...129).flatMap { pair("V\($0)", "v") }), decision: .bound),
        .unreadable(
            .missing("REQUEST_METHOD"), "5.2", "no pair", "CGI's variables are sent",
            begin() + params() + stdin()),
        .unreadable(
            .missing("REQUEST_URI"), "5.2", "a method only", "CGI's variables are sent",
            begin() + params(pair("REQUEST_METHOD", "GET")) + params() + stdin()),
    ]

    static let pairBytes: [Self] = [
        .unreadable(
            .repeated("HTTP_COOKIE"), "5.2", "a header field twice", "nothing of names that come twice",
            asking(pair("HTTP_COOKIE", "a") + pair("HTTP_COOKIE", "b")), decision: .once),
        .unreadable(
            .repeated("HTTP_COOKIE"), "5.2", "a header field twice the same", "nothing of names that come twice",
            asking(pair("HTTP_COOKIE", "a") + pair("HTTP_COOKIE", "a")), decision: .once),
        .unreadable(
            .repeated("REMOTE_USER"), "5.2", "a variable twice", "nothing of names that come twice",
            asking(pair("REMOTE_USER", "") + pair("REMOTE_USER", "b")), decision: .once),
        .unreadable(
            .repeated("REQUEST_METHOD"), "5.2", "the method twice", "nothing of names that come twice",
            asking(pair("REQUEST_METHOD", "POST")), decision: .once),
        .unreadable(
            .repeated("REQUEST_URI"), "5.2", "the address twice", "nothing of names that come twice",
            asking(pair("REQUEST_URI", "/")), decision: .once),
        .refused(.pairName, "3.4", "a NUL in a name", "bytes", asking(pair("A\0B", "C")), decision: .cString),
        .refused(.pairName, "3.4", "an equals sign in a name", "bytes", asking(pair("A=B", "C")), decision: .cString),
        .refused(.pairValue, "3.4", "a NUL in a value", "bytes", asking(pair("A", "B\0C")), decision: .cString),
        .answered(
            "3.4", "an equals sign in a value", "bytes", asking(pair("A", "=B=C")), as: Read(variables: [("A", "=B=C")])
        ),
        .answered(
            "3.4", "a value that is not UTF-8", "bytes", asking(pair([65], [0xff, 66])),
            as: Read(variables: [("A", "\u{fffd}B")])),
        .answered(
            "3.4", "every byte but NUL in a value", "bytes", asking(pair([65], Array(1...127))),
            as: Read(variables: [("A", String(decoding: Array(1...127) as [UInt8], as: UTF8.self))])),
    ]
}
