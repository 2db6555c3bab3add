// SPDX-License-Identifier: MIT
import Foundation
import Glibc
import Testing

/// Commands that root types beside a service of another user.
@Suite(.enabled(if: geteuid() == 0, "needs root"))
struct RootTests {
    private static let user: uid_t = 4_711
    private static let group: gid_t = 4_712

    /// What in the database's directory the service's user does not own.
    private static func foreign(_ stage: Stage) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: stage.databaseDirectory).filter { name in
            var status = stat()
            return lstat(stage.databaseDirectory + "/" + name, &status) != 0 || status.st_uid != user
                || status.st_gid != group
        }
    }

    /// The database as the service's user has it, with no log and no lock beside it.
    private static func give(_ stage: Stage) throws {
        for name in try FileManager.default.contentsOfDirectory(atPath: stage.databaseDirectory)
        where name != "ig-shop-auth.sqlite3" {
            unlink(stage.databaseDirectory + "/" + name)
        }
        chmod(stage.directory, 0o755)
        for path in [stage.databaseDirectory, stage.database] { #expect(chown(path, user, group) == 0) }
    }

    @Test(
        "Whatever root types while the service is stopped, all files beside the database stay the service's",
        arguments: [
            ["compact"], ["forget", "USER"], ["users"], ["audit"], ["keys", "list"], ["check"], ["backup", "FILE"],
            ["backup", "--into", "DIRECTORY"],
        ])
    func files(_ words: [String]) async throws {
        try await Stage.run { stage in
            #expect(try await stage.connect(Browser()).status == 200)
            let user = try #require(try stage.kept.users().first).id
            #expect(await stage.responder?.stop() == .exit(0))
            try Self.give(stage)
            let names = ["USER": user, "FILE": stage.directory + "/copy", "DIRECTORY": stage.databaseDirectory]
            let said = try await Command.run(
                Programs.shopAuth, words.map { names[$0] ?? $0 }, environment: stage.environment)
            #expect(said.end == .exit(0) || words == ["check"], "\(said.error)")
            #expect(try Self.foreign(stage) == [])
        }
    }

    @Test("The service's user goes on with what root has done: the same command again, as that user")
    func goesOn() async throws {
        try await Stage.run { stage in
            #expect(try await stage.connect(Browser()).status == 200)
            #expect(await stage.responder?.stop() == .exit(0))
            try Self.give(stage)
            let environment = stage.environment
            #expect(try await Command.run(Programs.shopAuth, ["compact"], environment: environment).end == .exit(0))
            let words = [
                "--reuid=\(Self.user)", "--regid=\(Self.group)", "--clear-groups", Programs.shopAuth, "compact",
            ]
            let said = try await Command.run("setpriv", words, environment: environment)
            #expect(said.end == .exit(0), "\(said.error)")
        }
    }

    @Test("A link that the service's user has put in the lock's place makes nothing where only root may")
    func link() async throws {
        try await Stage.run { stage in
            #expect(try await stage.connect(Browser()).status == 200)
            #expect(await stage.responder?.stop() == .exit(0))
            try Self.give(stage)
            let planted = stage.directory + "/planted"
            symlink(planted, stage.database + ".lock")
            let said = try await Command.run(Programs.shopAuth, ["compact"], environment: stage.environment)
            #expect(said.end == .exit(69) && said.lines.count == 1, "\(said.error)")
            #expect(!FileManager.default.fileExists(atPath: planted))
        }
    }

    @Test(
        "A database that is a link, or is not its directory's owner's, is not opened by root, and a link beside it makes nothing",
        arguments: [
            ["compact"], ["forget", "USER"], ["users"], ["audit"], ["keys", "list"], ["check"], ["backup", "FILE"],
            ["backup", "--into", "DIRECTORY"],
        ])
    func planted(_ words: [String]) async throws {
        try await Stage.run { stage in
            #expect(await stage.responder?.stop() == .exit(0))
            try Self.give(stage)
            let victim = stage.directory + "/victim"
            mkdir(victim, 0o700)
            let planted = ["-shm", "-wal", ".lock"].map { (victim + "/planted" + $0, stage.database + $0) }
            let names = ["FILE": stage.directory + "/copy", "DIRECTORY": stage.databaseDirectory]
            func said() async throws -> Command {
                try await Command.run(Programs.shopAuth, words.map { names[$0] ?? $0 }, environment: stage.environment)
            }

            // Links beside it: with the owner's rights they lead nowhere.
            for (path, link) in planted {
                symlink(path, link)
                _ = try await said()
                #expect(try FileManager.default.contentsOfDirectory(atPath: victim) == [], "\(link)")
                unlink(link)
            }

            // The database is a link to root's.
            let kept = victim + "/v.db"
            #expect(rename(stage.database, kept) == 0 && chown(kept, 0, 0) == 0)
            symlink(kept, stage.database)
            let before = try Data(contentsOf: URL(filePath: kept))
            let refused = try await said()
            #expect(refused.end != .exit(0) && (refused.error + refused.output).contains("is a link, which root"))
            #expect(try FileManager.default.contentsOfDirectory(atPath: victim) == ["v.db"])
            #expect(try Data(contentsOf: URL(filePath: kept)) == before)

            // Root's in a directory that is somebody else's.
            unlink(stage.database)
            #expect(rename(kept, stage.database) == 0)
            let foreign = try await said()
            #expect(foreign.end != .exit(0) && (foreign.error + foreign.output).contains("belongs to the user 0"))
            #expect(try Self.foreign(stage) == ["ig-shop-auth.sqlite3"])
        }
    }

    @Test("A backup into root's own directory reads with the rights of the database's owner, and is root's")
    func backupOfAnother() async throws {
        try await Stage.run { stage in
            #expect(await stage.responder?.stop() == .exit(0))
            try Self.give(stage)
            let copy = stage.directory + "/copy"
            func backUp() async throws -> Child.End {
                try await Command.run(Programs.shopAuth, ["backup", copy], environment: stage.environment).end
            }
            chmod(stage.database, 0)
            #expect(try await backUp() != .exit(0))
            chmod(stage.database, 0o600)
            #expect(try await backUp() == .exit(0))
            var status = stat()
            #expect(lstat(copy, &status) == 0 && status.st_uid == 0 && status.st_gid == getegid())
            #expect(try Self.foreign(stage) == [])
        }
    }

    @Test("While the service runs it is refused, whoever it belongs to; root's own database stays root's")
    func running() async throws {
        try await Stage.run { stage in
            #expect(try await stage.connect(Browser()).status == 200)
            let refused = try await Command.run(Programs.shopAuth, ["compact"], environment: stage.environment)
            #expect(refused.end == .exit(69) && refused.error.contains("stop it first"))
            #expect(await stage.responder?.stop() == .exit(0))
            #expect(
                try await Command.run(Programs.shopAuth, ["compact"], environment: stage.environment).end == .exit(0))
            var status = stat()
            #expect(stat(stage.database, &status) == 0 && status.st_uid == 0)
        }
    }
}
