// SPDX-License-Identifier: MIT
import Foundation
import Testing
import Vault

/// The program at a prompt: what it says, and its exit codes (sysexits.h).
@Suite
struct PromptTests {
    @Test("version says the version; a word it does not know is a usage error")
    func version() async throws {
        let version = try await Command.run(Programs.shopAuth, ["version"])
        #expect(version.end == .exit(0))
        #expect(version.output.wholeMatch(of: /ig-shop-auth \d+\.\d+\.\d+\n/) != nil)
        #expect(try await Command.run(Programs.shopAuth, ["nonsense"]).end == .exit(64))
    }

    @Test("keys edge prints one secret, and another one each time")
    func edge() async throws {
        let secrets = [
            try await Command.succeed(Programs.shopAuth, ["keys", "edge"]).output,
            try await Command.succeed(Programs.shopAuth, ["keys", "edge"]).output,
        ].map { $0.trimmingCharacters(in: .newlines) }
        #expect(Set(secrets).count == 2)
        #expect(secrets.allSatisfy { Base64URL.decode($0.utf8)?.count == 32 })
    }

    @Test("keys generate prints one line, a keyring, and another one each time")
    func keys() async throws {
        let first = try await Command.run(Programs.shopAuth, ["keys", "generate", "winter"])
        #expect(first.end == .exit(0))
        #expect(first.output.split(separator: "\n").count == 1)
        let keyring = try Keyring(parsing: Array(first.output.utf8))
        #expect(keyring.ids.map(\.description) == ["winter"])
        let second = try await Command.run(Programs.shopAuth, ["keys", "generate", "winter"])
        #expect(second.output != first.output)
        let dated = try await Command.run(Programs.shopAuth, ["keys", "generate"])
        #expect(dated.output.contains(#/^\d{4}-\d\d-\d\d /#))
        #expect(try await Command.run(Programs.shopAuth, ["keys", "generate", "no/name"]).end == .exit(64))
    }

    @Test("Bad settings: every fault in one go, a line each, exit 78, and no secret in them")
    func settings() async throws {
        let bad = [
            "META_APP_ID": "not-a-number", "META_APP_SECRET": "zqx canary",
            "META_REDIRECT_URI": "http://shop.example/x", "META_API": "telepathy", "META_SCOPES": "nothing",
            "META_GRAPH_VERSION": "25", "META_WWW_URL": "x",
            "META_API_URL": "https://evil.example", "META_GRAPH_URL": "https://graph.instagram.com.evil.example",
            "IG_SHOP_AUTH_PUBLIC_URL": "ftp://shop.example", "IG_SHOP_AUTH_DATABASE": "here.sqlite3",
            "IG_SHOP_AUTH_KEYS": "keys", "IG_SHOP_AUTH_SOCKET": "a.sock", "IG_SHOP_AUTH_IDENTITY": "anybody",
            "IG_SHOP_AUTH_AFTER_URL": "//evil.example", "IG_SHOP_AUTH_LOG_LEVEL": "shouting",
            "IG_SHOP_AUTH_AGENTS": "agents", "IG_SHOP_AUTH_RENEWALS_PER_MINUTE": "0", "META_WEBHOOK_FIELDS": "a b-c",
            "META_EXTRA_SECRETS": "zqx\tcanary", "IG_SHOP_AUTH_ALLOWED_ORIGINS": "https://zqx@shop.example",
        ]
        for command in ["serve", "check"] {
            let said = try await Command.run(Programs.shopAuth, [command], environment: bad)
            #expect(said.end == .exit(78), "\(command)")
            let text = command == "serve" ? said.error : said.output
            for name in bad.keys {
                #expect(text.matches(of: try Regex("\(name): ")).count == 1, "\(command) says one thing about \(name)")
            }
            #expect(!text.contains("zqx"))
        }
        let none = try await Command.run(Programs.shopAuth, ["serve"])
        #expect(none.end == .exit(78))
        #expect(none.lines.count == 3, "app id, secret, redirect URI")
    }

    @Test("Keys that others may read, keys that are missing, keys that are none: one line and 78")
    func keyFiles() async throws {
        try await Stage.run { stage in
            let path = stage.directory + "/other-keys"
            let environment = stage.environment.merging(["IG_SHOP_AUTH_KEYS": path]) { $1 }
            let line = try String(contentsOfFile: stage.keys, encoding: .utf8)
            let cases: [(text: String?, mode: Int)] = [
                (line, 0o644), (line, 0o604), (line, 0o660), (line, 0o750), (nil, 0), ("", 0o600), ("a b\n", 0o600),
            ]
            for (text, mode) in cases {
                if let text {
                    try text.write(toFile: path, atomically: true, encoding: .utf8)
                    try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
                } else {
                    try FileManager.default.removeItem(atPath: path)
                }
                let said = try await Command.run(Programs.shopAuth, ["serve"], environment: environment)
                #expect(said.end == .exit(78), "\(String(mode, radix: 8))")
                #expect(said.error.contains("IG_SHOP_AUTH_KEYS"))
                #expect(!said.error.contains(line.split(separator: " ")[1].dropLast()))
            }
        }
    }

    @Test("check works while the program serves, says what is set and never what a secret is")
    func check() async throws {
        try await Stage.run { stage in
            _ = try await stage.connect(Browser())
            let dump = try await Command.succeed(
                Programs.nginx, ["-T", "-q", "-e", "stderr", "-c", stage.directory + "/nginx/nginx.conf"])
            try dump.output.write(toFile: stage.directory + "/dump", atomically: true, encoding: .utf8)
            let words = ["check", "--nginx", stage.directory + "/dump"]
            let good = try await Command.run(Programs.shopAuth, words, environment: stage.environment)
            #expect(good.end == .exit(0))
            #expect(good.output.contains("META_APP_SECRET: set"))
            #expect(!good.output.contains(Stage.appSecret))
            #expect(good.output.contains("1 users"))
            #expect(good.output.contains("none of the known faults"))
            #expect(!good.output.contains("fault "))

            let line = Keyring.generateLine(id: KeyID("other")!, random: .system) + "\n"
            let path = stage.directory + "/other-keys"
            _ = FileManager.default.createFile(
                atPath: path, contents: Data(line.utf8), attributes: [.posixPermissions: 0o600])
            let environment = stage.environment.merging(["IG_SHOP_AUTH_KEYS": path]) { $1 }
            let bad = try await Command.run(Programs.shopAuth, words, environment: environment)
            #expect(bad.end == .exit(78))
            #expect(bad.output.contains("the key system is missing, and 1 rows need it"))
            #expect(try await Browser().fetch(stage.status).status == 200)
        }
    }

    @Test("Secrets may be files of systemd's credentials directory, which wins over the environment (checklist 45)")
    func credentials() async throws {
        let directory = NSTemporaryDirectory() + "ig-credentials-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try "from-the-file\n".write(toFile: directory + "/meta-app-secret", atomically: true, encoding: .utf8)
        let said = try await Command.run(
            Programs.shopAuth, ["check"],
            environment: [
                "CREDENTIALS_DIRECTORY": directory, "META_APP_ID": "1",
                "META_REDIRECT_URI": "http://localhost/auth/instagram/callback",
                "IG_SHOP_AUTH_KEYS": directory + "/none", "IG_SHOP_AUTH_DATABASE": directory + "/db",
            ])
        #expect(said.output.contains("META_APP_SECRET: set"))
        #expect(!said.output.contains("from-the-file"))
    }
}
