// SPDX-License-Identifier: MIT
import Foundation
import Glibc
import Testing
import Vault

/// `backup`, as an operator types it, and the restore that the README describes.
@Suite
struct BackupTests {
    private static func backUp(_ stage: Stage, _ file: String, _ wrapper: [String] = []) async throws -> Command {
        let words = wrapper + [Programs.shopAuth, "backup", file]
        return try await Command.run(words[0], Array(words.dropFirst()), environment: stage.environment)
    }

    /// The README's lines after *restore*, between the stop and the start.
    private static func restoreLines() throws -> [String] {
        let readme = try String(contentsOfFile: Programs.repository + "/README.md", encoding: .utf8)
        let chapter = readme.components(separatedBy: "### Backup and restore\n").last ?? ""
        let block = chapter.components(separatedBy: "```sh\nsystemctl stop").last?.components(separatedBy: "\n```")[0]
        let lines = ("systemctl stop" + (block ?? "")).components(separatedBy: "\n")
        #expect(lines.count == 5)
        #expect(lines[0].hasPrefix("systemctl stop ") && lines[4].hasPrefix("systemctl start "))
        return Array(lines[1...3])
    }

    @Test("Made while the program writes, and put in the database's place by the README's lines: tokens are handed out")
    func restore() async throws {
        try await Stage.run { stage in
            let backup = stage.directory + "/backup.sqlite3"
            let browser = Browser()
            #expect(try await stage.connect(browser).status == 200)
            let key = try await stage.employ([("bot", "*")])[0]
            let heard = try await stage.ask("events", key: key).decoded(Stage.Happened.self).next
            let made = try await withThrowingTaskGroup(of: Void.self) { group in
                for account in ["bloom.ceramics", "acme_shop", "bloom.ceramics"] {
                    group.addTask { _ = try await stage.connect(Browser(), account: account) }
                }
                let made = try await Self.backUp(stage, backup)
                try await group.waitForAll()
                return made
            }
            #expect(made.end == .exit(0) && made.error == "", "\(made.error)")
            let lines = made.output.split(separator: "\n")
            #expect(lines.count == 2 && lines[0].hasPrefix(backup + ": "))
            #expect(lines.last?.contains("keyring, \(stage.keys), which is not in it") == true)
            #expect(try await Command.succeed("sqlite3", [backup, "PRAGMA integrity_check"]).output == "ok\n")
            let late = Browser()
            #expect(try await stage.connect(late).status == 200)
            let lost = try await stage.ask("events", key: key).decoded(Stage.Happened.self).next

            #expect(await stage.responder?.stop() == .exit(0))
            // What a crash leaves: restoring must not take it for the copy's.
            try Data("of the old one".utf8).write(to: URL(filePath: stage.database + "-wal"))
            for line in try Self.restoreLines() {
                let here = line.replacing("/var/backups/ig-shop-auth.sqlite3", with: backup)
                    .replacing("/var/lib/ig-shop-auth/ig-shop-auth.sqlite3", with: stage.database)
                    .replacing("/var/lib/ig-shop-auth", with: stage.databaseDirectory)
                try await Command.succeed("/bin/sh", ["-c", here])
            }
            let attributes = try FileManager.default.attributesOfItem(atPath: stage.database)
            let owner =
                try FileManager.default.attributesOfItem(atPath: stage.databaseDirectory)[.ownerAccountID] as? Int
            #expect(attributes[.posixPermissions] as? Int == 0o600 && attributes[.ownerAccountID] as? Int == owner)
            try stage.startResponder()
            try await stage.ready()

            #expect(try await stage.everyTokenIsGood())
            let user = try #require(try stage.kept.users().first).id
            let token = try await stage.ask("users/\(user)/token", key: key)
            #expect(token.status == 200)
            let handedOut: Stage.HandedOut = try token.decoded()
            #expect(try await stage.standIn.profile(of: handedOut.accessToken).status == 200)
            for visitor in [browser, late] {
                #expect(try await visitor.fetch(stage.status).decoded(Account.self).connected == false, "signed out")
            }
            for after in [heard + 100, lost] {
                let gone = try await stage.ask("events?after=\(after)", key: key)
                #expect(gone.status == 410)
                let next = try #require(
                    (try JSONSerialization.jsonObject(with: Data(gone.body)) as? [String: Any])?["next"])
                #expect((next as? Int64 ?? 0) > 1_000_000_000 && (next as? Int64 ?? 0) > lost)
            }
            #expect(try await stage.connect(Browser()).status == 200)
            #expect(try stage.kept.integrity() == "ok")
        }
    }

    @Test(
        "It also works when nothing serves the database; a name that is taken is 73 and stays as it is, no database 66")
    func refused() async throws {
        try await Stage.run { stage in
            #expect(try await stage.connect(Browser()).status == 200)
            let file = stage.directory + "/taken"
            try "mine".write(toFile: file, atomically: false, encoding: .utf8)
            for (name, said) in [
                (file, "exists already"), ("/nonexistent/x", "No such file"), (stage.database, "exists"),
            ] {
                let told = try await Self.backUp(stage, name)
                #expect(told.end == .exit(73) && told.output == "", "\(name)")
                #expect(told.lines.count == 1 && told.error.contains(said), "\(told.error)")
            }
            #expect(try String(contentsOfFile: file, encoding: .utf8) == "mine")
            #expect(await stage.responder?.stop() == .exit(0))
            #expect(try await Self.backUp(stage, stage.directory + "/cold").end == .exit(0))
            #expect(
                try await Command.succeed("sqlite3", [stage.directory + "/cold", "PRAGMA integrity_check"]).output
                    == "ok\n")
        }
        let none = try await Command.run(
            Programs.shopAuth, ["backup", "/tmp/x"], environment: ["IG_SHOP_AUTH_DATABASE": "/nonexistent/x.sqlite3"])
        #expect(none.end == .exit(66) && none.lines.count == 1 && none.output == "")
        #expect(try await Command.run(Programs.shopAuth, ["backup"]).end == .exit(64))
    }

    @Test("No file may grow, at whatever byte: 74, one line, and nothing is left")
    func limited() async throws {
        try await Stage.run { stage in
            #expect(try await stage.connect(Browser()).status == 200)
            let folder = stage.directory + "/backups"
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
            let size = try #require(
                try FileManager.default.attributesOfItem(atPath: stage.database)[.size] as? Int)
            for limit in [4_096, 20_000, size / 2] {
                let told = try await Self.backUp(stage, folder + "/x", ["prlimit", "--fsize=\(limit):"])
                #expect(told.end == .exit(74) && told.lines.count == 1, "\(limit): \(told.error)")
                #expect(told.error.contains("the backup cannot be written"))
                #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == [])
            }
            #expect(try await Self.backUp(stage, folder + "/x").end == .exit(0))
        }
    }

    @Test(
        "A full disk: 74, one line, and nothing is left",
        .enabled(if: Stage.canMount, "needs the right to mount a tmpfs"))
    func full() async throws {
        try await Stage.run(Stage.Options(databaseKiB: 2_048)) { stage in
            #expect(try await stage.connect(Browser()).status == 200)
            try stage.fillDisk()
            let before = try FileManager.default.contentsOfDirectory(atPath: stage.databaseDirectory).sorted()
            let told = try await Self.backUp(stage, stage.databaseDirectory + "/x")
            #expect(told.end == .exit(74) && told.lines.count == 1)
            #expect(told.error.contains("the disk is full"), "\(told.error)")
            #expect(try FileManager.default.contentsOfDirectory(atPath: stage.databaseDirectory).sorted() == before)
            stage.freeDisk()
            #expect(try await Self.backUp(stage, stage.databaseDirectory + "/x").end == .exit(0))
        }
    }

    @Test("Interrupted by a signal it leaves nothing, and ends of it", arguments: [SIGINT, SIGTERM, SIGHUP])
    func interrupted(_ number: Int32) async throws {
        try await Stage.run { stage in
            #expect(try await stage.connect(Browser()).status == 200)
            // Enough to write that the signal comes in the middle.
            try await Command.succeed(
                "sqlite3",
                [
                    stage.database,
                    """
                    PRAGMA busy_timeout = 5000;
                    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200000)
                        INSERT INTO events (at, user, type) SELECT 0, hex(randomblob(200)), 'renewed' FROM n;
                    """,
                ])
            let folder = stage.directory + "/backups"
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
            let child = try Child(
                Programs.shopAuth, ["backup", folder + "/x"], environment: stage.environment, output: STDERR_FILENO,
                error: STDERR_FILENO)
            _ = try await eventually("the copy's first bytes") {
                try FileManager.default.contentsOfDirectory(atPath: folder).first { $0.first == "." }.flatMap { name in
                    let size = try? FileManager.default.attributesOfItem(atPath: folder + "/" + name)[.size] as? Int
                    return (size ?? 0) > 0 ? () : nil
                }
            }
            child.signal(number)
            #expect(await child.end() == .signal(number))
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == [])
        }
    }
}
