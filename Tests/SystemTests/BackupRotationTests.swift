// SPDX-License-Identifier: MIT
import Foundation
import Glibc
import Testing

/// `backup --into DIRECTORY --keep N`, as a timer runs it.
@Suite
struct BackupRotationTests {
    private static func backUp(_ stage: Stage, _ words: [String], _ wrapper: [String] = []) async throws -> Command {
        let all = wrapper + [Programs.shopAuth, "backup"] + words
        return try await Command.run(all[0], Array(all.dropFirst()), environment: stage.environment)
    }

    private static func folder(_ stage: Stage, _ names: [String] = []) throws -> String {
        let folder = stage.directory + "/backups"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
        for name in names { try write("old", folder + "/" + name) }
        return folder
    }

    private static func write(_ text: String, _ path: String) throws {
        try text.write(toFile: path, atomically: false, encoding: .utf8)
    }

    private static func names(_ folder: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
    }

    private static func old(_ count: Int) -> [String] {
        (0..<count).map { "ig-shop-auth-20260101T0000\($0 < 10 ? "0" : "")\($0)Z.sqlite3" }
    }

    /// What it never touches, however old it is.
    private static let foreign = [
        "ig-shop-auth-20200101T000000Z.sqlite3.gpg", "ig-shop-auth-20200101T000000Z.sqlite3-wal",
        "x-ig-shop-auth-20200101T000000Z.sqlite3", "ig-shop-auth-2020.sqlite3", "ig-shop-auth-20200101T000000Z",
        "ig-shop-auth-20200101t000000z.sqlite3", "ig-shop-auth.sqlite3", "keys",
    ]

    @Test("The newest stay, as many as are asked for or 14; nothing else in the directory is touched")
    func rotation() async throws {
        try await Stage.run { stage in
            #expect(try await stage.connect(Browser()).status == 200)
            let folder = try Self.folder(stage, Self.old(40) + Self.foreign)
            mkdir(folder + "/ig-shop-auth-20200102T000000Z.sqlite3", 0o700)
            symlink("/etc/passwd", folder + "/ig-shop-auth-20200103T000000Z.sqlite3")
            let others =
                Self.foreign + ["ig-shop-auth-20200102T000000Z.sqlite3", "ig-shop-auth-20200103T000000Z.sqlite3"]
            let first = try await Self.backUp(stage, ["--into", folder])
            #expect(first.end == .exit(0) && first.error == "", "\(first.error)")
            let kept = try Self.names(folder).filter { !others.contains($0) }
            #expect(kept.count == 14 && Array(kept.dropLast()) == Self.old(40).suffix(13))
            let made = try #require(kept.last)
            #expect(made.wholeMatch(of: /ig-shop-auth-\d{8}T\d{6}Z\.sqlite3/) != nil && !Self.old(40).contains(made))
            #expect(first.output.hasPrefix("\(folder)/\(made): 1 users, "))
            #expect(first.output.split(separator: "\n").count { $0.hasPrefix("removed ") } == 27)
            #expect(
                try await Command.succeed("sqlite3", ["\(folder)/\(made)", "PRAGMA integrity_check"]).output == "ok\n")
            let attributes = try FileManager.default.attributesOfItem(atPath: "\(folder)/\(made)")
            #expect(attributes[.posixPermissions] as? Int == 0o600)
            #expect(Set(try Self.names(folder)) == Set(kept + others))

            // A clock that was set back: the names of the others are newer.
            unlink("\(folder)/\(made)")
            try Self.write("later", folder + "/ig-shop-auth-29990101T000000Z.sqlite3")
            let second = try await Self.backUp(stage, ["--into", folder, "--keep", "1"])
            #expect(second.end == .exit(0))
            let left = try Self.names(folder).filter { !others.contains($0) }
            #expect(left.count == 1 && second.output.hasPrefix("\(folder)/\(left[0]): "), "the new one stays")
        }
    }

    @Test("A backup that fails removes nothing: a directory that is none, no database, no room")
    func failed() async throws {
        try await Stage.run { stage in
            #expect(try await stage.connect(Browser()).status == 200)
            let folder = try Self.folder(stage, Self.old(20))
            let limited = try await Self.backUp(
                stage, ["--into", folder, "--keep", "2"], ["prlimit", "--fsize=4096:"])
            #expect(limited.end == .exit(74) && limited.lines.count == 1)
            #expect(try Self.names(folder) == Self.old(20))
            let none = try await Self.backUp(stage, ["--into", folder + "/none"])
            #expect(none.end == .exit(73) && none.lines.count == 1)
            let empty = try await Command.run(
                Programs.shopAuth, ["backup", "--into", folder],
                environment: stage.environment.merging(["IG_SHOP_AUTH_DATABASE": folder + "/later"]) { $1 })
            #expect(empty.end == .exit(0) && empty.error.isEmpty)
            #expect(empty.output == "there is no database at \(folder)/later yet, so there is nothing to copy\n")
            for words in [["--into", folder, "--keep", "0"], ["--keep", "3", "x"], ["x", "--into", folder], []] {
                #expect(try await Self.backUp(stage, words).end == .exit(64), "\(words)")
            }
            #expect(try Self.names(folder) == Self.old(20))
        }
    }

    @Test(
        "On a full disk it is 74, and every older backup is there",
        .enabled(if: Stage.canMount, "needs the right to mount a tmpfs"))
    func full() async throws {
        try await Stage.run(Stage.Options(databaseKiB: 2_048)) { stage in
            #expect(try await stage.connect(Browser()).status == 200)
            for name in Self.old(5) { try Self.write("old", stage.databaseDirectory + "/" + name) }
            try stage.fillDisk()
            let before = try Self.names(stage.databaseDirectory)
            let told = try await Self.backUp(stage, ["--into", stage.databaseDirectory, "--keep", "1"])
            #expect(told.end == .exit(74) && told.lines.count == 1 && told.error.contains("the disk is full"))
            #expect(try Self.names(stage.databaseDirectory) == before)
            stage.freeDisk()
            #expect(try await Self.backUp(stage, ["--into", stage.databaseDirectory, "--keep", "1"]).end == .exit(0))
            #expect(try Self.names(stage.databaseDirectory).filter { $0.hasPrefix("ig-shop-auth-2026") }.count == 1)
        }
    }

    @Test("What killed backups left goes when it is old and nobody works on it")
    func leftovers() async throws {
        try await Stage.run { stage in
            #expect(try await stage.connect(Browser()).status == 200)
            let folder = try Self.folder(stage)
            let shim = try await Shims.backup.value
            var environment = stage.environment
            environment["LD_PRELOAD"] = shim
            environment["SHIM_CALL"] = "fsync 1 after"
            environment["SHIM_SIGNAL"] = "\(SIGKILL)"
            let killed = try await Command.run(
                Programs.shopAuth, ["backup", "--into", folder], environment: environment)
            #expect(killed.end == .signal(SIGKILL))
            let left = try #require(try Self.names(folder).first)
            #expect(left.hasPrefix(".ig-shop-auth-backup."))
            let foreign = folder + "/.ig-shop-auth-backup.foreign"
            mkdir(foreign, 0o700)
            try Self.write("mine", foreign + "/mine")
            let worked = folder + "/.ig-shop-auth-backup.worked"
            mkdir(worked, 0o700)
            try Self.write("copy", worked + "/copy")
            let descriptor = open(worked, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
            defer { close(descriptor) }
            #expect(flock(descriptor, LOCK_EX | LOCK_NB) == 0)

            #expect(try await Self.backUp(stage, ["--into", folder]).end == .exit(0))
            #expect(try Self.names(folder).contains(left), "it is of this hour")
            let yesterday = Date(timeIntervalSinceNow: -86_400)
            for path in [folder + "/" + left, foreign, worked] {
                try FileManager.default.setAttributes([.modificationDate: yesterday], ofItemAtPath: path)
            }
            try FileManager.default.removeItem(
                atPath: folder + "/" + (try #require(try Self.names(folder).first { $0.hasPrefix("ig-") })))
            let said = try await Self.backUp(stage, ["--into", folder])
            #expect(said.end == .exit(0) && said.output.contains("removed \(folder)/\(left)\n"))
            let names = try Self.names(folder)
            #expect(!names.contains(left) && names.count == 3)
            #expect(try Self.names(foreign) == ["mine"] && Self.names(worked) == ["copy"])
        }
    }
}
