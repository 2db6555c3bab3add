// SPDX-License-Identifier: MIT
package import Vault

/// A call to somebody else's server: a half that may be printed, and a half that only libcurl sees.
package struct OutboundRequest: Sendable {
    /// The verbs that are needed.
    package enum Method: String, Sendable {
        case get = "GET"
        case post = "POST"
        /// Without a body.
        case delete = "DELETE"
    }

    /// Whether libcurl may send the request a second time by itself when a kept connection turns out to be dead.
    package enum Replay: Sendable {
        case safe, never
    }

    /// Says which call this is, such as `extend-token`; for journal lines.
    package var name: String
    package var method: Method
    /// `scheme://host[:port]/path`, and no more: what follows `?` is a secret.
    package var url: String
    package var headers: [(name: String, value: String)]
    /// The body of a POST, where it is no secret.
    package var body: [UInt8]?
    package var contentType: String
    package var replay: Replay

    /// Follows `?`, already percent-encoded.
    package var query: QueryString?
    /// The body of a POST as `application/x-www-form-urlencoded`; comes before `body`.
    package var form: FormBody?
    /// `Authorization: Bearer`.
    package var bearer: LongLivedToken?

    package init(
        name: String, method: Method, url: String, query: QueryString? = nil, form: FormBody? = nil,
        bearer: LongLivedToken? = nil, headers: [(name: String, value: String)] = [], body: [UInt8]? = nil,
        contentType: String = "application/octet-stream", replay: Replay
    ) {
        self.name = name
        self.method = method
        self.url = url
        self.query = query
        self.form = form
        self.bearer = bearer
        self.headers = headers
        self.body = body
        self.contentType = contentType
        self.replay = replay
    }
}

extension OutboundRequest: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "\(name): \(method.rawValue) \(printableURL)" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: ["request": description]) }

    /// A URL with a query in the wrong place is refused by `send`; until then it must not print it either.
    private var printableURL: String {
        String(decoding: url.utf8.prefix { $0 != UInt8(ascii: "?") && $0 != UInt8(ascii: "#") }, as: UTF8.self)
    }
}
