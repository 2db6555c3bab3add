// SPDX-License-Identifier: MIT

/// A visitor's browser without a screen: keeps cookies, says where a request comes from, follows redirects one by one.
actor Browser {
    /// Who asked for a navigation.
    enum Initiator: Sendable {
        /// Typed, or from a bookmark.
        case person
        case page(WebURL)
    }

    static let acceptPage =
        "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8,"
        + "application/signed-exchange;v=b3;q=0.7"

    var jar = CookieJar()

    func change(_ body: @Sendable (inout CookieJar) -> Void) { body(&jar) }

    /// Opens an address.
    ///
    /// - Parameter hold: The navigation stops before a step that passes, and the visit tells where it would have gone.
    func open(
        _ address: String, by initiator: Initiator = .person,
        holdBefore hold: @Sendable (WebURL) -> Bool = { _ in false }
    ) async throws -> Visit {
        guard let url = WebURL(address) else { throw Missing("no URL: \(address)") }
        return try await navigate(Visit(url: url), by: initiator, holdBefore: hold)
    }

    /// Takes the step before which a navigation was held, as often as one likes: a reload.
    func go(_ visit: Visit) async throws -> Visit {
        // Instagram's page began it, whatever way it then went.
        let began = visit.steps.first { !$0.url.isSameSite(as: visit.url) }?.url
        return try await navigate(Visit(url: visit.url), by: (began).map { .page($0) } ?? .person) { _ in false }
    }

    /// Presses the button of that id on the page of a visit.
    func press(
        _ id: String, on visit: Visit, choosing: [String: [String]] = [:],
        holdBefore hold: @Sendable (WebURL) -> Bool = { _ in false }
    ) async throws -> Visit {
        guard let form = Form(button: id, in: visit.text, choosing: choosing),
            let target = visit.url.resolving(form.action)
        else { throw Missing("no button \(id) on \(visit.url): \(visit.status)") }
        return try await navigate(Visit(url: target), by: .page(visit.url), posting: form.body, holdBefore: hold)
    }

    /// `fetch` with credentials from a script on a page, JSON wanted. No redirect is followed.
    func fetch(
        _ address: String, _ method: HTTPMethod = .get, from page: WebURL? = nil
    ) async throws -> Response {
        guard let url = WebURL(address) else { throw Missing("no URL: \(address)") }
        let page = page ?? url
        let isSameSite = page.isSameSite(as: url)
        var headers = [("Accept", "application/json"), ("Sec-Fetch-Site", Self.relation([page, url]))]
        if method == .post || page.origin != url.origin { headers.append(("Origin", page.origin)) }
        if let cookies = jar.field(for: url, isLaxAllowed: isSameSite) { headers.append(("Cookie", cookies)) }
        let response = try await HTTPClient.shared.send(
            method, url.request, headers: headers.map { (name: $0.0, value: $0.1) })
        // Third-party cookies are gone: a cross-site fetch stores none.
        if isSameSite { store(response, from: url) }
        return response
    }

    private func navigate(
        _ start: Visit, by initiator: Initiator, posting body: String? = nil,
        holdBefore hold: @Sendable (WebURL) -> Bool
    ) async throws -> Visit {
        var visit = start
        var body = body
        // Sec-Fetch-Site is about the whole way: once cross-site, always cross-site (Fetch Metadata, section 2.3).
        var way: [WebURL] = if case .page(let page) = initiator { [page] } else { [] }
        for _ in 0..<20 {
            if hold(visit.url) {
                visit.isHeld = true
                return visit
            }
            let fetchSite: String
            if case .person = initiator {
                fetchSite = "none"
            } else {
                way.append(visit.url)
                fetchSite = Self.relation(way)
            }
            let response = try await step(&visit, fetchSite, body, origin: way.first)
            guard (300...399).contains(response.status), let location = response.header("location") else {
                return visit
            }
            guard var next = visit.url.resolving(location) else { throw Missing("no URL: \(location)") }
            // RFC 9110, section 10.2.2: a redirect without a fragment keeps the one that was there.
            if next.fragment == nil { next.fragment = visit.url.fragment }
            visit.url = next
            if ![307, 308].contains(response.status) { body = nil }
        }
        throw Missing("a redirect loop at \(visit.url)")
    }

    private func step(
        _ visit: inout Visit, _ fetchSite: String, _ body: String?, origin: WebURL?
    ) async throws -> Response {
        let url = visit.url
        var headers = [("Accept", Self.acceptPage), ("Sec-Fetch-Site", fetchSite), ("Sec-Fetch-Mode", "navigate")]
        if body != nil, let origin { headers.append(("Origin", origin.origin)) }
        // A top-level navigation: a cross-site POST carries no Lax cookie, everything else does.
        let cookies = jar.field(for: url, isLaxAllowed: body == nil || fetchSite != "cross-site")
        if let cookies { headers.append(("Cookie", cookies)) }
        let response = try await HTTPClient.shared.send(
            body == nil ? .get : .post, url.request, headers: headers.map { (name: $0.0, value: $0.1) }, body: body)
        store(response, from: url)
        visit.steps.append(
            Visit.Step(
                method: body == nil ? "GET" : "POST", url: url, fetchSite: fetchSite, cookies: cookies,
                response: response))
        return response
    }

    private func store(_ response: Response, from url: WebURL) {
        for line in response.all("set-cookie") { jar.store(line, from: url) }
    }

    /// Between the first of a way and all that followed: the furthest.
    private static func relation(_ way: [WebURL]) -> String {
        let first = way[0]
        if !way.allSatisfy({ $0.isSameSite(as: first) }) { return "cross-site" }
        return way.allSatisfy { $0.origin == first.origin } ? "same-origin" : "same-site"
    }
}
