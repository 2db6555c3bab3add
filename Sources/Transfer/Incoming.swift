// SPDX-License-Identifier: MIT

/// What has arrived of an answer. The limits hold while bytes arrive, not afterwards.
struct Incoming {
    private(set) var headers: [(name: String, value: String)] = []
    private(set) var body: [UInt8] = []
    /// More came than allowed, and was not kept.
    private(set) var overflowed = false

    private var headerRoom: Int
    private var bodyRoom: Int
    private var isInHeaders = false
    /// The empty line after the last header came.
    private(set) var hasWholeHead = false

    init(headerLimit: Int, bodyLimit: Int) {
        headerRoom = headerLimit
        bodyRoom = bodyLimit
    }

    /// One whole line, status lines and the empty one included (`CURLOPT_HEADERFUNCTION(3)`). False ends the transfer.
    mutating func takeHeader(_ line: UnsafeRawBufferPointer) -> Bool {
        guard line.count <= headerRoom else { return overflow() }
        headerRoom -= line.count
        if line.starts(with: "HTTP/".utf8) {
            // The last block counts: an interim answer (1xx) may come before it. Both use up the same room.
            headers.removeAll()
            isInHeaders = true
            hasWholeHead = false
        } else if line.first == UInt8(ascii: "\r") || line.first == UInt8(ascii: "\n") {
            isInHeaders = false  // trailers after a body are not headers
            hasWholeHead = true
        } else if isInHeaders, let colon = line.firstIndex(of: UInt8(ascii: ":")) {
            let name = String(decoding: line[..<colon], as: UTF8.self).lowercased()
            headers.append((name, Self.trimmed(line[(colon + 1)...])))
        }
        return true
    }

    /// False ends the transfer.
    mutating func takeBody(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard bytes.count <= bodyRoom else { return overflow() }
        bodyRoom -= bytes.count
        body.append(contentsOf: bytes)
        return true
    }

    private mutating func overflow() -> Bool {
        overflowed = true
        body = []
        return false
    }

    private static func trimmed(_ value: Slice<UnsafeRawBufferPointer>) -> String {
        let isSpace: (UInt8) -> Bool = { $0 == 0x20 || 0x09...0x0d ~= $0 }
        let start = value.firstIndex { !isSpace($0) } ?? value.endIndex
        let end = value.lastIndex { !isSpace($0) }.map { $0 + 1 } ?? start
        return String(decoding: value[start..<end], as: UTF8.self)
    }
}
