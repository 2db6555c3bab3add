// SPDX-License-Identifier: MIT
import Foundation
import Glibc
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
        "ig-shop-auth keys edge": "PromptTests",
        "ig-shop-auth check": "PromptTests",
        "ig-shop-auth serve": "every test here",
        "ig-shop-auth version": "PromptTests",
    ]

    @Test("Each command of the README is run by a test or by CI")
    func commandsAreRun() throws {
        let readme = try String(contentsOfFile: Programs.repository + "/README.md", encoding: .utf8)
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
        let port = try Ports.free(3)  // the stand-in's would be the second: nobody else may answer there
        let directory = NSTemporaryDirectory() + "ig-readme-\(port)"
        Janitor.shared.note(.directory, directory)
        defer {
            try? FileManager.default.removeItem(atPath: directory)
            Janitor.shared.forget(.directory, directory)
        }
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        let output = open(directory + "/output", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        defer { close(output) }
        let running = try Child(
            Programs.nginxFiles + "/development/run", [],
            environment: [
                "BIN": Programs.directory, "PORT": "\(port)", "RUN_DIR": directory + "/run",
                "META_APP_ID": "1234567890", "META_APP_SECRET": "the-secret",
                "META_REDIRECT_URI": "https://YOUR.HOST/auth/instagram/callback".lowercased(),
            ], output: output, error: output)
        _ = try await eventually("make run's address") {
            guard running.isRunning else { throw Missing("it has ended") }
            return try String(contentsOfFile: directory + "/output", encoding: .utf8).contains("open this") ? true : nil
        }
        let answer = try await HTTPClient.shared.send(.get, "http://localhost:\(port)/auth/instagram")
        #expect(answer.text.contains(#""auth_url":"https://www.instagram.com/oauth/authorize?client_id=1234567890"#))
        #expect(answer.text.contains("redirect_uri=https%3A%2F%2Fyour.host%2Fauth%2Finstagram%2Fcallback"))
        await #expect(throws: (any Error).self) {
            try await HTTPClient.shared.send(.get, "http://127.0.0.1:\(port + 1)/control")
        }
        #expect(await running.stop() == .exit(0))
    }
}
