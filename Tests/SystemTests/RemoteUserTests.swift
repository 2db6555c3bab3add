// SPDX-License-Identifier: MIT
import Connect
import Foundation
import Testing

/// Identity `remote-user` from end to end: the shipped site with a login, the program behind it, the stand-in.
@Suite
struct RemoteUserTests {
    private static let settings = [
        "IG_SHOP_AUTH_IDENTITY": "remote-user", "IG_SHOP_AUTH_EDGE": ProductionSite.edge,
        "IG_SHOP_AUTH_LOGIN_URL": "/login",
    ]

    /// The stage's program behind the shipped site with a password file.
    private func run(_ body: (Stage, ProductionSite) async throws -> Void) async throws {
        try await Stage.run(Stage.Options(settings: Self.settings)) { stage in
            let directory = stage.directory + "/site"
            let site = try await ProductionSite(
                in: directory, socket: stage.socketPath, login: .basic, limitsRequests: false)
            do {
                try await body(stage, site)
            } catch {
                await site.nginx.stop(within: .seconds(5))
                throw error
            }
            await site.nginx.stop(within: .seconds(5))
        }
    }

    private static func credential(_ user: String, _ password: String = ProductionSite.password) -> [(String, String)] {
        [("Authorization", "Basic " + Data("\(user):\(password)".utf8).base64EncodedString())]
    }

    private func get(_ path: String, _ site: ProductionSite, _ headers: [(String, String)] = []) async throws
        -> Response
    {
        try await HTTPClient.shared.send(
            .get, "http://127.0.0.1:\(site.clearPort)\(path)",
            headers: headers.map { (name: $0.0, value: $0.1) } + [(name: "Host", value: "shop.example.com")])
    }

    /// From the start to the callback, as one signed-in person.
    private func connect(
        _ site: ProductionSite, account: String, query: String = "", finishedBy other: [(String, String)]? = nil
    ) async throws -> Response {
        struct Started: Decodable { let authUrl: String }
        let user = Self.credential(ProductionSite.user)
        let start = try await get("/auth/instagram\(query)", site, user)
        let started: Started = try start.decoded()
        let cookie = try #require(start.header("set-cookie")?.split(separator: ";").first)
        let back = try await HTTPClient.shared.send(.get, started.authUrl + "&auto=allow&account=\(account)")
        let location = try #require(back.header("location")).split(separator: "#")[0]
        let target = try #require(location.range(of: "/auth/instagram/callback")).lowerBound
        return try await get(String(location[target...]), site, (other ?? user) + [("Cookie", String(cookie))])
    }

    @Test("Who has a password connects under that name; another account is refused unless it was asked for")
    func connects() async throws {
        try await run { stage, site in
            #expect(try await connect(site, account: "acme_shop").status == 200)
            #expect(try stage.kept.users().map(\.id) == [ProductionSite.user])
            #expect(try stage.kept.users().first?.token(stage.kept.keyring()) != nil)
            let status = try await get("/auth/instagram/status", site, Self.credential(ProductionSite.user))
            #expect(status.text.contains("\"connected\":true") && status.text.contains("acme_shop"))

            let other = try await connect(site, account: "bloom.ceramics")
            #expect(other.status == 409 && other.error?.error == ErrorCode.accountMismatch.rawValue)
            #expect(try stage.kept.users().compactMap(\.username) == ["acme_shop"])
            let switched = try await connect(site, account: "bloom.ceramics", query: "?switch_account=1")
            #expect(switched.status == 200)
            #expect(try stage.kept.users().compactMap(\.username) == ["bloom.ceramics"])
            #expect(!stage.said("journal").contains(ProductionSite.edge))
        }
    }

    @Test("Nobody else is anybody: no password, a wrong one, the site without a login, the socket without the secret")
    func nobody() async throws {
        try await run { stage, site in
            for header in [[], Self.credential(ProductionSite.user, "wrong"), Self.credential("admin")] {
                let answer = try await get("/auth/instagram/status", site, header)
                #expect(answer.status == 401 && answer.error?.error == ErrorCode.loginRequired.rawValue)
            }
            // The stage's own nginx has the files of identity `session` and knows no secret.
            for path in ["", "/callback?code=a&state=b", "/status", "/settings"] {
                let answer = try await HTTPClient.shared.send(
                    .get, stage.origin + "/auth/instagram" + path,
                    headers: Self.credential(ProductionSite.user).map { (name: $0.0, value: $0.1) }
                        + [(name: "Accept", value: "application/json")])
                #expect(path == "/settings" || answer.error?.error == ErrorCode.loginRequired.rawValue, "\(path)")
                #expect(answer.status == 401, "\(path)")
                #expect(answer.header("set-cookie") == nil)
            }
            #expect(try stage.kept.users().isEmpty)
            #expect(try await stage.standIn.calls().exchanges == 0)
        }
    }

    @Test("check finds nothing wrong with the shipped site, and the secret is not printed")
    func check() async throws {
        try await run { stage, site in
            let dump = try await Command.succeed(Programs.nginx, ["-T", "-c", site.configuration, "-e", "stderr"])
            let path = stage.directory + "/dump"
            try dump.output.write(toFile: path, atomically: true, encoding: .utf8)
            var environment = stage.environment
            let good = try await Command.run(Programs.shopAuth, ["check", "--nginx", path], environment: environment)
            #expect(
                !good.output.contains("edge secret") && !good.output.contains(ProductionSite.edge), "\(good.output)")
            environment["IG_SHOP_AUTH_EDGE"] = String(repeating: "A", count: 43)
            let bad = try await Command.run(Programs.shopAuth, ["check", "--nginx", path], environment: environment)
            #expect(bad.end == .exit(78) && bad.output.contains("the edge secret is not the one in IG_SHOP_AUTH_EDGE"))
            #expect(!bad.output.contains(ProductionSite.edge))
        }
    }
}
