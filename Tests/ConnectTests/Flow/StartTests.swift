// SPDX-License-Identifier: MIT
import Connect
import HTTPTypes
import Instagram
import Testing

@Suite struct StartTests {
    private static let authorize =
        "https://www.instagram.com/oauth/authorize?client_id=990602627938098&redirect_uri=https%3A%2F%2Fshop.example%2Fauth%2Finstagram%2Fcallback&response_type=code&scope=instagram_business_basic%2Cinstagram_business_manage_messages&state="

    @Test("JSON: 200 with the authorize URL and one flow cookie; the redirect URI is a constant (checklist 12)")
    func json() async throws {
        let shop = try Shop()
        let answer = await shop.answer(.json(.get, Route.start))
        #expect(answer.status == .ok && answer.contentType == "application/json; charset=utf-8")
        #expect(Set(answer.json.keys) == ["auth_url", "status"] && answer.json["status"] as? String == "success")
        let state = try #require(answer.state)
        #expect(answer.json["auth_url"] as? String == Self.authorize + state)
        #expect(state.utf8.count == 43 && answer.cookies.count == 1)
        #expect(shop.instagram.calls.isEmpty)
        #expect(try shop.phases().isEmpty, "a start costs no write")
    }

    @Test("page: 303 to the same URL (checklist 33)", arguments: [HTTPRequest.Method.get, .post])
    func page(method: HTTPRequest.Method) async throws {
        let shop = try Shop()
        let answer = await shop.answer(.page(method, Route.start, Browser(), ["Sec-Fetch-Site": "same-origin"]))
        #expect(answer.status.code == 303 && answer.body.isEmpty)
        #expect(answer.location == Self.authorize + (answer.state ?? "none"))
        #expect(answer.cookies.count == 1)
    }

    @Test(
        "a page flow starts only by a press of our own button (checklist 21)",
        arguments: [nil, "none", "same-site", "cross-site", "same-origin, cross-site", "Same-Origin", "", "x"])
    func otherNavigation(site: String?) async throws {
        let shop = try Shop()
        let headers = site.map { ["Sec-Fetch-Site": $0] } ?? [:]
        let get = await shop.answer(.page(.get, Route.start + "?return_to=%2Fa%3Fb%3Dc", Browser(), headers))
        #expect(get.status == .seeOther && get.cookies.isEmpty)
        #expect(get.location == Shop.origin + Route.settings + "?return_to=%2Fa%3Fb%3Dc")
        let bare = await shop.answer(.page(.get, Route.start + "?switch_account=1", Browser(), headers))
        #expect(bare.location == Shop.origin + Route.settings && bare.cookies.isEmpty)
        let post = await shop.answer(.page(.post, Route.start, Browser(), headers))
        #expect(post.status == .forbidden && post.cookies.isEmpty && post.location == nil)
        #expect(post.contentType == "text/html; charset=utf-8")
    }

    @Test(
        "JSON starts with our own pages and with what is no browser",
        arguments: zip(
            [nil, "same-origin", "none", "same-site", "cross-site", "same-origin, cross-site", ""],
            [200, 200, 403, 403, 403, 403, 403]))
    func jsonSite(site: String?, status: Int) async throws {
        let headers = site.map { ["Sec-Fetch-Site": $0] } ?? [:]
        let answer = await (try Shop()).answer(.json(.get, Route.start, Browser(), headers))
        #expect(answer.status.code == status)
        #expect(answer.cookies.isEmpty == (status != 200))
        if status != 200 { #expect(answer.json["error"] as? String == "forbidden") }
    }

    @Test(
        "without Sec-Fetch-Site a POST counts by its exact Origin",
        arguments: zip(
            [
                "https://shop.example", nil, "null", "", "http://shop.example", "https://shop.example:443",
                "https://shop.example/", "https://SHOP.example", "https://shop.example.evil.example",
                "https://evil.example", "https://shop.example, https://evil.example", "https://xshop.example",
            ], [303, 403, 403, 403, 403, 403, 403, 403, 403, 403, 403, 403]))
    func origin(origin: String?, status: Int) async throws {
        let shop = try Shop()
        let headers = origin.map { ["Origin": $0] } ?? [:]
        let answer = await shop.answer(.page(.post, Route.start, Browser(), headers))
        #expect(answer.status.code == status)
        #expect(answer.cookies.isEmpty == (status != 303))
        // A browser that says cross-site is believed, whatever the origin.
        let cross = headers.merging(["Sec-Fetch-Site": "cross-site"]) { one, _ in one }
        #expect(await shop.answer(.page(.post, Route.start, Browser(), cross)).status == .forbidden)
    }

    @Test(
        "a prefetch spends nothing, on start and callback: 503",
        arguments: ["prefetch", "prefetch;prerender", "prefetch;anonymous-client-ip"])
    func prefetch(purpose: String) async throws {
        let shop = try Shop()
        var browser = Browser()
        let state = try #require(await shop.start(&browser).state)
        let headers = ["Sec-Purpose": purpose, "Sec-Fetch-Site": "same-origin"]
        for path in [Route.start, Route.callback + "?code=x&state=\(state)"] {
            let answer = await shop.answer(.page(.get, path, browser, headers))
            #expect(answer.status == .serviceUnavailable && answer.cookies.isEmpty)
        }
        #expect(shop.instagram.calls.isEmpty)
        #expect(try shop.phases().isEmpty)
    }

    @Test("a body is refused: 413", arguments: [HTTPRequest.Method.get, .post])
    func body(method: HTTPRequest.Method) async throws {
        let shop = try Shop()
        let request = Request.making(method, Route.start, Browser(), ["Sec-Fetch-Site": "same-origin"], body: [0])
        let answer = await shop.answer(request)
        #expect(answer.status.code == 413 && answer.cookies.isEmpty)
        #expect(answer.json["error"] as? String == "payload_too_large")
    }

    @Test(
        "odd parameters are refused (checklist 14, 15)",
        arguments: [
            "return_to=/a&return_to=/a", "return_to=/a&return_to=/b", "return_to=", "return_to",
            "return_to=//evil.example",
            "return_to=https://evil.example", "switch_account=2", "switch_account=", "switch_account=true",
            "switch_account=1&switch_account=1", "return_to=/%", "x=%00",
            "return_to=/%2500".replacing("%25", with: "%"),
        ])
    func parameters(query: String) async throws {
        let shop = try Shop()
        let answer = await shop.answer(.json(.get, Route.start + "?" + query))
        #expect(answer.status == .badRequest && answer.cookies.isEmpty)
        #expect(answer.json["error"] as? String == "invalid_request")
        let page = await shop.answer(
            .page(.post, Route.start + "?" + query, Browser(), ["Sec-Fetch-Site": "same-origin"]))
        #expect(page.status == .badRequest && page.cookies.isEmpty && page.location == nil)
    }

    @Test("unknown parameters change nothing; switch_account asks for credentials")
    func switchAccount() async throws {
        let shop = try Shop()
        func url(_ query: String) async throws -> String {
            let answer = await shop.answer(.json(.get, Route.start + "?" + query))
            return try #require(answer.json["auth_url"] as? String).replacing(try #require(answer.state), with: "S")
        }
        #expect(try await url("x=1&state=evil&redirect_uri=evil") == Self.authorize + "S")
        #expect(try await url("switch_account=0") == Self.authorize + "S")
        #expect(try await url("switch_account=1") == Self.authorize + "S&force_reauth=true")
    }

    @Test("ten thousand states, no two alike, no letter that is always the same (checklist 1)")
    func states() async throws {
        let shop = try Shop()
        var states: Set<[UInt8]> = []
        for _ in 0..<10_000 {
            let body = await shop.answer(.json(.get, Route.start)).body
            let end = try #require(body.firstRange(of: Array("\",\"status\"".utf8))).lowerBound
            states.insert(Array(body[..<end].suffix(43)))
        }
        #expect(states.count == 10_000)
        // The last letter holds four bits of the 256 and two that are always zero.
        #expect((0..<42).allSatisfy { place in Set(states.map { $0[place] }).count == 64 })
    }
}
