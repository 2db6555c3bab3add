// SPDX-License-Identifier: MIT
import Foundation
import Testing

@testable import ig_shop_auth

/// The manual page that the package brings.
@Suite
struct ManualTests {
    /// What the program says of itself (swift-argument-parser's ToolInfo).
    private struct Tool: Decodable {
        struct Command: Decodable {
            struct Argument: Decodable {
                struct Name: Decodable { let name: String }
                let names: [Name]?
                let abstract: String?
            }
            let commandName: String
            let abstract: String?
            let arguments: [Argument]?
            let subcommands: [Command]?

            /// With the words before its name.
            func all(_ words: [String] = []) -> [(words: [String], command: Command)] {
                [(words, self)]
                    + (subcommands ?? []).filter { $0.commandName != "help" }.flatMap {
                        $0.all(words + [$0.commandName])
                    }
            }
        }
        let command: Command
    }

    private static func page() async throws -> String {
        let words = ["debian/manual", Programs.shopAuth, "systemd/ig-shop-auth.env"]
        let said = try await Command.succeed(
            "/bin/sh", ["-c", "cd \(Programs.repository) && exec python3 \(words.joined(separator: " "))"])
        #expect(said.error == "")
        return said.output
    }

    /// As a person reads it.
    private static func plain(_ page: String) -> String {
        page.replacing(#/\\f[BIR]/#, with: "").replacing("\\-", with: "-").replacing("\\(aq", with: "'")
            .replacing("\\(ga", with: "`").replacing("\\(dq", with: "\"").replacing("\\&", with: "")
            .replacing("\\e", with: "\\")
    }

    @Test("Every command, argument, setting and exit code is in it")
    func complete() async throws {
        let text = Self.plain(try await Self.page())
        let help = try await Command.succeed(Programs.shopAuth, ["--experimental-dump-help"]).output
        let all = try JSONDecoder().decode(Tool.self, from: Data(help.utf8)).command.all()
        #expect(all.count > 12 && all.contains { $0.words == ["keys", "generate"] })
        for (words, command) in all where command.subcommands == nil {
            let title = ".SS \"\(words.joined(separator: " "))\"\n"
            let parts = text.components(separatedBy: title)
            guard parts.count == 2 else {
                Issue.record("\(words) is \(parts.count - 1) times in it")
                continue
            }
            let section = parts[1].components(separatedBy: "\n.S")[0]
            #expect(command.abstract.map(section.contains) == true, "\(words)")
            for argument in command.arguments ?? []
            where argument.names?.contains(where: { ["help", "version"].contains($0.name) }) != true {
                #expect(argument.abstract.map(section.contains) == true, "\(words) \(argument)")
                for name in argument.names ?? [] { #expect(section.contains("\n--\(name.name) "), "\(words) \(name)") }
            }
        }
        for setting in Setting.allCases {
            #expect(text.contains(".TP\n\(setting.name)\n\(setting.explanation)"), "\(setting.name)")
        }
        for code in [0, 64, 66, 69, 70, 73, 74, 77, 78] { #expect(text.contains(".TP\n\(code)\n"), "\(code)") }
    }

    @Test(
        "man has nothing to say about it",
        .enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/man"), "needs man"))
    func sound() async throws {
        let path = NSTemporaryDirectory() + "ig-shop-auth-\(UUID().uuidString).1"
        try await Self.page().write(toFile: path, atomically: true, encoding: .utf8)
        defer { try? FileManager.default.removeItem(atPath: path) }
        let said = try await Command.succeed(
            "/usr/bin/man", ["--warnings", "-E", "UTF-8", "-l", "-Tutf8", path],
            environment: ["MANWIDTH": "80", "LC_ALL": "C.UTF-8"])
        #expect(said.error == "" && said.output.contains("ig-shop-auth"))
    }
}
