// SPDX-License-Identifier: MIT
package import HTTPTypes

/// An answer: status and header fields, and the body whole. libfcgi's write blocks, and 196 KB fit unread into the
/// socket: a body stays below that.
package struct GatewayResponse: Sendable {
    package var head: HTTPResponse
    package var body: [UInt8]

    package init(head: HTTPResponse, body: [UInt8]) {
        self.head = head
        self.body = body
    }

    /// The header block of a CGI response (RFC 3875, 6.2): `Status` first, then the fields and the length, then an
    /// empty line.
    /// HTTPTypes refuses line breaks in a value, so that nothing can begin a line of its own.
    func headerBlock() -> [UInt8] {
        var block: [UInt8] = []
        block.reserveCapacity(1024)
        block += "Status: ".utf8
        Self.append(head.status.code, to: &block)
        block.append(UInt8(ascii: " "))
        block += head.status.reasonPhrase.utf8
        for field in head.headerFields where field.name != .contentLength {
            block += "\r\n".utf8
            block += field.name.rawName.utf8
            block += ": ".utf8
            block += field.value.utf8
        }
        block += "\r\nContent-Length: ".utf8
        Self.append(body.count, to: &block)
        block += "\r\n\r\n".utf8
        return block
    }

    private static func append(_ number: Int, to block: inout [UInt8]) {
        block += String(number).utf8
    }
}
