// SPDX-License-Identifier: MIT
import Testing

/// nginx's logs with each kind of login, whatever goes wrong (checklist 34, 35).
@Suite
struct LoginLeakTests {
    private static let canary = "zqxcanary"
    private static let callback = "GET /auth/instagram/callback?code=\(canary)&state=\(canary) HTTP/1.1"
    private static let referrer = "Referer: https://shop.example.com/auth/instagram/callback?code=\(canary)"

    @Test(
        "No log has a code: signed in or not, limited, upstream silent, mad or gone, the application down",
        arguments: ProductionSite.Login.allCases)
    func logs(_ login: ProductionSite.Login) async throws {
        try await LoginSite.run(login, limitsRequests: true) { site in
            let whole = "\(Self.callback)\r\n\(Self.referrer)"
            let signedIn = "\(whole)\r\n\(site.credential)"
            var statuses: Set<Int> = []
            func ask(_ head: String) async throws { statuses.insert(try await site.send(head).status) }

            for head in [whole, signedIn, whole + "\r\nAuthorization: Basic YW5uYTp3cm9uZw=="] { try await ask(head) }
            try await ask("\(whole)\r\nCookie: status=403")
            try await ask(whole.replacing("GET ", with: "TRACE "))
            try await ask(whole.replacing("callback", with: "callback%00"))
            try await ask("\(whole)\r\nX: " + String(repeating: Self.canary, count: 1_200))
            let body = String(repeating: "a", count: 20_000)
            statuses.insert(try await site.send("\(whole)\r\nContent-Length: 20000", body: body).status)
            for mood in [ParameterPeer.Mood.hangsUp, .talksNonsense] {
                site.peer.become(mood)
                try await ask(signedIn)
            }
            site.peer.stop()
            try await ask(signedIn)
            try await Command.succeed("rm", [site.socketPath])
            try await ask(signedIn)
            site.application.stop()
            try await ask(signedIn)
            for status in login == .request ? [401, 500, 502] : login == .basic ? [401, 502] : [502] {
                #expect(statuses.contains(status))
            }
            // Beyond the limit: 60 at once and 10 a second.
            let limited = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<150 { group.addTask { try await site.send(signedIn).status } }
                return try await group.reduce(into: 0) { $0 += $1 == 429 ? 1 : 0 }
            }
            #expect(limited > 0)

            await site.site.nginx.stop()
            for log in site.site.logs {
                let line = log.split(separator: "\n").first { $0.contains(Self.canary) || $0.contains("code=") }
                #expect(line == nil)
                #expect(!log.contains(ProductionSite.edge) && !log.contains(ProductionSite.password))
            }
            #expect(site.site.logs.contains { $0.contains("\"/auth/instagram/callback\" 429") })
            #expect(site.site.logs.contains { $0.contains("\"/auth/instagram/callback\" 502") })
        }
    }
}
