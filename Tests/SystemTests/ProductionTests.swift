// SPDX-License-Identifier: MIT
import Foundation
import Testing

/// The files as they are shipped: conf.d, snippets and the TLS site, in a layout like Debian's /etc/nginx.
@Suite
struct ProductionTests {
    @Test("nginx reads all of them without a warning")
    func check() async throws {
        let check = try await Command.run(Programs.nginxFiles + "/development/check")
        #expect(check.end == .exit(0))
        #expect(check.error == "")
    }

    @Test("HTTPS for a year on every answer, plain HTTP is sent there, and no log has a code (checklist 35, 39)")
    func tls() async throws {
        try await Stage.run { stage in
            let site = try await ProductionSite(in: stage.directory + "/production", socket: stage.socketPath)
            defer { site.nginx.signal(SIGTERM) }  // SIGKILL would leave its workers behind
            let canary = "zqxcanary"
            let paths = [
                ("/auth/instagram/status", 200), ("/auth/instagram/settings", 200), ("/auth/instagram", 200),
                ("/auth/instagram/callback?code=\(canary)&state=\(canary)", 400), ("/auth/instagram/none", 404),
                ("/auth/instagram/%00\(canary)", 400), ("/elsewhere", 404), ("/readyz", 404),
            ]
            for (path, status) in paths { try await expect(status, site, path) }
            try await expect(405, site, "/auth/instagram?code=\(canary)", ["-X", "TRACE"])
            let long = String(repeating: "a", count: 20_000)
            try await expect(413, site, "/auth/instagram?code=\(canary)", ["-d", long])

            let ready = try await HTTPClient.shared.send(.get, "http://127.0.0.1:\(site.privatePort)/readyz")
            #expect(ready.status == 200)

            await stage.responder?.killed()
            try await expect(502, site, "/auth/instagram/callback?code=\(canary)")
            await site.nginx.stop(within: .seconds(5))
            for log in site.logs { #expect(!log.contains(canary)) }
            #expect(site.logs.contains { $0.contains("\"/auth/instagram/callback\" 502") })
        }
    }

    static let hosts = [
        "www.shop.example.com", "203.0.113.5", "[2001:db8::5]", "SHOP.example.com.evil.example", "other",
    ]

    @Test("Any other host name is sent to the public one, over TLS and plain, whatever is asked", arguments: hosts)
    func otherHost(_ host: String) async throws {
        try await Stage.run { stage in
            let site = try await ProductionSite(in: stage.directory + "/production", socket: stage.socketPath)
            defer { site.nginx.signal(SIGTERM) }  // SIGKILL would leave its workers behind
            let path = "/auth/instagram/callback?code=zqxcanary&state=%2F%23"
            let places = ["https://\(host):\(site.port)", "http://\(host):\(site.plainPort)"]
            let asked: [[String]] = [
                [], ["--http2"], ["--http1.0"], ["-d", "signed_request=a.b"], ["-X", "TRACE"], ["-I"],
            ]
            for place in places {
                for options in asked where !(place.hasPrefix("http:") && options == ["--http2"]) {
                    let lines = try await answer(site, place + path, options)
                    if options == ["-X", "TRACE"] {
                        #expect(lines[0].contains(" 405"), "\(place)")
                    } else {
                        #expect(lines[0].contains(" 301"), "\(place) \(options): \(lines[0])")
                        #expect(lines.contains("location: https://\(ProductionSite.host)\(path)".lowercased()))
                    }
                    #expect(promises(lines) == [], "\(place) \(options): names that may live elsewhere without TLS")
                    #expect(!lines.contains { $0.hasPrefix("set-cookie:") })
                }
            }
            // What certbot answers a challenge with, for each name.
            let challenge = "http://\(host):\(site.plainPort)/.well-known/acme-challenge/none"
            #expect(try await answer(site, challenge)[0].contains(" 404"))
            // Our own name over plain HTTP goes the same way.
            let own = try await answer(site, "http://\(ProductionSite.host):\(site.plainPort)\(path)")
            #expect(own[0].contains(" 301"))
            await site.nginx.stop(within: .seconds(5))
            for log in site.logs { #expect(!log.contains("zqxcanary")) }
        }
    }

    @Test("Names that another site has are its own, and a default_server beside ours is no conflict")
    func neighbours() async throws {
        try await Stage.run { stage in
            let site = try await ProductionSite(
                in: stage.directory + "/production", socket: stage.socketPath,
                neighbour: """
                    server {
                        listen 127.0.0.1:80 default_server;
                        server_name _;
                        location / { return 204; }
                    }
                    server {
                        listen 127.0.0.1:80;
                        server_name mail.example.com;
                        location / { return 204; }
                    }
                    """)
            defer { site.nginx.signal(SIGTERM) }  // SIGKILL would leave its workers behind
            let port = site.plainPort
            #expect(try await answer(site, "http://mail.example.com:\(port)/")[0].contains(" 204"))
            #expect(try await answer(site, "http://other.example.com:\(port)/")[0].contains(" 301"))
            #expect(try await answer(site, "http://\(ProductionSite.host):\(port)/")[0].contains(" 301"))
        }
    }

    @Test("Requests beyond the limit are 429 in our shape, with HTTPS for a year; others go on being answered")
    func limits() async throws {
        try await Stage.run { stage in
            let site = try await ProductionSite(in: stage.directory + "/production", socket: stage.socketPath)
            defer { site.nginx.signal(SIGTERM) }  // SIGKILL would leave its workers behind
            let told = site.directory + "/heads"
            // One run of curl over one connection: many more than 10 a second.
            let said = try await Command.succeed(
                "curl",
                ["-sk", "--http2", "-D", told, "-H", "Accept: application/json", "-w", "\n%{http_code}\n"]
                    + site.resolving
                    + [site.url + "/auth/instagram/status?[1-200]"])
            let lines = said.output.split(separator: "\n")
            let refused = lines.filter { $0 == "429" }.count
            #expect(lines.filter { $0 == "200" }.count == 200 - refused)
            #expect(refused > 50 && refused < 145, "\(refused)")  // 60 at once, and those of the time it took
            #expect(lines.filter { $0.contains(#""error":"too_many_requests""#) }.count == refused)
            let heads = try String(contentsOfFile: told, encoding: .utf8).lowercased()
            #expect(heads.components(separatedBy: Self.promise[0]).count - 1 == 200)
            #expect(heads.components(separatedBy: "retry-after: 1\r\n").count - 1 == refused)
            // The limit is of an address; agents and monitoring have none.
            let ready = try await HTTPClient.shared.send(.get, "http://127.0.0.1:\(site.privatePort)/readyz")
            #expect(ready.status == 200)
        }
    }

    static let unfinished = [
        "GET /auth/instagram/status HTTP/1.1\r\nHost: shop.example.com\r\nX: 1",
        "GET /auth/instagram/status HTTP/1.1\r\nHost: other\r\nX: 1", "GET /auth/instagram/sta",
        "POST /auth/instagram/deauthorize HTTP/1.1\r\nHost: shop.example.com\r\nContent-Length: 9\r\n\r\nsig",
    ]

    @Test(
        "Who stops in the middle of a request is cut off, and nothing of it reaches the program", arguments: unfinished)
    func dribbling(_ request: String) async throws {
        try await Stage.run { stage in
            let site = try await ProductionSite(
                in: stage.directory + "/production", socket: stage.socketPath, patience: 1)
            defer { site.nginx.signal(SIGTERM) }  // SIGKILL would leave its workers behind
            let began = ContinuousClock.now
            await #expect(throws: Missing.self) { try await RawHTTP.send(request, port: site.clearPort) }
            let took = ContinuousClock.now - began
            #expect(took > .milliseconds(900) && took < .seconds(15), "\(took)")
            #expect(!stage.said("journal").contains("/auth/instagram/"))
        }
    }

    private static let promise = ["strict-transport-security: max-age=31536000"]

    private func promises(_ lines: [String]) -> [String] {
        lines.filter { $0.hasPrefix("strict-transport-security:") }
    }

    /// The lines of an answer's head, in lower case.
    private func answer(_ site: ProductionSite, _ url: String, _ options: [String] = []) async throws -> [String] {
        // The certificate is nobody's; what is shown here is what nginx says.
        let said = try await Command.succeed(
            "curl",
            ["-skg", "-o", "/dev/null", "-D", "-", "-H", "Expect:"] + site.resolving
                + ["--connect-to", ":\(site.plainPort):127.0.0.1:\(site.plainPort)"] + options + [url])
        return said.output.lowercased().components(separatedBy: "\r\n")
    }

    private func expect(_ status: Int, _ site: ProductionSite, _ path: String, _ options: [String] = []) async throws {
        let lines = try await answer(site, site.url + path, options)
        #expect(lines[0].contains(" \(status)"), "\(path): \(lines[0])")
        #expect(promises(lines) == Self.promise, "\(path)")
    }
}
