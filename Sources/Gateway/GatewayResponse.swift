// SPDX-License-Identifier: MIT
package import HTTPTypes

/// An answer: status and header fields, and the body whole, within `GatewayLimits.answerBytes`.
package struct GatewayResponse: Sendable {
    package var head: HTTPResponse
    package var body: [UInt8]
    /// The next process has a better answer. On a socket that was handed over the connection is kept until this process
    /// ends, and closed without an answer: nginx asks again, and what it asks queues for the next process.
    package var isBetterLeft: Bool

    package init(head: HTTPResponse, body: [UInt8], isBetterLeft: Bool = false) {
        self.head = head
        self.body = body
        self.isBetterLeft = isBetterLeft
    }

    /// In place of an answer that is too long to be sent.
    static let oversized = GatewayResponse(
        head: HTTPResponse(
            status: .internalServerError, headerFields: [.contentType: "text/plain", .cacheControl: "no-store"]),
        body: Array("The answer is too long.\n".utf8))

    /// The header block of a CGI response (RFC 3875, 6.2): `Status` first, then the fields and the length, then an
    /// empty line.
    /// HTTPTypes refuses line breaks in a value, so that nothing can begin a line of its own.
    func headerBlock() -> [UInt8] {
        var block: [UInt8] = []
        block.reserveCapacity(2048)
        block.append(text: "Status: ")
        block.append(text: String(head.status.code))
        block.append(text: " ")
        block.append(text: head.status.reasonPhrase)
        for field in head.headerFields where field.name != .contentLength {
            block.append(text: "\r\n")
            block.append(text: field.name.rawName)
            block.append(text: ": ")
            block.append(text: field.value)
        }
        block.append(text: "\r\nContent-Length: ")
        block.append(text: String(body.count))
        block.append(text: "\r\n\r\n")
        return block
    }
}

extension [UInt8] {
    /// Copies whole, where a sequence of `utf8` would be taken byte by byte.
    fileprivate mutating func append(text: String) {
        var text = text
        text.withUTF8 { append(contentsOf: $0) }
    }
}
