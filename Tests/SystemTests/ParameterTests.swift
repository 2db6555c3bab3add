// SPDX-License-Identifier: MIT
import Foundation
import Testing

/// What of a request arrives behind nginx, told by a peer in the program's place, with each of the shipped snippets.
@Suite
struct ParameterTests {
    private static let canary = "zqxcanary"
    private static let long = String(repeating: canary, count: 667)

    /// Header lines that pretend, repeat and confuse. Each is sent to every route.
    private static let claims = [
        "Proxy: http://\(canary):1",
        "X-Forwarded-For: \(canary)\r\nX-Forwarded-Host: \(canary)\r\nForwarded: \(canary)",
        "Remote-User: \(canary)\r\nRemote_User: \(canary)\r\nREMOTE_USER: \(canary)\r\nX-Remote-User: \(canary)",
        "X-Auth-Request-User: \(canary)\r\nX_Auth_Request_User: \(canary)",
        "IG-Edge: \(canary)\r\nIG_EDGE: \(canary)\r\nIG_SURFACE: private\r\nIg-Surface: private",
        "X-Original-URI: /\(canary)\r\nX-Original-URL: /\(canary)\r\nX-Rewrite-URL: /\(canary)",
        "X-Accel-Redirect: /\(canary)\r\nX-HTTP-Method-Override: PUT",
        "Referer: http://\(canary)/\r\nUser-Agent: \(canary)\r\nX-A: \(canary)\r\nX-A: \(canary)",
        "Script-Filename: /\(canary)\r\nDocument-Root: /\(canary)\r\nPath-Info: /\(canary)\r\nHttps: on",
        "Request-ID: \(canary)\r\nX-Request-ID: \(canary)\r\nRequest-Method: PUT\r\nRequest-URI: /\(canary)",
        "Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\nTE: trailers", "Host: \(canary)",
    ]

    /// Requests whose line is odd, or whose headers are many.
    private static let targets: [@Sendable (String) -> String] = [
        { "GET http://localhost\($0) HTTP/1.1" }, { "GET http://\(canary)\($0) HTTP/1.1" },
        { "GET \($0)%00\(canary) HTTP/1.1" }, { "GET /\($0) HTTP/1.1" },
        { "GET \($0.replacing("/instagram", with: "//instagram")) HTTP/1.1" },
        { "GET \($0)/%2e%2e/status HTTP/1.1" }, { "GET \($0)/../callback?code=\(canary) HTTP/1.1" },
        { "GET \($0)/..%2f..%2fcallback HTTP/1.1" }, { "GET \($0)#/\(canary) HTTP/1.1" }, { "GET \($0);a=b HTTP/1.1" },
        { "GET \($0)%3f HTTP/1.1" }, { "GET \($0.replacing("a", with: "%61")) HTTP/1.1" },
        { "GET \($0.replacing("/", with: "%2f")) HTTP/1.1" }, { "GET \($0)%4 HTTP/1.1" }, { "GET \($0) HTTP/1.0" },
        { "POST \($0) HTTP/1.1\r\nContent-Length: 0" }, { "PROPFIND \($0) HTTP/1.1" },
        { target in "GET \(target) HTTP/1.1\r\n" + (0..<12).map { "X-\($0): \(long)" }.joined(separator: "\r\n") },
    ]

    @Test(
        "Over HTTP/1.1 no parameter outside the list arrives, none twice, no claim as a value, and nothing is a 500 (checklist 12, 50)",
        arguments: ProductionSite.Login.allCases)
    func one(_ login: ProductionSite.Login) async throws {
        try await LoginSite.run(login) { site in
            var arrived = 0
            for path in LoginSite.open + LoginSite.guarded {
                let heads =
                    Self.claims.map { "GET \(path) HTTP/1.1\r\n\(site.credential)\r\n\($0)" }
                    + Self.targets.map { $0(path) + "\r\n\(site.credential)" }
                for head in heads {
                    let answer = try await site.send(head)
                    arrived += expect(answer.status, answer.text, site, head) ? 1 : 0
                }
            }
            #expect(
                arrived > (LoginSite.open + LoginSite.guarded).count * Self.claims.count, "or nothing was looked at")
        }
    }

    @Test("Over HTTP/2 the same", arguments: ProductionSite.Login.allCases)
    func two(_ login: ProductionSite.Login) async throws {
        try await LoginSite.run(login) { site in
            let paths = LoginSite.open + LoginSite.guarded
            let odd = ["%00", "/%2e%2e/status", "/../callback", "//", "%2f", "%4", ";a=b"]
            // A host of that name makes nginx answer for another server; lines of HTTP/1.1 alone have no place here.
            for claim in Self.claims where !claim.contains("Host: zqx") && !claim.contains("Upgrade") {
                let lines = [site.credential] + claim.components(separatedBy: "\r\n")
                for (path, answer) in zip(paths, try await site.curl(paths, lines.flatMap { ["-H", $0] })) {
                    #expect(expect(answer.status, answer.text, site, path + " " + claim), "\(path) \(answer.status)")
                }
            }
            for path in paths {
                for answer in try await site.curl(odd.map { path + $0 }, ["-H", site.credential]) {
                    _ = expect(answer.status, answer.text, site, path)
                }
            }
            let many = (0..<12).flatMap { ["-H", "X-\($0): \(Self.long)"] }
            for answer in try await site.curl(paths, many) { #expect([0, 400].contains(answer.status)) }
        }
    }

    @Test("Two lines of one header are one parameter, or nginx's refusal", arguments: ProductionSite.Login.allCases)
    func doubles(_ login: ProductionSite.Login) async throws {
        try await LoginSite.run(login) { site in
            for name in [
                "Cookie", "Accept", "Origin", "Sec-Fetch-Site", "Sec-Purpose", "Content-Type", "Authorization",
            ] {
                let twice = "GET /auth/instagram/openapi.yaml HTTP/1.1\r\n\(name): a=1\r\n\(name): b=2"
                let answer = try await site.send(twice)
                #expect(expect(answer.status, answer.text, site, twice) || answer.status == 400)
            }
            let cookies = try await site.send(
                "GET /auth/instagram/openapi.yaml HTTP/1.1\r\nCookie: a=1\r\nCookie: b=2")
            #expect(Arrived(cookies.text)?.all("HTTP_COOKIE") == ["a=1; b=2"])
        }
    }

    @Test("An agent's key never arrives by a public route", arguments: ProductionSite.Login.allCases)
    func agentKeys(_ login: ProductionSite.Login) async throws {
        try await LoginSite.run(login) { site in
            var arrived = 0
            // What the login needs, unless that is the same header.
            let also = site.credential.hasPrefix("Authorization") ? "X-None: 1" : site.credential
            for path in LoginSite.open + LoginSite.guarded + ["/agent/v1/users", "/auth/instagram/../agent/v1/users"] {
                for name in ["Authorization", "Proxy-Authorization", "X-Authorization", "HTTP_AUTHORIZATION"] {
                    let head = "GET \(path) HTTP/1.1\r\n\(also)\r\n\(name): Bearer \(Self.canary)"
                    let answer = try await site.send(head)
                    arrived += expect(answer.status, answer.text, site, head) ? 1 : 0
                }
            }
            #expect(arrived >= LoginSite.open.count * 4, "or nothing was looked at")
        }
    }

    @Test("The private listener hands on the agent's key, and nobody is signed in there")
    func privateListener() async throws {
        try await LoginSite.run(.basic) { site in
            let answer = try await RawHTTP.send(
                "GET /agent/v1/users HTTP/1.1\r\nHost: a\r\nProxy: \(Self.canary)\r\n\(site.credential)\r\n"
                    + "Connection: close\r\n\r\n", port: site.site.privatePort)
            let arrived = try #require(Arrived(answer.text))
            #expect(Set(arrived.names) == LoginSite.listed.union(["HTTP_AUTHORIZATION"]).subtracting(["HTTPS"]))
            #expect(arrived.all("IG_SURFACE") == ["private"] && arrived.all("REMOTE_USER") == [""])
        }
    }

    /// Whether the request arrived; what did is held against the list.
    private func expect(_ status: Int, _ text: String, _ site: LoginSite, _ what: String) -> Bool {
        #expect(status != 500, "\(what)")
        guard let arrived = Arrived(text) else { return false }
        let extra = Set(arrived.names).subtracting(LoginSite.listed)
        #expect(extra.isEmpty || extra == ["IG_EDGE"], "\(what)")
        #expect(Set(arrived.names).count == arrived.names.count, "\(what): \(arrived.names)")
        #expect(arrived.all("IG_SURFACE") == ["public"], "\(what)")
        let user = arrived.all("REMOTE_USER")
        #expect(user == [""] || user == [ProductionSite.user], "\(what): \(user)")
        // Of the claims nothing but the address itself, which is the program's to read, and the cookies.
        for (name, value) in arrived.parameters where name != "REQUEST_URI" {
            #expect(!value.contains(Self.canary), "\(what): \(name)")
        }
        return true
    }
}
