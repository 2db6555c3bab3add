// SPDX-License-Identifier: MIT
import Foundation
import Glibc
import Testing

/// What `check` looks at, a copy of its own of a stage's: settings, keys, database, nginx. Faults are made in it.
final class Installation {
    let stage: Stage
    let directory: String
    var environment: [String: String]
    private var mounts: [String] = []

    /// Beside a stage where somebody is connected.
    static func use(_ stage: Stage, _ body: (Installation) async throws -> Void) async throws {
        let installation = try await Installation(stage)
        do {
            try await body(installation)
            installation.remove()
        } catch {
            installation.remove()
            throw error
        }
    }

    private init(_ stage: Stage) async throws {
        self.stage = stage
        directory = stage.directory + "/installation-\(UUID().uuidString)"
        environment = stage.environment
        try FileManager.default.createDirectory(atPath: directory + "/db", withIntermediateDirectories: true)
        try FileManager.default.copyItem(atPath: stage.directory + "/nginx", toPath: directory + "/nginx")
        try FileManager.default.copyItem(atPath: stage.keys, toPath: keys)
        try await copyDatabase()
        environment["IG_SHOP_AUTH_KEYS"] = keys
        environment["IG_SHOP_AUTH_AGENTS"] = agents
        environment["IG_SHOP_AUTH_DATABASE"] = database
    }

    private func remove() {
        for mount in mounts {
            umount2(mount, Int32(MNT_DETACH))
            Janitor.shared.forget(.mount, mount)
        }
        try? FileManager.default.removeItem(atPath: directory)
    }

    var keys: String { directory + "/keys" }
    var agents: String { directory + "/agents" }
    var database: String { directory + "/db/shop.sqlite3" }
    var configuration: String { directory + "/nginx/nginx.conf" }

    func copyDatabase() async throws {
        try await Command.succeed("sqlite3", [stage.database, "VACUUM INTO '\(database)'"])
    }

    func write(_ text: String, to path: String, mode: Int) throws {
        try? FileManager.default.removeItem(atPath: path)
        guard
            FileManager.default.createFile(
                atPath: path, contents: Data(text.utf8), attributes: [.posixPermissions: mode])
        else { throw Missing("no file at \(path)") }
    }

    /// A disk of its own for the database.
    func mountDisk(kilobytes: Int) throws {
        let place = directory + "/db"
        guard mount("none", place, "tmpfs", 0, "mode=0700,size=\(kilobytes)k") == 0 else {
            throw Missing("no tmpfs: \(String(cString: strerror(errno)))")
        }
        mounts.append(place)
        Janitor.shared.note(.mount, place)
    }

    /// One of nginx's files with another text in one place; where that is, as `check` says it.
    @discardableResult
    func change(_ file: String, _ text: String, to other: String) throws -> String {
        let path = directory + "/nginx/" + file
        let before = try String(contentsOfFile: path, encoding: .utf8)
        guard let place = before.range(of: text) else { throw Missing("\(text) is not in \(file)") }
        try before.replacingCharacters(in: place, with: other).write(toFile: path, atomically: false, encoding: .utf8)
        return "\(path):\(before[..<place.lowerBound].count { $0 == "\n" } + 1)"
    }

    /// What `check` says, with what the real nginx says of this configuration.
    func check() async throws -> (end: Child.End, lines: [String]) {
        let said = try await Command.run(
            Programs.nginx, ["-T", "-q", "-e", "stderr", "-c", configuration])
        guard said.end == .exit(0) else { throw Missing("nginx refuses its configuration: \(said.error)") }
        try write(said.output, to: directory + "/dump", mode: 0o600)
        let told = try await Command.run(
            Programs.shopAuth, ["check", "--nginx", directory + "/dump"], environment: environment)
        #expect(told.error == "")
        return (told.end, told.output.split(separator: "\n").map(String.init))
    }
}
