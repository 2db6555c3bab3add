// SPDX-License-Identifier: MIT
import Testing

/// Identity `remote-user` as nginx plays it: who arrives in REMOTE_USER, and what comes beside it.
@Suite
struct LoginTests {
    private typealias Login = ProductionSite.Login

    /// Names that were typed, or passwords that are wrong.
    private static let invented = [
        "Basic YWRtaW46YWRtaW4=", "Basic YW5uYTo=", "Basic YW5uYTp3cm9uZw==", "Basic OmNvcnJlY3QgaG9yc2U=",
        "Basic YW5uYQ==",
        "Basic", "Basic ====", "Bearer anna", "Digest username=\"anna\"", "anna",
    ]

    @Test(
        "An invented Authorization header makes nobody, on every route in every variant",
        arguments: ProductionSite.Login.allCases)
    func invented(_ login: ProductionSite.Login) async throws {
        try await LoginSite.run(login) { site in
            for path in LoginSite.open + LoginSite.guarded {
                for header in Self.invented {
                    let answer = try await site.send("GET \(path) HTTP/1.1\r\nAuthorization: \(header)")
                    try expectNobody(answer, path, site)
                }
                // An address that is let in elsewhere, a proxy's word, a session of somebody else's making.
                let answer = try await site.send(
                    "GET \(path) HTTP/1.1\r\nX-Auth-Request-User: anna\r\nX-SSL-Client-Verify: SUCCESS\r\n"
                        + "X-Forwarded-User: anna\r\nRemote-User: anna\r\nCookie: user=anna")
                try expectNobody(answer, path, site)
            }
            #expect(!site.application.requests.joined().lowercased().contains("x-auth-request-user"))
        }
    }

    private func expectNobody(_ answer: Response, _ path: String, _ site: LoginSite) throws {
        let isOpen = LoginSite.open.contains(path) || [.none, .certificate].contains(site.login)
        guard isOpen else {
            #expect(answer.status == 401, "\(path)")
            #expect(answer.error?.error == "login_required")
            #expect(answer.header("cache-control") == "no-store")
            return
        }
        let arrived = try #require(Arrived(answer.text), "\(path) \(answer.status)")
        #expect(arrived.all("REMOTE_USER") == [""], "\(path)")
    }

    @Test(
        "Who is signed in arrives on every route with a login, beside the edge secret; on the open ones neither does",
        arguments: [Login.basic, .request, .certificate])
    func proven(_ login: ProductionSite.Login) async throws {
        try await LoginSite.run(login) { site in
            let shown = login == .certificate ? try await site.certificate("/O=Shop/CN=anna", name: "anna") : []
            let options = shown + ["-H", site.credential]
            for (path, answer) in zip(LoginSite.guarded, try await site.curl(LoginSite.guarded, options)) {
                let arrived = try #require(Arrived(answer.text), "\(path) \(answer.status)")
                #expect(arrived.all("REMOTE_USER") == ["anna"], "\(path)")
                #expect(arrived.all("IG_EDGE") == [ProductionSite.edge], "\(path)")
                #expect(arrived.all("HTTPS") == ["on"])
            }
            for (path, answer) in zip(LoginSite.open, try await site.curl(LoginSite.open, options)) {
                let arrived = try #require(Arrived(answer.text), "\(path) \(answer.status)")
                #expect(arrived.all("REMOTE_USER") == [""], "\(path)")
                #expect(arrived.all("IG_EDGE") == [], "\(path)")
            }
        }
    }

    @Test("With identity session there is neither a user nor a secret")
    func session() async throws {
        try await LoginSite.run(.none) { site in
            for path in LoginSite.open + LoginSite.guarded {
                let arrived = try #require(Arrived(try await site.send("GET \(path) HTTP/1.1").text))
                #expect(arrived.all("REMOTE_USER") == [""] && arrived.all("IG_EDGE") == [])
            }
        }
    }

    @Test("What is missing is said as JSON and as a page, with the question that a browser asks for a password")
    func asked() async throws {
        try await LoginSite.run(.basic) { site in
            let json = try await site.send("GET /auth/instagram/status HTTP/1.1")
            #expect(json.status == 401)
            #expect(json.error?.error == "login_required")
            #expect(json.header("www-authenticate")?.hasPrefix("Basic realm=") == true)
            let page = try await site.send("GET /auth/instagram/settings HTTP/1.1\r\nAccept: text/html")
            #expect(page.status == 401)
            #expect(page.header("content-type") == "text/html; charset=utf-8")
            #expect(page.header("www-authenticate")?.hasPrefix("Basic realm=") == true)
            #expect(page.text.contains("Please sign in first."))
        }
    }

    @Test("What the application says decides: a user, nobody, no, or an error in our shape")
    func application() async throws {
        try await LoginSite.run(.request) { site in
            func get(_ cookie: String) async throws -> Response {
                try await site.send(
                    "GET /auth/instagram/callback?code=zqxcanary&state=zqxcanary HTTP/1.1\r\nCookie: \(cookie)\r\n"
                        + "Referer: https://shop.example.com/?code=zqxcanary")
            }
            #expect(Arrived(try await get("session=42/shop-a").text)?.all("REMOTE_USER") == ["42/shop-a"])
            #expect(Arrived(try await get("status=200").text)?.all("REMOTE_USER") == [""])
            #expect(Arrived(try await get("status=204").text)?.all("REMOTE_USER") == [""])
            let known = [("401", 401, "login_required"), ("403", 403, "forbidden")]
            let others = ["302", "404", "500", "502", "503"].map { ($0, 500, "internal_error") }
            for (said, status, code) in known + others {
                let answer = try await get("status=\(said); session=anna")
                #expect(answer.status == status, "\(said)")
                #expect(answer.error?.error == code, "\(said)")
            }
            // All that it is told is who wants in.
            let told = site.application.requests
            #expect(told.allSatisfy { $0.hasPrefix("GET /whoami HTTP/1.0\r\n") && !$0.contains("zqxcanary") })
            #expect(told.allSatisfy { !$0.lowercased().contains("referer") })
            site.application.stop()
            for accept in ["application/json", "text/html"] {
                let down = try await site.send("GET /auth/instagram HTTP/1.1\r\nAccept: \(accept)")
                #expect(down.status == 500)
                #expect(down.header("cache-control") == "no-store")
                #expect(!down.text.contains("nginx"))
            }
            let open = try await site.send(
                "POST /auth/instagram/deauthorize HTTP/1.1\r\nContent-Length: 3", body: "a=b")
            #expect(Arrived(open.text) != nil, "Meta does not wait for the application")
        }
    }

    @Test("The endpoint that nginx asks is no address of the site")
    func endpoint() async throws {
        try await LoginSite.run(.request) { site in
            let answer = try await site.send("GET /ig-shop-auth-whoami HTTP/1.1\r\nCookie: session=anna")
            #expect(answer.status == 404)
            #expect(site.application.requests.isEmpty)
        }
    }

    @Test("A certificate is its one common name; what is escaped, doubled, foreign or expired is nobody")
    func certificates() async throws {
        try await LoginSite.run(.certificate) { site in
            let subjects = [
                ("/CN=anna", "anna"), ("/O=Shop/OU=a b/CN=42\\/shop-a", "42/shop-a"), ("/CN=anna/O=Shop", "anna"),
                ("/O=Shop", ""), ("/CN=anna/CN=berta", ""), ("/O=x,CN=admin", ""), ("/O=x\\\\,CN=admin/CN=anna", ""),
                ("/O=x,CN=admin/CN=anna", ""), ("/O=a+CN=admin/CN=anna", ""), ("/CN=anna,O=Shop", ""),
                ("/CN=\u{e4}nna", ""),
                ("/CN=anna\nCN=admin", ""), ("/XCN=anna", ""), ("/O=CN=admin", ""), ("/OU=SUCCESS,CN=admin", ""),
            ]
            for (index, (subject, user)) in subjects.enumerated() {
                guard let shown = try? await site.certificate(subject, name: "c\(index)") else {
                    #expect(subject == "/XCN=anna", "openssl refuses \(subject)")
                    continue
                }
                let answer = try #require(try await site.curl(["/auth/instagram"], shown).first)
                let arrived = try #require(Arrived(answer.text), "\(subject) \(answer.status)")
                #expect(arrived.all("REMOTE_USER") == [user], "\(subject)")
            }
            let foreign = [
                try await site.certificate("/CN=anna", name: "own", selfSigned: true),
                try await site.certificate("/CN=anna", name: "old", expired: true),
            ]
            for shown in foreign {
                let answer = try #require(try await site.curl(["/auth/instagram"], shown).first)
                #expect(answer.status == 401)
                #expect(answer.text.contains("\"error\":\"login_required\""))
            }
        }
    }
}
