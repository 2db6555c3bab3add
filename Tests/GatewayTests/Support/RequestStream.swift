// SPDX-License-Identifier: MIT
import Testing

/// What a peer sends, in the terms of HTTP, and how it is cut into records.
struct RequestStream: CustomTestStringConvertible, Sendable {
    var name = "plain"
    var id: UInt16 = 1
    var flags: UInt8 = 0
    var variables = [("REQUEST_METHOD", "GET"), ("REQUEST_URI", "/connect?shop=1")]
    var body: [UInt8] = []
    /// Content bytes of a record at most.
    var recordSize = 65_535
    var padding: UInt8 = 0
    var longLengths = false

    var testDescription: String { name }

    /// A request as nginx sends it.
    static func request(_ method: String, _ target: String, _ more: [(String, String)] = [], body: [UInt8] = []) -> Self
    {
        var variables = [("REQUEST_METHOD", method), ("REQUEST_URI", target)] + more
        if !body.isEmpty { variables.append(("CONTENT_LENGTH", "\(body.count)")) }
        return RequestStream(name: "\(method) \(target)", variables: variables, body: body)
    }

    var pairs: [UInt8] {
        variables.flatMap { pair($0.0, $0.1, long: longLengths) }
    }

    var bytes: [UInt8] {
        let parameters = pairs.chunks(of: recordSize).flatMap { params(id: id, $0, padding: padding) }
        let input = body.chunks(of: recordSize).flatMap { stdin(id: id, $0, padding: padding) }
        return begin(id: id, flags: flags) + parameters + params(id: id) + input + stdin(id: id)
    }

    /// The shapes a stream may have.
    static let valid: [RequestStream] = {
        let form = [UInt8]("shop=one&consent=yes".utf8)
        let post = request(
            "POST", "/connect",
            [("HTTP_ACCEPT", "text/html"), ("HTTP_COOKIE", String(repeating: "c", count: 200)), ("EMPTY", "")],
            body: form)

        func shaped(_ name: String, _ change: (inout RequestStream) -> Void) -> RequestStream {
            var stream = post
            stream.name = name
            change(&stream)
            return stream
        }

        return [
            RequestStream(),
            RequestStream(name: "no variables", variables: []),
            shaped("a body") { _ in },
            shaped("the highest request id") { $0.id = 65_535 },
            shaped("keep the connection") { $0.flags = 1 },
            shaped("pairs split over many records") { $0.recordSize = 7 },
            shaped("one byte a record") { $0.recordSize = 1 },
            shaped("the most padding") { ($0.padding, $0.recordSize) = (255, 100) },
            shaped("lengths of four bytes") { $0.longLengths = true },
            shaped("lengths of four bytes, split") {
                ($0.longLengths, $0.recordSize, $0.padding) = (true, 3, 1)
            },
        ]
    }()
}
