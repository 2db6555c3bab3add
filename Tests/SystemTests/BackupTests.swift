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
    private static func restoreLines(_ stage: Stage, _ backup: String) throws -> [String] {
        let readme = try String(contentsOfFile: Programs.repository + "/README.md", encoding: .utf8)
        let chapter = readme.components(separatedBy: "### Backup and restore\n").last ?? ""
        let block = chapter.components(separatedBy: "```sh\nsystemctl stop").last?.components(separatedBy: "\n```")[0]
        let lines = ("systemctl stop" + (block ?? "")).components(separatedBy: "\n")
        #expect(lines.count == 5)
        #expect(lines[0].hasPrefix("systemctl stop ") && lines[4].hasPrefix("systemctl start "))
        return lines[1...3].map { line in
            line.replacing("/var/backups/ig-shop-auth.sqlite3", with: backup)
                .replacing("-o ig-shop-auth -g ig-shop-auth ", with: "")  // a user of the package
                .replacing("/var/lib/ig-shop-auth/ig-shop-auth.sqlite3", with: stage.database)
                .replacing("/var/lib/ig-shop-auth", with: stage.databaseDirectory)
        }
    }

    /// The database that was there before.
    private static func movedAside(_ stage: Stage) throws -> String {
        let names = try FileManager.default.contentsOfDirectory(atPath: stage.databaseDirectory)
        let folder = try #require(names.first { $0.hasPrefix("old.") })
        let path = stage.databaseDirectory + "/" + folder
        #expect(try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int == 0o700)
        return path + stage.database.dropFirst(stage.databaseDirectory.count)
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
            let before = try Data(contentsOf: URL(filePath: stage.database))
            for line in try Self.restoreLines(stage, backup) { try await Command.succeed("/bin/sh", ["-c", line]) }
            let old = try Self.movedAside(stage)
            #expect(try Data(contentsOf: URL(filePath: old)) == before)
            #expect(try String(contentsOfFile: old + "-wal", encoding: .utf8) == "of the old one")
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

    @Test(
        "Without room for the backup, what was there is whole, and so is its log, whatever is typed after",
        .enabled(if: Stage.canMount, "needs the right to mount a tmpfs"))
    func restoreWithoutRoom() async throws {
        try await Stage.run(Stage.Options(databaseKiB: 2_048)) { stage in
            #expect(try await stage.connect(Browser()).status == 200)
            let backup = stage.directory + "/backup"
            #expect(try await Self.backUp(stage, backup).end == .exit(0))
            // A crash leaves commits in the log.
            #expect(await stage.responder?.killed() == .signal(SIGKILL))
            let files = [stage.database, stage.database + "-wal"]
            let before = try files.map { try Data(contentsOf: URL(filePath: $0)) }
            #expect(before[1].count > 0)
            try stage.fillDisk()
            let lines = try Self.restoreLines(stage, backup)
            #expect(try await Command.run("/bin/sh", ["-c", lines[0]]).end != .exit(0))
            #expect(try files.map { try Data(contentsOf: URL(filePath: $0)) } == before)
            for line in lines.dropFirst() { _ = try await Command.run("/bin/sh", ["-c", line]) }
            let old = try Self.movedAside(stage)
            #expect(try [old, old + "-wal"].map { try Data(contentsOf: URL(filePath: $0)) } == before)
        }
    }

    @Test(
        "Interrupted by a signal it leaves nothing, and ends of it; at whatever call, the copy is there wholly or not at all",
        arguments: [SIGINT, SIGTERM, SIGHUP])
    func interrupted(_ number: Int32) async throws {
        let shim = try await Shims.backup.value
        try await Stage.run { stage in
            #expect(try await stage.connect(Browser()).status == 200)
            let folder = stage.directory + "/backups"
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
            // As they follow each other: the copy is written, marked, synced, given its name; then the first one goes.
            for (call, left) in Self.calls {
                var environment = stage.environment
                environment["LD_PRELOAD"] = shim
                environment["SHIM_CALL"] = call
                environment["SHIM_SIGNAL"] = "\(number)"
                let told = try await Command.run(
                    Programs.shopAuth, ["backup", folder + "/x"], environment: environment)
                #expect(told.end == .signal(number) && told.output == "", "\(call): \(told.error)")
                #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == left, "\(call)")
                if left != [] {
                    let whole = try await Command.succeed("sqlite3", [folder + "/x", "PRAGMA integrity_check"])
                    #expect(whole.output == "ok\n", "\(call)")
                    try FileManager.default.removeItem(atPath: folder + "/x")
                }
            }
        }
    }

    private static let calls: [(String, left: [String])] = [
        ("mkdir 1 after", []), ("pwrite 1 before", []), ("pwrite 9 after", []), ("fsync 1 after", []),
        ("unlink 1 after", []),
        ("link 1 before", []), ("link 1 after", ["x"]), ("unlink 2 before", ["x"]), ("unlink 2 after", ["x"]),
        ("rmdir 1 before", ["x"]), ("rmdir 1 after", ["x"]),
    ]
}
