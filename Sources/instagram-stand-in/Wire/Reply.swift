// SPDX-License-Identifier: MIT
import Gateway
import HTTPTypes

/// The answers there are, by what they carry.
extension GatewayResponse {
    /// `application/json`, as api.instagram.com and the control routes answer.
    static func json(_ json: JSON, status: HTTPResponse.Status = .ok) -> Self {
        of(status, "application/json", json.bytes)
    }

    /// As graph.instagram.com answers.
    static func graph(_ json: JSON, status: HTTPResponse.Status = .ok, _ fields: HTTPFields = [:]) -> Self {
        of(status, "application/json; charset=UTF-8", json.bytes, fields)
    }

    static func html(_ text: String, status: HTTPResponse.Status = .ok) -> Self {
        of(status, "text/html; charset=utf-8", Array(text.utf8))
    }

    static func text(_ text: String, status: HTTPResponse.Status) -> Self {
        of(status, "text/plain; charset=utf-8", Array((text + "\n").utf8))
    }

    static func redirect(to location: String) -> Self {
        var head = HTTPResponse(status: .found)
        head.headerFields[.location] = location
        head.headerFields[.cacheControl] = "no-store"
        return Self(head: head, body: [])
    }

    /// Handed to an internal location of nginx, which does what a FastCGI answer cannot.
    static func nginx(_ location: String) -> Self {
        var head = HTTPResponse(status: .ok)
        head.headerFields[HTTPField.Name("X-Accel-Redirect")!] = location
        return Self(head: head, body: [])
    }

    static func of(
        _ status: HTTPResponse.Status, _ type: String, _ body: [UInt8], _ fields: HTTPFields = [:]
    ) -> Self {
        var head = HTTPResponse(status: status, headerFields: fields)
        head.headerFields[.contentType] = type
        head.headerFields[.cacheControl] = "no-store"
        return Self(head: head, body: body)
    }
}
