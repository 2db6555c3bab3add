// SPDX-License-Identifier: MIT
import Connect
import Instagram
import Logging
import Testing
import Vault

@testable import ig_shop_auth

@Suite("Settings")
struct SettingsTests {
    static let good = [
        "META_APP_ID": "990602627938098", "META_APP_SECRET": "canary-app-secret",
        "META_REDIRECT_URI": "https://shop.example/auth/instagram/callback", "IG_SHOP_AUTH_ENV_FILE": "",
    ]

    static func faults(_ changes: [String: String]) async -> [String] {
        do {
            _ = try await SettingsReader.read(environment: good.merging(changes) { $1 })
            return []
        } catch let error as SettingFaults {
            return error.faults.map(\.name)
        } catch {
            return ["\(error)"]
        }
    }

    @Test("Three settings are enough, and the rest have the documented defaults")
    func defaults() async throws {
        let settings = try await SettingsReader.read(environment: Self.good)
        #expect(settings.publicOrigin == "https://shop.example")
        #expect(settings.after.path == "/auth/instagram/settings")
        #expect(settings.databasePath == "/var/lib/ig-shop-auth/ig-shop-auth.sqlite3")
        #expect(settings.keysPath == "/etc/ig-shop-auth/keys")
        #expect(settings.agentsPath == "/etc/ig-shop-auth/agents")
        #expect(settings.renewalsPerMinute == 200)
        #expect(settings.webhookFields == ["messages"])
        #expect(settings.socketPath == nil)
        #expect(settings.logLevel == .info)
        #expect(!settings.allowsPlainHTTP)
        #expect(settings.app.hosts.www == "https://www.instagram.com")
        #expect(settings.app.hosts.api == "https://api.instagram.com")
        #expect(settings.app.hosts.graph == "https://graph.instagram.com")
        #expect(settings.app.graphVersion == "v25.0")
        #expect(settings.app.extraSecrets == [])
        #expect(settings.app.scopes == ["instagram_business_basic", "instagram_business_manage_messages"])
    }

    @Test("An operator who subscribes accounts in another way says so")
    func noWebhooks() async throws {
        let settings = try await SettingsReader.read(
            environment: Self.good.merging(["META_WEBHOOK_FIELDS": "none"]) { $1 })
        #expect(settings.webhookFields == [])
    }

    @Test("Every fault is told in one go, and none prints the secret")
    func allFaultsAtOnce() async throws {
        let bad = [
            "META_APP_ID": "", "META_APP_SECRET": "canary secret\n", "META_REDIRECT_URI": "http://shop.example/cb",
            "META_API": "basic", "META_SCOPES": "email", "META_GRAPH_VERSION": "25",
            "META_WWW_URL": "https://evil.example",
            "META_API_URL": "http://api.instagram.com", "META_GRAPH_URL": "ftp://graph.instagram.com",
            "IG_SHOP_AUTH_PUBLIC_URL": "shop.example", "IG_SHOP_AUTH_AFTER_URL": "//evil.example",
            "IG_SHOP_AUTH_DATABASE": "relative.sqlite3", "IG_SHOP_AUTH_KEYS": "keys", "IG_SHOP_AUTH_SOCKET": "s.sock",
            "IG_SHOP_AUTH_LOG_LEVEL": "loud", "IG_SHOP_AUTH_IDENTITY": "anybody", "IG_SHOP_AUTH_AGENTS": "agents",
            "IG_SHOP_AUTH_RENEWALS_PER_MINUTE": "many", "META_WEBHOOK_FIELDS": "Messages",
            "META_EXTRA_SECRETS": "canary-one,canary\ttwo",
            "IG_SHOP_AUTH_ALLOWED_ORIGINS": "https://u:canary@a.example",
        ]
        let environment = bad.merging(["IG_SHOP_AUTH_ENV_FILE": ""]) { $1 }
        let error = await #expect(throws: SettingFaults.self) {
            try await SettingsReader.read(environment: environment)
        }
        let faults = try #require(error).faults
        #expect(Set(faults.map(\.name)) == Set(bad.keys))
        #expect(!faults.description.contains("canary"))
    }

    @Test(
        "A redirect URI that Instagram or we could not use is refused (checklist 12)",
        arguments: [
            "http://shop.example/auth/instagram/callback", "https://shop.example", "https://shop.example/",
            "https://shop.example/cb?x=1", "https://shop.example/cb#x", "https://user@shop.example/cb",
            "https://SHOP.example/cb", "https://shop.example:443/cb", "https://shop.example:0/cb",
            "https://shop.example:65536/cb", "https:///cb", "//shop.example/cb", "https://shop.example\\@evil/cb",
            "https://[::2]/cb", "javascript:alert(1)", "https://shop.example/cb\u{e9}", "https://shop.example /cb",
        ])
    func redirectURI(_ uri: String) async {
        #expect(await Self.faults(["META_REDIRECT_URI": uri]) == ["META_REDIRECT_URI"])
    }

    @Test(
        "A redirect URI on https, or on a loopback host, is taken as it stands",
        arguments: [
            "https://shop.example/auth/instagram/callback", "https://shop.example:8443/cb", "http://localhost:8080/cb",
            "http://127.0.0.1/cb", "http://[::1]:8080/cb", "http://api.shop.localhost:8080/cb",
        ])
    func goodRedirectURI(_ uri: String) async throws {
        let environment = Self.good.merging(["META_REDIRECT_URI": uri]) { $1 }
        #expect(try await SettingsReader.read(environment: environment).app.redirectURI == uri)
    }

    @Test(
        "Calls go to Instagram's and Facebook's hosts over https only (checklist 46)",
        arguments: [
            "https://instagram.com.evil.example", "https://evilinstagram.com", "http://graph.instagram.com",
            "https://graph.instagram.com/path", "http://127.0.0.1:8081", "http://localhost:8081",
            "https://127.0.0.1.evil.example", "https://user@graph.instagram.com",
        ])
    func foreignHosts(_ url: String) async {
        #expect(await Self.faults(["META_GRAPH_URL": url]) == ["META_GRAPH_URL"])
    }

    @Test("A stand-in on a loopback host is for a redirect URI on one")
    func standIn() async throws {
        let environment = Self.good.merging([
            "META_REDIRECT_URI": "http://localhost:8080/cb", "META_GRAPH_URL": "http://127.0.0.1:8081/",
        ]) { $1 }
        let settings = try await SettingsReader.read(environment: environment)
        #expect(settings.app.hosts.graph == "http://127.0.0.1:8081")
        #expect(settings.allowsPlainHTTP)
    }

    @Test(
        "A loopback address that only looks like one is none",
        arguments: ["127.evil.example", "evillocalhost", "localhost.evil.example", "127.0.0.1.evil.example"])
    func loopbackLookalikes(_ host: String) async {
        #expect(await Self.faults(["META_REDIRECT_URI": "http://\(host)/cb"]) == ["META_REDIRECT_URI"])
    }

    private static func origins(_ text: String) async throws -> Settings {
        try await SettingsReader.read(environment: good.merging(["IG_SHOP_AUTH_ALLOWED_ORIGINS": text]) { $1 })
    }

    @Test("Allowed origins are taken as browsers write them; ours need not be there")
    func allowedOrigins() async throws {
        #expect(try await SettingsReader.read(environment: Self.good).allowedOrigins == [])
        let text =
            "https://app.shop.example, http://app.shop.localhost:3000,https://shop.example,https://a.example:8443"
        #expect(
            try await Self.origins(text).allowedOrigins
                == ["https://app.shop.example", "http://app.shop.localhost:3000", "https://a.example:8443"])
        let most = (1...16).map { "https://a\($0).example" }
        #expect(try await Self.origins(most.joined(separator: ",")).allowedOrigins == most)
    }

    @Test(
        "An origin that no browser writes so, or that is none, or is there twice, is a fault",
        arguments: [
            "*", "null", "https://*.shop.example", "https://APP.shop.example", "https://app.shop.example:443",
            "http://localhost:80", "https://app.shop.example/", "https://app.shop.example/a", "app.shop.example",
            "http://app.shop.example", "https://user@app.shop.example", "https://app.shop.example:0", ",",
            "https://app.shop.example?", "ftp://app.shop.example", "https://a.example,https://a.example",
            (1...17).map { "https://a\($0).example" }.joined(separator: ","),
        ])
    func badOrigins(_ text: String) async {
        #expect(await Self.faults(["IG_SHOP_AUTH_ALLOWED_ORIGINS": text]) == ["IG_SHOP_AUTH_ALLOWED_ORIGINS"])
    }

    @Test("A visitor may end on an allowed origin without asking, and on no other")
    func afterElsewhere() async throws {
        let allowed = ["IG_SHOP_AUTH_ALLOWED_ORIGINS": "https://app.shop.example"]
        let good = Self.good.merging(allowed) { $1 }
        for (text, origin) in [("https://app.shop.example/done", "https://app.shop.example"), ("/done", nil)] {
            let settings = try await SettingsReader.read(
                environment: good.merging(["IG_SHOP_AUTH_AFTER_URL": text]) { $1 })
            #expect(settings.after.origin == origin && settings.after.path == "/done")
        }
        for text in [
            "https://evil.example/", "https://app.shop.example.evil.example/", "https://app.shop.example@evil/",
        ] {
            let faults = await Self.faults(allowed.merging(["IG_SHOP_AUTH_AFTER_URL": text]) { $1 })
            #expect(faults == ["IG_SHOP_AUTH_AFTER_URL"])
        }
    }

    private static let edge = "ZWRnZS1jYW5hcnktZWRnZS1jYW5hcnktZWRnZS1jYW4"

    @Test("The identity remote-user needs an edge secret of 256 bits, and none is printed")
    func remoteUser() async throws {
        let identity = ["IG_SHOP_AUTH_IDENTITY": "remote-user"]
        for bad in [nil, "", "canary", Self.edge + "A", Self.edge + "=", String(Self.edge.dropLast())] {
            var environment = identity
            environment["IG_SHOP_AUTH_EDGE"] = bad
            #expect(await Self.faults(environment) == ["IG_SHOP_AUTH_EDGE"])
        }
        let environment = Self.good.merging(identity) { $1 }.merging(["IG_SHOP_AUTH_EDGE": Self.edge]) { $1 }
        let settings = try await SettingsReader.read(environment: environment)
        guard case .remoteUser(let edge) = settings.identity else { throw SettingFaults(faults: []) }
        #expect(edge.exposedText() == Self.edge)
        #expect(!"\(settings)".contains(Self.edge))
    }

    @Test("The edge secret may be a credential named edge, which wins (checklist 45)")
    func edgeCredential() async throws {
        let directory = try TemporaryDirectory()
        try directory.write("edge", Self.edge + "\n")
        let environment = Self.good.merging([
            "IG_SHOP_AUTH_IDENTITY": "remote-user", "CREDENTIALS_DIRECTORY": directory.path,
        ]) { $1 }
        let settings = try await SettingsReader.read(environment: environment)
        guard case .remoteUser(let edge) = settings.identity else { throw SettingFaults(faults: []) }
        #expect(edge.exposedText() == Self.edge)
    }

    @Test(
        "A login URL is a path here or an https URL",
        arguments: zip(
            [
                "/login", "https://shop.example/in?a=b", "http://localhost:3000/in", "http://shop.example/in", "login",
                "//evil",
            ],
            [true, true, true, false, false, false]))
    func loginURL(_ url: String, isGood: Bool) async {
        #expect(await Self.faults(["IG_SHOP_AUTH_LOGIN_URL": url]) == (isGood ? [] : ["IG_SHOP_AUTH_LOGIN_URL"]))
    }

    @Test("Renewals a minute are a number from 1 to 60,000; what is none is refused, never the default in silence")
    func renewalsPerMinute() async throws {
        let name = "IG_SHOP_AUTH_RENEWALS_PER_MINUTE"
        for (text, number) in [("1", 1), ("200", 200), ("60000", 60_000), ("", 200)] {
            let environment = Self.good.merging([name: text]) { $1 }
            #expect(try await SettingsReader.read(environment: environment).renewalsPerMinute == number)
        }
        for bad in ["0", "60001", "-1", "+5", "1e3", "2.5", "200 ", " ", "0x10", "\u{661}", "99999999999999999999"] {
            #expect(await Self.faults([name: bad]) == [name], "\(bad)")
        }
    }

    @Test("Webhook fields are names separated by commas")
    func webhookFields() async throws {
        let name = "META_WEBHOOK_FIELDS"
        for text in ["messages,messaging_postbacks", "messages, messaging_postbacks"] {
            let environment = Self.good.merging([name: text]) { $1 }
            let fields = try await SettingsReader.read(environment: environment).webhookFields
            #expect(fields == ["messages", "messaging_postbacks"])
        }
        for bad in [",", " ", "Messages", "messages;comments", "messages&access_token=x", "m\u{e9}ssages"] {
            #expect(await Self.faults([name: bad]) == [name], "\(bad)")
        }
    }

    @Test("Further secrets are separated by commas, each like the app's own, and none is printed")
    func extraSecrets() async throws {
        let name = "META_EXTRA_SECRETS"
        for text in ["canary-one,canary-two", "canary-one, canary-two", " canary-one,,canary-two,"] {
            let settings = try await SettingsReader.read(environment: Self.good.merging([name: text]) { $1 })
            #expect(settings.app.extraSecrets.map { $0.exposedText() } == ["canary-one", "canary-two"])
            #expect(
                settings.app.signingSecrets.map { $0.exposedText() }
                    == ["canary-app-secret", "canary-one", "canary-two"])
            #expect(!"\(settings)".contains("canary"))
        }
        let unset = try await SettingsReader.read(environment: Self.good.merging([name: ""]) { $1 })
        #expect(unset.app.extraSecrets == [])
        for bad in [",", " ", "canary\tone", "canary-one\ncanary-two", "can\u{e1}ry", "canary-one,\u{7f}"] {
            #expect(await Self.faults([name: bad]) == [name], "\(bad)")
        }
    }

    @Test("META_API=basic-display brings the scopes of the original design, which META_SCOPES overrides")
    func basicDisplay() async throws {
        let environment = Self.good.merging(["META_API": "basic-display"]) { $1 }
        let app = try await SettingsReader.read(environment: environment).app
        #expect(app.product.name == "basic-display" && app.product.isRetired)
        #expect(app.scopes == ["user_profile", "user_media"])
        let one = environment.merging(["META_SCOPES": "user_profile"]) { $1 }
        #expect(try await SettingsReader.read(environment: one).app.scopes == ["user_profile"])
        let login = ["META_API": "basic-display", "META_SCOPES": "instagram_business_basic"]
        #expect(await Self.faults(login) == ["META_SCOPES"])
    }

    @Test("A secret in the credentials directory wins over the environment (checklist 45)")
    func credentials() async throws {
        let directory = try TemporaryDirectory()
        try directory.write("meta-app-secret", "from-the-credential\n")
        try directory.write("meta-extra-secrets", "one,two\n")
        let environment = Self.good.merging([
            "CREDENTIALS_DIRECTORY": directory.path, "META_EXTRA_SECRETS": "from-the-environment",
        ]) { $1 }
        let settings = try await SettingsReader.read(environment: environment)
        #expect(settings.app.secret.exposedText() == "from-the-credential")
        #expect(settings.app.extraSecrets.map { $0.exposedText() } == ["one", "two"])
    }
}
