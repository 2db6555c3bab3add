// SPDX-License-Identifier: MIT
package import HTTPTypes

/// One request as a value: what the client sent, as HTTP, and what nginx said about it, as CGI variables.
package struct GatewayRequest: Sendable {
    /// Method, target and header fields. The path is `REQUEST_URI` as the client wrote it, query included.
    package let head: HTTPRequest
    /// The body, empty where there is none.
    package let body: [UInt8]
    /// The body was longer than the gateway's limit and was dropped.
    package let bodyExceedsLimit: Bool
    private let variables: [(name: String, value: String)]

    /// What nginx set beside the request: `REQUEST_ID`, `REMOTE_USER`, ... A client cannot set these.
    package func variable(_ name: String) -> String? {
        variables.first { $0.name == name }?.value
    }
}

/// Why CGI variables are no HTTP request. Only a wrong nginx configuration leads here.
package enum VariableFault: Error, Sendable, Equatable {
    case missing(String)
    case repeated(String)
    case malformed(String)
}

extension GatewayRequest {
    /// CGI variables (RFC 3875, section 4.1) as an HTTP request: `HTTP_ACCEPT` becomes `Accept`, and so on.
    ///
    /// A variable given twice is refused: libfcgi and nginx would each believe another one of the two.
    init(
        variables list: UnsafePointer<UnsafeMutablePointer<CChar>?>, body: [UInt8], bodyExceedsLimit: Bool
    ) throws(VariableFault) {
        var method: HTTPRequest.Method?
        var target: String?
        var scheme: String?
        var fields = HTTPFields()
        fields.reserveCapacity(8)
        var rest: [(name: String, value: String)] = []
        rest.reserveCapacity(8)
        var at = list
        while let entry = at.pointee {
            at += 1
            guard let (name, value) = Self.split(UnsafeRawPointer(entry)) else { continue }
            if let field = CGIField.named(name) {
                if value.isEmpty { continue }
                if fields.contains(field) { throw .repeated(CGIField.text(name)) }
                // nginx passes control bytes on. HTTPField would make blanks of them, and the name of another cookie
                // one of ours: a field that HTTP does not allow (RFC 9110, section 5.5) is none.
                if CGIField.hasControls(value) { continue }
                fields.append(HTTPField(name: field, value: CGIField.text(value)))
            } else if CGIField.equal(name, "REQUEST_METHOD") {
                if method != nil { throw .repeated("REQUEST_METHOD") }
                method = HTTPRequest.Method(CGIField.text(value))
                if method == nil { throw .malformed("REQUEST_METHOD") }
            } else if CGIField.equal(name, "REQUEST_URI") {
                if target != nil { throw .repeated("REQUEST_URI") }
                target = CGIField.text(value)
            } else if CGIField.equal(name, "HTTPS") {
                if scheme != nil { throw .repeated("HTTPS") }
                scheme = CGIField.equal(value, "on") ? "https" : "http"
            } else if !CGIField.equal(name, "FCGI_ROLE") {
                let text = CGIField.text(name)
                if rest.contains(where: { $0.name == text }) { throw .repeated(text) }
                rest.append((text, CGIField.text(value)))
            }
        }
        guard let method else { throw .missing("REQUEST_METHOD") }
        guard let target else { throw .missing("REQUEST_URI") }
        head = HTTPRequest(
            method: method, scheme: scheme ?? "http", authority: nil, path: target, headerFields: fields)
        self.body = body
        self.bodyExceedsLimit = bodyExceedsLimit
        variables = rest
    }

    private static func split(_ entry: UnsafeRawPointer) -> (UnsafeRawBufferPointer, UnsafeRawBufferPointer)? {
        let count = CGIField.length(entry)
        let whole = UnsafeRawBufferPointer(start: entry, count: count)
        guard let equals = CGIField.index(of: UInt8(ascii: "="), in: whole) else { return nil }
        return (
            UnsafeRawBufferPointer(rebasing: whole[..<equals]), UnsafeRawBufferPointer(rebasing: whole[(equals + 1)...])
        )
    }
}
