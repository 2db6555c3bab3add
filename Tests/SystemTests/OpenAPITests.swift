// SPDX-License-Identifier: MIT
import Connect
import Glibc
import HTTPTypes
import TestSupport
import Testing

/// The description that the service gives of itself, held against the service.
@Suite(.serialized, .stage)
struct OpenAPITests {
    private let stage = Stage.current!
    private let browser = Browser()

    private func description() async throws -> OpenAPI {
        let answer = try await HTTPClient.shared.send(.get, stage.origin + Endpoint.openAPI.rawValue)
        #expect(answer.status == 200)
        return try OpenAPI(answer.text)
    }

    @Test("Every route and method is described, and nothing else is (checklist 40)")
    func routes() async throws {
        let described = try await description()
        let served = Endpoint.allCases.flatMap { endpoint in
            endpoint.methods.filter { $0 != .head }.map { "\($0.rawValue) \(endpoint.rawValue)" }
        }
        #expect(Set(described.operations) == Set(served))
    }

    @Test("A route answers on the listener that its tag says, and is not found on the other")
    func surfaces() async throws {
        let described = try await description()
        for endpoint in Endpoint.allCases {
            let isPrivate = described.isPrivate(endpoint.rawValue)
            #expect(isPrivate == (endpoint.surface == .private))
            let other = (isPrivate ? stage.origin : privateOrigin) + Self.written(endpoint)
            let answer = try await HTTPClient.shared.send(endpoint.methods.contains(.get) ? .get : .post, other)
            #expect(answer.status == 404)
        }
    }

    /// One request, and the answer that is meant to be seen.
    struct Case: Sendable, CustomTestStringConvertible {
        let method: HTTPMethod
        let target: String
        let headers: [String: String]
        let status: Int

        init(_ method: HTTPMethod, _ target: String, _ headers: [String: String] = [:], is status: Int) {
            self.method = method
            self.target = target
            self.headers = headers
            self.status = status
        }

        var testDescription: String { "\(method) \(target) \(headers): \(status)" }
    }

    private static let page = ["Accept": "text/html"]
    private static let sameOrigin = ["Sec-Fetch-Site": "same-origin"]
    private static let crossSite = ["Sec-Fetch-Site": "cross-site"]

    static let cases = [
        Case(.get, "/auth/instagram", is: 200),
        Case(.get, "/auth/instagram", page, is: 303),
        Case(.get, "/auth/instagram?return_to=//evil.example", is: 400),
        Case(.get, "/auth/instagram", crossSite, is: 403),
        Case(.get, "/auth/instagram", ["Sec-Purpose": "prefetch"], is: 503),
        Case(.post, "/auth/instagram", sameOrigin, is: 200),
        Case(.post, "/auth/instagram", page.merging(sameOrigin) { $1 }, is: 303),
        Case(.post, "/auth/instagram?switch_account=2", sameOrigin, is: 400),
        Case(.post, "/auth/instagram", crossSite, is: 403),
        Case(.get, "/auth/instagram?return_to=//evil.example", page, is: 400),
        Case(.post, "/auth/instagram", page.merging(crossSite) { $1 }, is: 403),
        Case(.get, "/auth/instagram", page.merging(["Sec-Purpose": "prefetch;prerender"]) { $1 }, is: 503),
        Case(.get, "/auth/instagram/callback", is: 400),
        Case(.get, "/auth/instagram/callback?code=a&code=b&state=c", is: 400),
        Case(.get, "/auth/instagram/callback?error=access_denied", is: 403),
        Case(
            .get, "/auth/instagram/callback?error=access_denied&error_description=Insufficient+developer+role", is: 422),
        Case(.get, "/auth/instagram/callback?code=a&state=b", page, is: 303),
        Case(.get, "/auth/instagram/status", is: 200),
        Case(.get, "/auth/instagram/settings", page, is: 200),
        Case(.get, "/auth/instagram/connect", is: 400),
        Case(.get, "/auth/instagram/connect?link=a&link=b", page, is: 400),
        Case(.post, "/auth/instagram/connect?link=a", sameOrigin, is: 400),
        Case(
            .post, "/auth/instagram/connect?link=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", crossSite, is: 403),
        Case(.get, "/auth/instagram/connect", ["Sec-Purpose": "prefetch"], is: 503),
        Case(.post, "/auth/instagram/sign-out", sameOrigin, is: 200),
        Case(.post, "/auth/instagram/sign-out", page.merging(sameOrigin) { $1 }, is: 303),
        Case(.post, "/auth/instagram/sign-out", ["Origin": "null"], is: 403),
        Case(.post, "/auth/instagram/disconnect", sameOrigin, is: 200),
        Case(.post, "/auth/instagram/disconnect", page.merging(sameOrigin) { $1 }, is: 303),
        Case(.post, "/auth/instagram/disconnect", crossSite, is: 403),
        Case(.post, "/auth/instagram/disconnect", page.merging(crossSite) { $1 }, is: 403),
        Case(.post, "/auth/instagram/deauthorize", is: 400),
        Case(.post, "/auth/instagram/data-deletion", page, is: 400),
        Case(.get, "/auth/instagram/connect.js", is: 200),
        Case(.get, "/auth/instagram/openapi.yaml", is: 200),
        Case(.get, "/healthz", is: 200),
        Case(.get, "/readyz", is: 200),
        Case(.get, "/metrics", is: 200),
    ]

    @Test("An answer is one that is described: its status, its type, its every field", arguments: cases)
    func answers(_ row: Case) async throws {
        let described = try await description()
        let path = String(row.target.prefix { $0 != "?" })
        let origin = described.isPrivate(path) ? privateOrigin : stage.origin
        let answer = try await HTTPClient.shared.send(
            row.method, origin + row.target, headers: row.headers.map { (name: $0, value: $1) })
        #expect(answer.status == row.status)
        #expect(try described.faults(in: answer, to: row.method == .get ? "get" : "post", path) == [])
    }

    @Test(
        "What is not described is noticed",
        arguments: [
            (200, #"{"status":"success"}"#), (200, #"{"status":"error","error":"busy","message":"","request_id":"x"}"#),
            (418, "{}"), (503, #"{"status":"error","error":"new","message":"","request_id":"0"}"#),
        ])
    func lies(_ status: Int, _ body: String) async throws {
        let lie = Response(
            status: status, headers: [(name: "content-type", value: "application/json")], body: Array(body.utf8))
        #expect(try await description().faults(in: lie, to: "get", Endpoint.status.rawValue) != [])
    }

    @Test("A body is refused as described where a route takes none", arguments: Endpoint.allCases)
    func bodies(_ endpoint: Endpoint) async throws {
        guard endpoint.methods.contains(.post), endpoint.surface == .public,
            ![.deauthorize, .dataDeletion].contains(endpoint)
        else { return }
        let answer = try await HTTPClient.shared.send(
            .post, stage.origin + endpoint.rawValue, headers: [(name: "Sec-Fetch-Site", value: "same-origin")],
            body: "a=b")
        #expect(answer.status == 413)
        #expect(try await description().faults(in: answer, to: "post", endpoint.rawValue) == [])
    }

    @Test("A connected visitor's answers are as described")
    func connected() async throws {
        let described = try await description()
        try await stage.standIn.reset()
        let success = try await stage.connect(browser)
        #expect(success.status == 200)
        #expect(try described.faults(in: success, to: "get", Endpoint.callback.rawValue) == [])
        let status = try await browser.fetch(stage.status)
        #expect(try status.text.contains("\"state\":\"connected\""))
        #expect(try described.faults(in: status, to: "get", Endpoint.status.rawValue) == [])
        let letGo = try await browser.fetch(stage.origin + Endpoint.disconnect.rawValue, .post)
        #expect(try letGo.text.contains("\"webhooks\":\"unsubscribed\""))
        #expect(try described.faults(in: letGo, to: "post", Endpoint.disconnect.rawValue) == [])
    }

    @Test("What Meta is answered, and what a person sees of a deletion, is as described")
    func meta() async throws {
        let described = try await description()
        let signed = MetaSignature.signedRequest(
            userID: "17841400000000999", issuedAt: Int64(time(nil)), secret: Stage.appSecret)
        for endpoint in [Endpoint.deauthorize, .dataDeletion] {
            let answer = try await HTTPClient.shared.send(
                .post, stage.origin + endpoint.rawValue,
                headers: [(name: "Content-Type", value: "application/x-www-form-urlencoded")],
                body: "signed_request=" + signed)
            #expect(answer.status == 200)
            #expect(try described.faults(in: answer, to: "post", endpoint.rawValue) == [])
            guard endpoint == .dataDeletion else { continue }
            let url = try #require(try answer.text.split(separator: "\"").first { $0.hasPrefix("http") })
            for headers in [[], [(name: "Accept", value: "text/html")]] {
                let record = try await HTTPClient.shared.send(.get, String(url), headers: headers)
                #expect(record.status == 200)
                #expect(try described.faults(in: record, to: "get", Endpoint.deletion.rawValue) == [])
            }
        }
        let unknown = try await HTTPClient.shared.send(.get, stage.origin + Endpoint.dataDeletion.rawValue + "/x")
        #expect(unknown.status == 404)
        #expect(try described.faults(in: unknown, to: "get", Endpoint.deletion.rawValue) == [])
    }

    @Test("A private route names its listener, and one of agents asks for a key and says what happens without")
    func privateRoutes() async throws {
        let described = try await description()
        for endpoint in Endpoint.allCases {
            let isPrivate = endpoint.surface == .private
            #expect(described.says("servers", of: endpoint.rawValue) == isPrivate, "\(endpoint)")
            let method = endpoint.methods[0] == .get ? "get" : "post"
            let isAgents = endpoint.rawValue.hasPrefix("/agent/")
            #expect(described.says("security", of: endpoint.rawValue, method) == isAgents, "\(endpoint)")
            guard isAgents else { continue }
            let path = Self.written(endpoint).replacing("/agent/v1/", with: "")
            let answer = try await stage.ask(path, key: "igsa_x", method == "get" ? .get : .post)
            #expect(answer.status == 401)
            #expect(try described.faults(in: answer, to: method, endpoint.rawValue) == [])
        }
    }

    @Test("What agents are told is as described: tokens, states, events, reports, and what goes wrong")
    func agents() async throws {
        let described = try await description()
        try await stage.standIn.reset()
        let key = try await stage.employ([("bot", "*")])[0]
        #expect(try await stage.connect(Browser()).status == 200)
        let row = try #require(try stage.kept.users().last)
        let account = try #require(row.account)

        func check(
            _ endpoint: Endpoint, _ rest: String = "", is status: Int, of user: String? = nil, body: String? = nil
        ) async throws {
            let path = endpoint.rawValue.replacing("/agent/v1/", with: "")
                .replacing("{user}", with: user ?? row.id).replacing("{instagram_user_id}", with: user ?? account)
            let answer = try await stage.ask(path + rest, key: key, body == nil ? .get : .post, body: body)
            #expect(answer.status == status, "\(path)\(rest): \(answer.text)")
            let method = body == nil ? "get" : "post"
            #expect(try described.faults(in: answer, to: method, endpoint.rawValue) == [], "\(path)\(rest)")
        }
        let each: [(Endpoint, token: Endpoint, refused: Endpoint)] = [
            (.agentUser, .agentUserToken, .agentUserRefused), (.agentAccount, .agentAccountToken, .agentAccountRefused),
        ]
        for (status, token, refused) in each {
            try await check(status, is: 200)
            try await check(status, is: 404, of: "1")
            try await check(token, is: 200)
            try await check(token, "?min_valid_for=604800", is: 200)
            try await check(token, "?min_valid_for=x", is: 400)
            try await check(token, is: 404, of: "1")
            try await check(refused, is: 200, body: "{\"token_id\":\"1\"}")
            try await check(refused, is: 200, body: "{\"token_id\":\"\(row.generation)\"}")
            try await check(refused, is: 400, body: "{}")
            try await check(refused, is: 404, of: "1", body: "{\"token_id\":\"1\"}")
        }
        try await check(.agentUserDisconnect, is: 404, of: "1", body: "")
        let link = try await stage.ask("users/\(row.id)/connect", key: key, .post, body: "{\"return_to\":\"/a\"}")
        #expect(link.status == 201)
        #expect(try described.faults(in: link, to: "post", Endpoint.agentUserConnect.rawValue) == [])
        try await check(.agentUserConnect, is: 201, of: "1", body: "{\"return_to\":\"/a\",\"switch_account\":true}")
        try await check(.agentUserConnect, is: 400, body: "{\"return_to\":\"//evil.example\"}")
        let visitor = Browser()
        let claim = try await stage.follow(link, visitor)
        try await check(.agentClaims, is: 400, body: "{}")
        try await check(.agentClaims, is: 200, body: "{\"claim\":\"\(claim)\",\"user\":\"\(row.id)\"}")
        try await check(.agentClaims, is: 400, body: "{\"claim\":\"\(claim)\",\"user\":\"\(row.id)\"}")
        let old = try await stage.standIn.issue("acme_shop", #", "age": 100000"#)
        let short = try await stage.standIn.issue("acme_shop", #", "kind": "short""#)
        try await check(.agentUserImport, is: 200, body: "{\"access_token\":\"\(old)\"}")
        try await check(.agentUserImport, is: 400, body: "{}")
        try await check(.agentUserImport, is: 409, of: "1", body: "{\"access_token\":\"\(old)\"}")
        try await check(.agentUserImport, is: 422, body: "{\"access_token\":\"\(short)\"}")
        try await check(.agentUserImport, is: 422, body: "{\"access_token\":\"nobody's\"}")
        for (kind, status) in [("html-502", 503), ("throttled-business", 503), ("garbage-token", 422)] {
            try await stage.standIn.fail("read-profile", kind, count: 1)
            try await check(.agentUserImport, is: status, body: "{\"access_token\":\"\(short)\"}")
        }
        try await stage.standIn.set(#"{"faults": [], "me_omits": ["user_id"]}"#)
        try await check(.agentUserImport, is: 502, body: "{\"access_token\":\"\(short)\"}")
        try await stage.standIn.reset()
        try await check(.agentUsers, is: 200)
        try await check(.agentUsers, "?limit=1&state=connected", is: 200)
        try await check(.agentUsers, "?limit=0", is: 400)
        try await check(.agentEvents, is: 200)
        try await check(.agentEvents, "?wait=21", is: 400)
        try await check(.agentEvents, "?after=99999", is: 410)

        // A verdict is asked for once a minute, so the next token has to be another one.
        #expect(try await stage.connect(Browser()).status == 200)
        try await stage.standIn.fail("read-profile", "password-changed")
        let next = try #require(try stage.kept.users().last { $0.id == row.id })
        try await check(.agentUserRefused, is: 200, body: "{\"token_id\":\"\(next.generation)\"}")
        for (status, token, _) in each {
            try await check(token, is: 409)
            try await check(status, is: 200)
        }
        try await check(.agentUserDisconnect, is: 200, body: "")
        try await stage.standIn.reset()
    }

    private static let failures = [
        ("exchange-code", "code-used", 502), ("exchange-code", "html-502", 503),
        ("read-profile", "unsupported-request", 422),
        ("read-profile", "throttled-business", 503), ("read-profile", "password-changed", 502),
    ]

    @Test("Instagram's failures are answered as described", arguments: failures)
    func instagramFailures(_ endpoint: String, _ kind: String, _ status: Int) async throws {
        try await stage.standIn.reset()
        try await stage.standIn.fail(endpoint, kind)
        let answer = try await stage.connect(Browser())
        #expect(answer.status == status)
        #expect(try await description().faults(in: answer, to: "get", Endpoint.callback.rawValue) == [])
    }

    @Test("The other method on a described path is 405, with those that are allowed")
    func otherMethods() async throws {
        for endpoint in Endpoint.allCases
        where endpoint.surface == .public && endpoint.methods.count == 1 || endpoint == .status {
            let method: HTTPMethod = endpoint.methods.contains(.get) ? .post : .get
            let answer = try await HTTPClient.shared.send(method, stage.origin + endpoint.rawValue)
            #expect(answer.status == 405)
            #expect(answer.header("allow") == endpoint.methods.map(\.rawValue).joined(separator: ", "))
            #expect(answer.error?.error == "method_not_allowed")
        }
    }

    /// Its path as a client writes it, with the braces as they are.
    private static func written(_ endpoint: Endpoint) -> String {
        endpoint.rawValue.replacing("{", with: "%7B").replacing("}", with: "%7D")
    }

    private var privateOrigin: String { "http://127.0.0.1:\(stage.privatePort)" }
}
