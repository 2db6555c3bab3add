// SPDX-License-Identifier: MIT
import Foundation
import Testing

/// `users`, `audit` and `keys list`, as an operator types them while the service runs.
@Suite
struct ListingTests {
    private func run(_ stage: Stage, _ words: [String], _ settings: [String: String] = [:]) async throws -> Command {
        let own = ["IG_SHOP_AUTH_DATABASE": stage.database, "IG_SHOP_AUTH_KEYS": stage.keys]
        return try await Command.run(Programs.shopAuth, words, environment: own.merging(settings) { $1 })
    }

    @Test("users and audit need the database's path only, and show what happened; nothing is written, no token is told")
    func listed() async throws {
        try await Stage.run { stage in
            let browser = Browser()
            #expect(try await stage.connect(browser).status == 200)
            let row = try #require(try stage.kept.users().first)
            let account = try #require(row.account)
            let changed = try FileManager.default.attributesOfItem(atPath: stage.database)[.modificationDate] as? Date

            let users = try await run(stage, ["users"])
            #expect(users.end == .exit(0) && users.error == "")
            let lines = users.output.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
            #expect(lines.count == 2)
            #expect(Array(lines[1].prefix(5)) == [row.id, "@acme_shop", account, "connected", "-"])
            #expect((50...60).contains(try #require(Int(lines[1][5]))))
            for (state, count) in [("connected", 2), ("expiring", 1)] {
                let some = try await run(stage, ["users", "--state", state])
                #expect(some.output.split(separator: "\n").count == count)
            }
            let keyless = try await run(stage, ["users"], ["IG_SHOP_AUTH_KEYS": "/nonexistent"])
            #expect(keyless.end == .exit(0) && keyless.output == users.output)
            #expect(keyless.lines.count == 1 && keyless.error.contains("/nonexistent cannot be read"))

            #expect(try await browser.fetch(stage.status).status == 200)
            let audit = try await run(stage, ["audit", "--user", row.id, "--last", "5"])
            #expect(audit.end == .exit(0))
            let entries = audit.output.split(separator: "\n").dropFirst().map { $0.split(separator: " ") }
            #expect(entries.map { $0[1] } == ["connect", "sign-in"])
            let requests = try stage.journal().filter { $0["route"] == "/auth/instagram/callback" }.compactMap {
                $0["request_id"]
            }
            #expect(entries.allSatisfy { requests.contains(String($0[7])) && $0[5] == "\(row.generation)" })
            let token = try row.token(stage.kept.keyring())
            #expect(!(users.output + audit.output).contains(token.prefix(12)))
            let now = try FileManager.default.attributesOfItem(atPath: stage.database)[.modificationDate] as? Date
            #expect(changed != nil && now == changed, "the database file is as it was")
        }
    }

    @Test("keys list shows each key's use and rows while it runs, a missing one last; nothing is written")
    func keys() async throws {
        try await Stage.run { stage in
            _ = try await stage.connect(Browser())
            let one = try await run(stage, ["keys", "list"])
            #expect(one.end == .exit(0) && one.error == "")
            #expect(one.output == "KEY     USE           ROWS\nsystem  signs, seals     1\n")
            let changed = try FileManager.default.attributesOfItem(atPath: stage.database)[.modificationDate] as? Date
            // As it would be, before a reload.
            let others = ["third", "second", "first"].map { Stage.key($0) }
            try stage.writeKeys(others.reversed())
            let many = try await run(stage, ["keys", "list"])
            #expect(many.end == .exit(0) && many.error == "")
            #expect(
                many.output == """
                    KEY     USE               ROWS
                    first   signs, seals         0
                    second  verifies cookies     0
                    third   opens                0
                    system  missing              1

                    """)
            let now = try FileManager.default.attributesOfItem(atPath: stage.database)[.modificationDate] as? Date
            #expect(changed != nil && now == changed)
            for line in others { #expect(!many.output.contains(line.split(separator: " ")[1].prefix(12))) }
            try stage.writeKeys(["x"])
            let bad = try await run(stage, ["keys", "list"])
            #expect(bad.end == .exit(78) && bad.output == "" && bad.error.contains("\(stage.keys): line 1: a line is"))
            try stage.writeKeys(others)
            let none = try await run(stage, ["keys", "list"], ["IG_SHOP_AUTH_DATABASE": "/nonexistent/x.sqlite3"])
            #expect(none.end == .exit(66) && none.lines.count == 1 && none.error.contains("there is no database at"))
        }
    }

    @Test("A database that is missing, or no database, is told plainly, by exit code as well")
    func unusable() async throws {
        for command in ["users", "audit"] {
            for (path, code, said) in [
                ("/nonexistent/x.sqlite3", 66, "there is no database at /nonexistent/x.sqlite3"),
                (Programs.repository + "/Package.swift", 69, "SQLite failed"), ("x", 78, "is not an absolute path"),
            ] as [(String, Int32, String)] {
                let told = try await Command.run(
                    Programs.shopAuth, [command], environment: ["IG_SHOP_AUTH_DATABASE": path])
                #expect(told.end == .exit(code), "\(command) \(path)")
                #expect(told.output == "" && told.lines.count == 1 && told.error.contains(said), "\(told.error)")
            }
            let usage = try await Command.run(Programs.shopAuth, [command, "--state", "x", "--last", "0"])
            #expect(usage.end == .exit(64))
        }
    }
}
