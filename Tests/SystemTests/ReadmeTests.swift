// SPDX-License-Identifier: MIT
import Connect
import Foundation
import Testing

/// What the README tells a person to type, typed.
@Suite
struct ReadmeTests {
    /// Every line of its shell blocks, and what runs it.
    private static let commands = [
        "make run": ".ci/try",
        "make test": ".ci/run",
        "META_APP_ID=1234567890 META_APP_SECRET=the-secret "
            + "META_REDIRECT_URI=https://YOUR.HOST/auth/instagram/callback make run": "realInstagram()",
        "ig-shop-auth keys generate": "PromptTests, .ci/try",
        "ig-shop-auth keys list": "ListingTests",
        "ig-shop-auth keys edge": "PromptTests",
        "ig-shop-auth agent-key NAME --users '*'": "AgentKeyTests",
        "ig-shop-auth check": "PromptTests",
        "ig-shop-auth users": "ListingTests",
        "ig-shop-auth audit": "ListingTests",
        "ig-shop-auth backup /var/backups/ig-shop-auth.sqlite3": "BackupTests",
        "systemctl stop ig-shop-auth.socket ig-shop-auth.service": "BackupTests, by a signal",
        "install -T -o ig-shop-auth -g ig-shop-auth -m 0600 /var/backups/ig-shop-auth.sqlite3 /var/lib/ig-shop-auth/new":
            "BackupTests",
        #"mv -t "$(mktemp -d /var/lib/ig-shop-auth/old.XXXXXX)" /var/lib/ig-shop-auth/ig-shop-auth.sqlite3*"#:
            "BackupTests",
        "mv -n /var/lib/ig-shop-auth/new /var/lib/ig-shop-auth/ig-shop-auth.sqlite3": "BackupTests",
        "systemctl start ig-shop-auth.socket ig-shop-auth.service": "BackupTests, by itself",
        "ig-shop-auth forget USER": "LettingGoTests",
        "ig-shop-auth compact": "LettingGoTests",
        "ig-shop-auth serve": "every test here",
        "ig-shop-auth version": "PromptTests",
    ]

    @Test("Each command of the README is run by a test or by CI")
    func commandsAreRun() throws {
        let text = try String(contentsOfFile: Programs.repository + "/README.md", encoding: .utf8)
        // "Install it" is typed as a whole, on a booted machine: PackageTests.
        let chapters = text.components(separatedBy: "\n## ")
        #expect(Machine.steps.count == 2 && chapters.contains { $0.hasPrefix("Install it\n") })
        let readme = chapters.filter { !$0.hasPrefix("Install it\n") }.joined()
        let blocks = readme.components(separatedBy: "```sh\n").dropFirst()
        let lines = blocks.flatMap { $0.components(separatedBy: "\n```")[0].split(separator: "\n").map(String.init) }
        #expect(Set(lines) == Set(Self.commands.keys))
        for (command, runner) in Self.commands where runner.hasPrefix(".ci/") && !runner.contains(",") {
            let script = try String(contentsOfFile: "\(Programs.repository)/\(runner)", encoding: .utf8)
            #expect(script.contains(command), "\(runner) does not run \(command)")
        }
    }

    @Test("With an app's id and secret it goes to the real Instagram, and starts no stand-in")
    func realInstagram() async throws {
        try await MakeRun.use { run in
            let app = [
                "META_APP_ID": "1234567890", "META_APP_SECRET": "the-secret",
                "META_REDIRECT_URI": "https://YOUR.HOST/auth/instagram/callback".lowercased(),
            ]
            let end = try await run.start(app) {
                let answer = try await HTTPClient.shared.send(.get, "http://localhost:\(run.port)/auth/instagram")
                let authorize = "https://www.instagram.com/oauth/authorize?client_id=1234567890"
                #expect(answer.text.contains(#""auth_url":"\#(authorize)"#))
                #expect(answer.text.contains("redirect_uri=https%3A%2F%2Fyour.host%2Fauth%2Finstagram%2Fcallback"))
                await #expect(throws: (any Error).self) {
                    try await HTTPClient.shared.send(.get, "http://127.0.0.1:\(run.port + 1)/control")
                }
            }
            #expect(end == .exit(0))
        }
    }

    @Test("It makes an agent's key once, for its user alone, and says how to show it")
    func agentKey() async throws {
        try await MakeRun.use { run in
            var keys: [String] = []
            for _ in 1...2 {
                let end = try await run.start {
                    for name in ["agent-key", "agents"] {
                        let attributes = try FileManager.default.attributesOfItem(atPath: "\(run.state)/\(name)")
                        #expect(attributes[.posixPermissions] as? Int == 0o600)
                    }
                    let hint = try #require(run.output.split(separator: "\n").first { $0.contains("curl ") })
                    #expect(hint.hasSuffix(" http://127.0.0.1:\(run.port + 2)/agent/v1/users"))
                    // What a person's shell makes of the line, but for the call itself.
                    let words = try await Command.succeed("/bin/bash", ["-c", "curl() { echo \"$2\"; }; \(hint)"])
                    let field = words.output.trimmingCharacters(in: .newlines)
                    #expect(field.hasPrefix("Authorization: "))
                    keys.append(String(field.dropFirst(15)))
                    // And the call as it is printed.
                    let answer = try await Command.succeed(
                        "/bin/bash", ["-c", "\(hint) -sS --noproxy '*' -w '%{http_code}'"])
                    #expect(answer.output == "{\"status\":\"success\",\"users\":[],\"next\":null}\n200")
                }
                #expect(end == .exit(0))
                let agents = try Agents(parsing: Data(contentsOf: URL(filePath: run.state + "/agents")))
                let agent = try #require(agents.agent(presenting: keys.last))
                #expect(agent.name == "development" && agent.mayServe("anybody"))
                let journal = try JournalLine.read(run.state + "/logs/responder.log")
                #expect(journal.first { $0["event"] == "started" }?["agents"] == "development")
            }
            #expect(keys.count == 2 && keys[0] == keys[1])
        }
    }
}
