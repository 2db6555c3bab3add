// SPDX-License-Identifier: MIT

/// Decides, over bytes that were only peeked, whether one whole well-formed request lies in a socket's buffer.
///
/// libfcgi is not hardened against its peer, so it is shown nothing but this (FastCGI specification 3.3, 5.1 to 5.3):
/// `BEGIN_REQUEST` for the responder role, `PARAMS` records and an empty one, `STDIN` records and an empty one, all
/// with one request id that is not 0, and not a byte more. `PARAMS` is one stream across its records: a name-value
/// pair may be split between two, and every pair has to fit.
package struct Screen {
    package enum Verdict: Equatable, Sendable {
        case incomplete
        case whole
        case refused(Fault)
    }

    /// Why a stream is refused. The connection is closed without an answer: only nginx reaches the socket.
    package enum Fault: String, Error, Sendable {
        case version, recordType, order, requestID, beginLength, role, padding, pairCount, pairLength, pairName,
            pairValue, trailingBytes, tooLarge
    }

    /// The largest request that is looked at, in bytes, padding included.
    package let limit: Int
    private var parameters: [UInt8] = []

    package init(limit: Int) {
        self.limit = limit
        parameters.reserveCapacity(limit)
    }

    private enum Expected {
        case begin, parameters, input
    }

    private enum RecordType {
        static let beginRequest: UInt8 = 1
        static let params: UInt8 = 4
        static let stdin: UInt8 = 5
    }

    private static let headerLength = 8
    /// nginx sends about 20. Each is compared with the others later: 64 KiB of tiny ones took half a second.
    private static let mostPairs = 128
    private static let responder = 1

    package mutating func judge(_ bytes: UnsafeRawBufferPointer) -> Verdict {
        if bytes.count > limit { return .refused(.tooLarge) }
        parameters.removeAll(keepingCapacity: true)
        var expected = Expected.begin
        var requestID = 0
        var at = 0
        while bytes.count - at >= Self.headerLength {
            guard bytes[at] == 1 else { return .refused(.version) }
            let type = bytes[at + 1]
            let id = Self.number(bytes, at + 2)
            let length = Self.number(bytes, at + 4)
            let padding = Int(bytes[at + 6])
            let content = at + Self.headerLength
            let next = content + length + padding
            // A record that can never fit is refused now, not at the deadline.
            if next > limit { return .refused(.tooLarge) }
            // libfcgi forgets the padding of the records after which it changes from one stream to the next, and would
            // read it as records. Nobody has to pad these: they are empty, or 8 bytes long.
            if padding > 0, expected == .begin || length == 0 { return .refused(.padding) }
            switch expected {
            case .begin:
                guard type == RecordType.beginRequest else { return refusal(of: type) }
                guard id != 0 else { return .refused(.requestID) }
                guard length == 8 else { return .refused(.beginLength) }
                guard bytes.count >= next else { return .incomplete }
                guard Self.number(bytes, content) == Self.responder else { return .refused(.role) }
                requestID = id
                expected = .parameters
            case .parameters:
                guard type == RecordType.params else { return refusal(of: type) }
                guard id == requestID else { return .refused(.requestID) }
                guard bytes.count >= next else { return .incomplete }
                if length == 0 {
                    if let fault = faultInParameters() { return .refused(fault) }
                    expected = .input
                } else {
                    parameters.append(contentsOf: bytes[content..<content + length])
                }
            case .input:
                guard type == RecordType.stdin else { return refusal(of: type) }
                guard id == requestID else { return .refused(.requestID) }
                guard bytes.count >= next else { return .incomplete }
                if length == 0 { return next == bytes.count ? .whole : .refused(.trailingBytes) }
            }
            at = next
        }
        return bytes.count < limit ? .incomplete : .refused(.tooLarge)
    }

    private func refusal(of type: UInt8) -> Verdict {
        let known = [RecordType.beginRequest, RecordType.params, RecordType.stdin]
        return .refused(known.contains(type) ? .order : .recordType)
    }

    /// libfcgi hands out C strings `NAME=value`: a NUL, or `=` in a name, could not be seen there any more.
    private func faultInParameters() -> Fault? {
        parameters.withUnsafeBytes { stream in
            var at = 0
            var pairs = 0
            while at < stream.count {
                pairs += 1
                guard pairs <= Self.mostPairs else { return .pairCount }
                guard let name = Self.length(stream, &at), let value = Self.length(stream, &at) else {
                    return .pairLength
                }
                guard name <= stream.count - at, value <= stream.count - at - name else { return .pairLength }
                guard name > 0 else { return .pairName }
                for byte in stream[at..<at + name] where byte == 0 || byte == UInt8(ascii: "=") { return .pairName }
                at += name
                if stream[at..<at + value].contains(0) { return .pairValue }
                at += value
            }
            return nil
        }
    }

    /// A length of FastCGI's name-value pairs: one byte below 128, else four with the high bit set (3.4).
    private static func length(_ stream: UnsafeRawBufferPointer, _ at: inout Int) -> Int? {
        guard at < stream.count else { return nil }
        let first = Int(stream[at])
        if first < 0x80 {
            at += 1
            return first
        }
        guard stream.count - at >= 4 else { return nil }
        let length = (first & 0x7f) << 24 | Int(stream[at + 1]) << 16 | number(stream, at + 2)
        at += 4
        return length
    }

    private static func number(_ bytes: UnsafeRawBufferPointer, _ at: Int) -> Int {
        Int(bytes[at]) << 8 | Int(bytes[at + 1])
    }
}
