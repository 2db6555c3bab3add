// SPDX-License-Identifier: MIT
package import HTTPTypes
package import Vault

/// One request as the product sees it: what the client sent, and what the web server says about it.
package struct Request: Sendable {
    package let head: HTTPRequest
    package let body: [UInt8]
    /// nginx's `$request_id`, 32 hexadecimal digits, or one of our own.
    package let id: String
    package let surface: Surface
    /// `REMOTE_USER` and what came beside it to prove that nginx said so; see `RemoteUser`.
    let remoteUser: String?
    let edge: EdgeSecret?

    /// Which listener a request came in on. Only what nginx says counts: an address decides nothing.
    package enum Surface: String, Sendable {
        case `public`, `private`
    }

    package init(
        head: HTTPRequest, body: [UInt8], id: String, surface: Surface, remoteUser: String? = nil,
        edge: EdgeSecret? = nil
    ) {
        self.head = head
        self.body = body
        self.id = id
        self.surface = surface
        self.remoteUser = remoteUser
        self.edge = edge
        let target = head.path ?? "/"
        if let mark = target.utf8.firstIndex(of: UInt8(ascii: "?")) {
            path = String(target[..<mark])
            query = String(target[target.utf8.index(after: mark)...])
        } else {
            path = target
            query = ""
        }
    }

    /// As the client wrote it, before the first `?`.
    let path: String
    /// As the client wrote it, after the first `?`; empty where there is none.
    let query: String

    /// `Accept` ranks `text/html` above `application/json` (RFC 9110, section 12.5.1). `*/*` and no `Accept` mean JSON.
    var wantsPage: Bool {
        guard let accept = head.headerFields[.accept] else { return false }
        return Accept(accept).prefersHTML
    }

    /// Whether the body says that it is a form; what says nothing, or something else, is read as JSON.
    var isForm: Bool {
        let type = head.headerFields[.contentType]?.prefix { $0 != ";" }.lowercased()
        return type == "application/x-www-form-urlencoded"
    }

    /// A browser that fetches ahead of a click must not spend anything (`Sec-Purpose: prefetch`).
    var isPrefetch: Bool {
        head.headerFields[.secPurpose]?.utf8.starts(with: "prefetch".utf8) ?? false
    }
}
