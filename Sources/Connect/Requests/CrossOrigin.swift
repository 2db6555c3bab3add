// SPDX-License-Identifier: MIT
import HTTPTypes

/// What a page of an allowed origin may read (CORS protocol: Fetch Standard, section 3.3). Any other origin, `null` too,
/// gets answers without a word of it, and its browser keeps them from the page.
extension Site {
    /// The routes that a frontend calls. Others are not for scripts of other origins, whatever is allowed.
    func isShared(_ endpoint: Endpoint) -> Bool {
        guard !settings.allowedOrigins.isEmpty else { return false }
        return switch endpoint {
        case .start, .callback, .status, .disconnect, .signOut: true
        default: false
        }
    }

    /// Answers of a shared route differ by `Origin`, also to requests without one: no cache may give one's to another.
    func share(_ answer: inout Answer, with request: Request) {
        answer.fields.append(HTTPField(name: .vary, value: "Origin"))
        guard let origin = request.allowedOrigin(of: settings.allowedOrigins) else { return }
        answer.fields[.accessControlAllowOrigin] = origin
        answer.fields[.accessControlAllowCredentials] = "true"
        answer.fields[.accessControlExposeHeaders] = "Retry-After"
    }

    /// `OPTIONS`, before anybody is asked who is there: a browser sends it without cookies. Whether the origin is allowed
    /// is said by `share`.
    func preflight(_ request: Request, for endpoint: Endpoint) -> Answer {
        var answer = Answer.noContent
        answer.fields[.allow] = allowed(endpoint)
        guard request.allowedOrigin(of: settings.allowedOrigins) != nil else { return answer }
        answer.fields[.accessControlAllowMethods] = endpoint.methods.map(\.rawValue).joined(separator: ", ")
        answer.fields[.accessControlAllowHeaders] = "Accept, Content-Type"
        answer.fields[.accessControlMaxAge] = "600"
        return answer
    }

    /// Methods, as `Allow` has them (RFC 9110, section 10.2.1).
    func allowed(_ endpoint: Endpoint) -> String {
        (endpoint.methods + (isShared(endpoint) ? [.options] : [])).map(\.rawValue).joined(separator: ", ")
    }
}

extension HTTPField.Name {
    fileprivate static let accessControlMaxAge = HTTPField.Name("Access-Control-Max-Age")!
}
