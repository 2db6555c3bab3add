// SPDX-License-Identifier: MIT
import Gateway
import Testing

/// A stream that is refused, and the fault that is reported.
struct Refused: CustomTestStringConvertible, Sendable {
    let name: String
    let fault: Screen.Fault
    let bytes: [UInt8]

    init(_ fault: Screen.Fault, _ name: String, _ parts: [UInt8]...) {
        self.name = name
        self.fault = fault
        bytes = parts.flatMap(\.self)
    }

    /// A request with these bytes as its stream of pairs.
    init(_ fault: Screen.Fault, pairs: [UInt8], _ name: String) {
        self.init(fault, name, begin(), params(pairs), params(), stdin())
    }

    var testDescription: String { "\(fault): \(name)" }
}

@Suite struct ScreenFaultTests {
    @Test(arguments: records + order + identifiers + lengths + paddings + pairs)
    func isRefused(stream: Refused) {
        #expect(verdict(stream.bytes) == .refused(stream.fault))
    }

    private static let hidden = record(9, id: 0, (1...14).flatMap { _ in pair("FCGI_MAX_CONNS", "") })
    static let good = pair("A", "B")

    static let records = [
        Refused(.version, "0", record(1, [0, 1, 0, 0, 0, 0, 0, 0], version: 0)),
        Refused(.version, "2", record(1, [0, 1, 0, 0, 0, 0, 0, 0], version: 2)),
        Refused(.version, "in a later record", begin(), record(4, version: 3)),
        Refused(.version, "HTTP", [UInt8]("GET / HTTP/1.1\r\n".utf8)),
        Refused(.recordType, "GET_VALUES first", record(9, id: 0, pair("FCGI_MAX_CONNS", ""))),
        Refused(.recordType, "GET_VALUES between", begin(), record(9, id: 0, pair("FCGI_MAX_CONNS", ""))),
        Refused(.recordType, "ABORT first", record(2)),
        Refused(.recordType, "ABORT after the beginning", begin(), record(2)),
        Refused(.recordType, "ABORT in the body", begin(), params(good), params(), record(2)),
        Refused(.recordType, "DATA", begin(), params(good), params(), record(8, [1])),
        Refused(.recordType, "END_REQUEST", record(3, [0, 0, 0, 0, 0, 0, 0, 0])),
        Refused(.recordType, "STDOUT", begin(), record(6)),
        Refused(.recordType, "STDERR", begin(), record(7)),
        Refused(.recordType, "an unknown one", begin(), record(11)),
        Refused(.recordType, "type 0", record(0)),
        Refused(.recordType, "type 255", record(255)),
    ]

    static let order = [
        Refused(.order, "PARAMS first", params(good)),
        Refused(.order, "STDIN first", stdin()),
        Refused(.order, "BEGIN twice", begin(), begin()),
        Refused(.order, "an empty STDIN and no PARAMS", begin(), stdin()),
        Refused(.order, "STDIN among PARAMS", begin(), params(good), stdin([1])),
        Refused(.order, "PARAMS after their end", begin(), params(good), params(), params(good)),
        Refused(.order, "BEGIN in the body", begin(), params(good), params(), begin()),
        Refused(.trailingBytes, "one byte", begin(), params(good), params(), stdin(), [0]),
        Refused(.trailingBytes, "another request", RequestStream().bytes, RequestStream().bytes),
        Refused(.trailingBytes, "an abort", RequestStream().bytes, record(2)),
    ]

    static let identifiers = [
        Refused(.requestID, "0", begin(id: 0)),
        Refused(.requestID, "another one in PARAMS", begin(id: 1), params(id: 2, good)),
        Refused(.requestID, "0 in PARAMS", begin(id: 1), params(id: 0, good)),
        Refused(.requestID, "another one at the end of PARAMS", begin(id: 1), params(id: 1, good), params(id: 257)),
        Refused(.requestID, "another one in STDIN", begin(id: 1), params(id: 1), stdin(id: 2)),
        Refused(.role, "authorizer", begin(role: 2)),
        Refused(.role, "filter", begin(role: 3)),
        Refused(.role, "0", begin(role: 0)),
        Refused(.role, "1 in the high byte", begin(role: 256)),
        Refused(.role, "1 with another high byte", begin(role: 257)),
    ]

    static let lengths = [
        Refused(.beginLength, "0", record(1)),
        Refused(.beginLength, "7", record(1, [0, 1, 0, 0, 0, 0, 0])),
        Refused(.beginLength, "9", record(1, [0, 1, 0, 0, 0, 0, 0, 0, 0])),
        Refused(.beginLength, "before its content came", record(1, length: 16)),
        Refused(.tooLarge, "a record of 65,535 bytes", begin(), record(4, length: 65_535)),
        Refused(.tooLarge, "a body of 65,535 bytes", begin(), params(good), params(), record(5, length: 65_535)),
        Refused(
            .tooLarge, "full and not at its end", begin(), params(good), params(),
            stdin([UInt8](repeating: 1, count: 65_492))),
    ]

    /// libfcgi 2.4.2 forgets the padding of these records and reads it as the next ones, here as one that overflows a
    /// buffer of its own and ends the process.
    static let paddings = [
        Refused(
            .padding, "GET_VALUES within that of BEGIN_REQUEST", Array(begin(padding: 232).prefix(16)), hidden,
            params(good), params(), stdin()),
        Refused(
            .padding, "GET_VALUES within that of the end of PARAMS", begin(), params(good),
            Array(params(padding: 232).prefix(8)), hidden, stdin()),
        Refused(.padding, "before the content of BEGIN_REQUEST came", Array(begin(padding: 1).prefix(8))),
        Refused(.padding, "after BEGIN_REQUEST", begin(padding: 8), params(good), params(), stdin()),
        Refused(.padding, "after the end of PARAMS", begin(), params(good), params(padding: 8), stdin()),
        Refused(.padding, "after the end of STDIN", begin(), params(good), params(), stdin(padding: 8)),
    ]

    static let pairs = [
        Refused(.pairLength, pairs: [1], "a name's length and nothing else"),
        Refused(.pairLength, pairs: [1, 1], "lengths and nothing else"),
        Refused(.pairLength, pairs: [1, 1, 65], "no value"),
        Refused(.pairLength, pairs: good + [3, 0, 65, 65], "a name that is one byte short, after a good pair"),
        Refused(.pairLength, pairs: [0x80], "one byte of a four-byte length"),
        Refused(.pairLength, pairs: [0x80, 0, 0], "three bytes of a four-byte length"),
        Refused(.pairLength, pairs: [1, 0x80, 0, 0], "three bytes of a value's four-byte length"),
        Refused(.pairLength, pairs: [0xff, 0xff, 0xff, 0xff, 0, 65], "a name of 0x7fffffff"),
        Refused(.pairLength, pairs: [1, 0xff, 0xff, 0xff, 0xff, 65], "a value of 0x7fffffff"),
        Refused(.pairLength, pairs: [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 65], "both of 0x7fffffff"),
        Refused(.pairLength, pairs: [0xff, 0xff, 0xff, 0xfe, 0, 65], "a name that overflows with its two bytes more"),
        Refused(.pairLength, pairs: [0xc0, 0, 0, 0, 0xc0, 0, 0, 0, 65], "a sum that overflows 32 bits"),
        Refused(.pairLength, pairs: good + [0x80, 0, 0, 2, 1, 65, 66], "a value that takes one byte too many"),
        Refused(.pairCount, pairs: [[UInt8]](repeating: good, count: 129).flatMap(\.self), "129"),
        Refused(.pairName, pairs: [0, 0], "empty"),
        Refused(.pairName, pairs: [0, 1, 66], "empty, with a value"),
        Refused(.pairName, pairs: [0x80, 0, 0, 0, 1, 66], "empty, in four bytes"),
        Refused(.pairName, pairs: pair("A=B", "C"), "an equals sign"),
        Refused(.pairName, pairs: pair("=", "C"), "only an equals sign"),
        Refused(.pairName, pairs: pair("A\0B", "C"), "NUL"),
        Refused(.pairValue, pairs: pair("A", "B\0C"), "NUL"),
        Refused(.pairValue, pairs: pair("A", "\0"), "only NUL"),
    ]
}
