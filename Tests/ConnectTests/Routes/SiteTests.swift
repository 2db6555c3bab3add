// SPDX-License-Identifier: MIT
import Connect
import HTTPTypes
import Testing

@Suite struct SiteTests {
    private static let methods: [HTTPRequest.Method] =
        ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "get", "FOO"].map {
            .init($0)!
        }

    @Test("a route answers its methods, and 405 with Allow to all others (checklist 40)", arguments: Endpoint.allCases)
    func methods(endpoint: Endpoint) async throws {
        let shop = try Shop()
        let allowed: [Endpoint: String] = [
            .start: "GET, POST", .callback: "GET", .signOut: "POST", .agentUserToken: "GET", .agentAccountToken: "GET",
            .disconnect: "POST", .deauthorize: "POST", .dataDeletion: "POST", .agentUserDisconnect: "POST",
            .agentEvents: "GET", .agentUserRefused: "POST", .agentAccountRefused: "POST",
            .agentUserImport: "POST", .agentUserConnect: "POST", .agentClaims: "POST",
            .connectLink: "GET, HEAD, POST",
        ]
        for method in Self.methods {
            let answer = await shop.answer(.making(method, endpoint.rawValue, surface: endpoint.surface))
            let allow = allowed[endpoint] ?? "GET, HEAD"
            let isAllowed = allow.components(separatedBy: ", ").contains(method.rawValue)
            #expect((answer.status == .methodNotAllowed) != isAllowed, "\(method)")
            #expect(answer.fields[.allow] == (isAllowed ? nil : allow))
            #expect(answer.route == endpoint)
        }
    }

    @Test(
        "what is not built, or nobody's, is not there (checklist 40)",
        arguments: [
            "/", "/auth", "/auth/instagram/", "/auth/instagram/disconnect/", "/auth/instagram/data-deletion/",
            "/auth/instagram/data-deletion/x/y", "/auth/instagram/connect.mjs",
            "/agent/v1/users/", "/agent/v1/users/x/token/", "/agent/v1/users/x/tokens", "/agent/v1/users//token",
            "/agent/v1/users/x%00/token", "/agent/v1/users/%ff/token", "/agent/v1/accounts", "/agent/v2/users",
            "/agent/v1/users/" + String(repeating: "u", count: 129), "/metrics/",
            "/favicon.ico", "/.git/config", "/reflected?reflected",
            "/auth/facebook", "",
            "//", "/\u{0}", "/é", "/%", "/auth%2finstagram",
        ])
    func notFound(path: String) async throws {
        let shop = try Shop()
        for surface in [Request.Surface.public, .private] {
            for method in Self.methods {
                let answer = await shop.answer(.making(method, path, body: [1], surface: surface))
                #expect(answer.status == .notFound && answer.route == nil)
                #expect(answer.json["error"] as? String == "not_found" && !answer.everything.contains("reflected"))
            }
            let page = await shop.answer(.page(.get, path))
            #expect(page.status == .notFound && page.contentType == "text/html; charset=utf-8")
            #expect(!page.everything.contains("reflected"))
        }
    }

    @Test("a route answers on its own listener and does not exist on the other", arguments: Endpoint.allCases)
    func surfaces(endpoint: Endpoint) async throws {
        let shop = try Shop()
        let isPrivate = !endpoint.rawValue.hasPrefix("/auth/")
        for surface in [Request.Surface.public, .private] {
            let answer = await shop.answer(.making(.get, endpoint.rawValue, surface: surface))
            #expect((answer.route == nil) == (isPrivate != (surface == .private)))
            #expect(answer.route != nil || answer.status == .notFound)
        }
    }

    @Test("no header decides where a visitor is sent (checklist 12)")
    func hostHeaders() async throws {
        let shop = try Shop()
        let headers = [
            "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "http", "Forwarded": "host=evil.example",
            "Host": "evil.example",
            "X-Original-URL": Route.signOut, "X-Rewrite-URL": Route.signOut, "Referer": "https://evil.example/",
            "X-HTTP-Method-Override": "POST", "IG-Surface": "private", "REMOTE_USER": "root",
        ]
        for path in [Route.start, Route.settings, Route.callback + "?code=x", Route.status] {
            let answer = await shop.answer(.page(.get, path, Browser(), headers))
            #expect(!answer.everything.contains("evil.example"))
            #expect(answer.everything == (await shop.answer(.page(.get, path))).everything)
        }
    }

    @Test("the description of the routes is served as it was built in")
    func openAPI() async throws {
        let answer = await (try Shop()).answer(.making(.get, Route.openAPI))
        #expect(answer.status == .ok && answer.contentType == "application/yaml; charset=utf-8")
        #expect(answer.text.hasPrefix("openapi: 3.1"))
    }
}
