// SPDX-License-Identifier: MIT
import Gateway
import HTTPTypes

/// One request to Instagram, taken apart.
struct Call: Sendable {
    let method: HTTPRequest.Method
    /// The path's segments: `/v25.0/me` is `["v25.0", "me"]`.
    let path: [String]
    let query: Parameters
    /// The body as a form, urlencoded or multipart; nil where it is something else, such as JSON.
    let form: Parameters?
    let body: [UInt8]
    private let bearer: String?

    init(_ request: GatewayRequest) {
        method = request.head.method
        let target = (request.head.path ?? "/").utf8.split(
            separator: UInt8(ascii: "?"), maxSplits: 1, omittingEmptySubsequences: false)
        path = target[0].split(separator: UInt8(ascii: "/")).map { String(decoding: $0, as: UTF8.self) }
        query = Parameters(encoded: target.count > 1 ? Array(target[1]) : [])
        body = request.body
        form = Self.form(request.head.headerFields[.contentType] ?? "", body)
        bearer = request.head.headerFields[.authorization].flatMap(Self.bearer)
    }

    /// From the `Authorization` field, the query or the form: all are used in the field.
    var accessToken: String? {
        bearer ?? query["access_token"] ?? form?["access_token"]
    }

    /// Whose the Graph route is: `me` or an id.
    var owner: String { path.count > 1 ? path[1] : path.first ?? "" }

    /// The names of what was sent, never a value.
    var parameterNames: [String] {
        (bearer == nil ? [] : ["Authorization"]) + query.list.map(\.name) + (form?.list.map(\.name) ?? [])
    }

    /// The scheme's name is compared without case (RFC 9110, 11.1).
    private static func bearer(_ authorization: String) -> String? {
        let words = authorization.split(separator: " ")
        return words.count == 2 && words[0].lowercased() == "bearer" ? String(words[1]) : nil
    }

    private static func form(_ contentType: String, _ body: [UInt8]) -> Parameters? {
        let type = contentType.lowercased()
        if type.hasPrefix("application/x-www-form-urlencoded") { return Parameters(encoded: body) }
        guard type.hasPrefix("multipart/form-data"),
            let boundary = contentType.firstMatch(of: /boundary="?([^";]+)"?/.ignoresCase())?.1
        else { return nil }
        return Parameters(multipart: body, boundary: String(boundary))
    }
}
