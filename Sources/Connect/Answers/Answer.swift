// SPDX-License-Identifier: MIT
package import HTTPTypes

/// What goes back for one request, with what the journal says about it.
package struct Answer: Sendable {
    package var status: HTTPResponse.Status
    package var fields: HTTPFields
    package var body: [UInt8]
    /// The code behind a failure, also behind one that is told by a redirect.
    package var error: ErrorCode?
    /// The route that answered; nil where there is none.
    package var route: Endpoint?
    /// Nothing was begun and the process is about to end: the next one has a better answer.
    package var isBetterLeft = false

    /// Fields that every answer carries (checklist 36 to 38).
    private static func common(contentType: String?, referrerPolicy: String) -> HTTPFields {
        var fields = HTTPFields()
        fields.reserveCapacity(8)
        if let contentType { fields.append(HTTPField(name: .contentType, value: contentType)) }
        fields.append(HTTPField(name: .cacheControl, value: "no-store"))
        fields.append(HTTPField(name: .xContentTypeOptions, value: "nosniff"))
        fields.append(HTTPField(name: .referrerPolicy, value: referrerPolicy))
        return fields
    }

    /// Made once: every JSON answer begins with them.
    private static let jsonFields = common(
        contentType: "application/json; charset=utf-8", referrerPolicy: "no-referrer")

    static func json(_ body: [UInt8], status: HTTPResponse.Status = .ok) -> Answer {
        Answer(status: status, fields: jsonFields, body: body)
    }

    static func text(_ body: [UInt8], contentType: String) -> Answer {
        Answer(status: .ok, fields: common(contentType: contentType, referrerPolicy: "no-referrer"), body: body)
    }

    /// A page of ours. `same-origin`, because with `no-referrer` the page's own form would carry `Origin: null`.
    static func page(_ html: String, contentSecurityPolicy: String, status: HTTPResponse.Status = .ok) -> Answer {
        var fields = common(contentType: "text/html; charset=utf-8", referrerPolicy: "same-origin")
        fields[.contentSecurityPolicy] = contentSecurityPolicy
        return Answer(status: status, fields: fields, body: Array(html.utf8))
    }

    /// 303 and never another redirect: the next request is a GET without a body (RFC 9700, section 4.12).
    static func seeOther(_ location: String) -> Answer {
        var fields = common(contentType: nil, referrerPolicy: "no-referrer")
        fields[.location] = location
        return Answer(status: .seeOther, fields: fields, body: [])
    }

    static let noContent = Answer(
        status: .noContent, fields: common(contentType: nil, referrerPolicy: "no-referrer"), body: [])

    static func failure(_ error: ErrorCode, requestID: String, retryAfter: Int? = nil) -> Answer {
        var body = JSONText()
        body.add("status", "error")
        body.add("error", error.publicCode)
        body.add("message", error.message)
        body.add("request_id", requestID)
        var answer = json(body.finished(), status: error.status)
        if let retryAfter { answer.fields[.retryAfter] = String(retryAfter) }
        answer.error = error
        return answer
    }

    consuming func setting(_ cookies: [String]) -> Answer {
        for cookie in cookies { fields.append(HTTPField(name: .setCookie, value: cookie)) }
        return self
    }
}

extension HTTPField.Name {
    static let referrerPolicy = HTTPField.Name("Referrer-Policy")!
    static let secFetchSite = HTTPField.Name("Sec-Fetch-Site")!
    static let secPurpose = HTTPField.Name("Sec-Purpose")!
}
