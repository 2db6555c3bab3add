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
            defer { site.nginx.signal(SIGKILL) }
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

            let plain = try await HTTPClient.shared.send(
                .get, "http://127.0.0.1:\(site.plainPort)/auth/instagram/callback?code=\(canary)")
            #expect(plain.status == 301)
            #expect(plain.header("location")?.hasPrefix("https://shop.example.com/auth/instagram/callback?") == true)
            let ready = try await HTTPClient.shared.send(.get, "http://127.0.0.1:\(site.privatePort)/readyz")
            #expect(ready.status == 200)

            await stage.responder?.killed()
            try await expect(502, site, "/auth/instagram/callback?code=\(canary)")
            await site.nginx.stop(within: .seconds(5))
            for log in site.logs { #expect(!log.contains(canary)) }
            #expect(site.logs.contains { $0.contains("\"/auth/instagram/callback\" 502") })
        }
    }

    private func expect(_ status: Int, _ site: ProductionSite, _ path: String, _ options: [String] = []) async throws {
        let url = "https://127.0.0.1:\(site.port)\(path)"
        // The certificate is nobody's; what is shown here is what nginx says.
        let said = try await Command.succeed(
            "curl", ["-sk", "--noproxy", "*", "-o", "/dev/null", "-D", "-", "-H", "Expect:"] + options + [url])
        let lines = said.output.lowercased().components(separatedBy: "\r\n")
        #expect(lines[0].contains(" \(status)"), "\(path): \(lines[0])")
        let promises = lines.filter { $0.hasPrefix("strict-transport-security:") }
        #expect(promises == ["strict-transport-security: max-age=31536000"], "\(path)")
    }
}
