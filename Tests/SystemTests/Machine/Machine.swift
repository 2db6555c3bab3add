// SPDX-License-Identifier: MIT
import Foundation
import Glibc
import Synchronization

/// A Debian that was really booted: systemd as process 1 of a container, over this machine's files, to which nothing is
/// written. It shares the network of the tests, which is a loopback of their own (`Machine/secluded`).
final class Machine: Sendable {
    /// Why none can be booted here; nil if one can.
    static let obstacle: String? = {
        guard geteuid() == 0 else { return "only root can boot a machine" }
        guard secluded != nil else {
            return "there is no network of its own: Tests/SystemTests/Machine/secluded makes one"
        }
        guard FileManager.default.isExecutableFile(atPath: "/usr/bin/systemd-nspawn") else {
            return "systemd-nspawn is missing"
        }
        return nil
    }()

    /// What `secluded` has made: an authority, a certificate, names.
    static let secluded = ProcessInfo.processInfo.environment["SECLUDED"]

    /// The machine of the suite whose trait made one.
    @TaskLocal static var current: Machine!

    let directory: String
    /// Another one after each reboot.
    private let container: Mutex<Child?>
    private let instagram: Child

    static func use<Value>(_ body: (Machine) async throws -> Value) async throws -> Value {
        let machine = try Machine()
        do {
            try await machine.booted()
            let value = try await body(machine)
            await machine.tearDown()
            return value
        } catch {
            await machine.tearDown()
            throw error
        }
    }

    private init() throws {
        directory = try Seclusion.temporaryDirectory()
        // What is written goes to memory. An overlay of our own, not nspawn's: it outlives a reboot.
        for (name, type, options) in [
            ("rw", "tmpfs", ""), ("root", "overlay", "lowerdir=/,upperdir=%/rw/up,workdir=%/rw/work"),
        ] {
            let place = "\(directory)/\(name)"
            try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
            guard mount("machine", place, type, 0, options.replacing("%", with: directory)) == 0 else {
                throw Missing("no \(type): \(String(cString: strerror(errno)))")
            }
            Janitor.shared.note(.mount, place)
            if name == "rw" {
                for each in ["up", "work"] {
                    try FileManager.default.createDirectory(
                        atPath: "\(place)/\(each)", withIntermediateDirectories: false)
                }
            }
        }
        // A door between the machine and the world: Instagram lives on while the machine reboots.
        try FileManager.default.createDirectory(atPath: "\(directory)/world", withIntermediateDirectories: false)
        let console = open("\(directory)/console", O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        defer { close(console) }
        instagram = try Child(
            Programs.standIn,
            [
                "--socket", "\(directory)/world/instagram.sock", "--app-id", "1234567890", "--app-secret",
                Self.appSecret,
                "--redirect-uri", Self.site + "/auth/instagram/callback",
            ], output: console, error: console)
        container = Mutex(nil)
        try boot()
    }

    private func boot() throws {
        let console = open("\(directory)/console", O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        defer { close(console) }
        // Services of this machine that have nothing to do with a shop.
        let masked = ["docker", "containerd", "postgresql", "mysql", "redis-server", "apparmor"]
        let child = try Child(
            "systemd-nspawn",
            [
                "--quiet", "-D", "\(directory)/root", "--boot", "--register=no", "--keep-unit", "--console=pipe",
                "--resolv-conf=off", "--timezone=off", "--link-journal=no", "--machine=shop",
                "--bind=\(directory)/world:/srv/world",
                "systemd.unit=multi-user.target",
            ] + masked.map { "systemd.mask=\($0).service" }, output: console, error: console)
        container.withLock { $0 = child }
    }

    /// The machine's first process, as this one sees it.
    var leader: pid_t? {
        guard let pid = container.withLock({ $0?.pid }) else { return nil }
        let path = "/proc/\(pid)/task/\(pid)/children"
        let children = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
        return children.split(separator: " ").first.flatMap { pid_t($0) }
    }

    private func booted() async throws {
        let door = "\(directory)/world/instagram.sock"
        // nginx's workers are somebody else.
        _ = try await eventually("Instagram") { chmod(door, 0o666) == 0 ? true : nil }
        _ = try await eventually("the machine to boot") { () async throws -> Bool? in
            guard container.withLock({ $0?.isRunning }) == true else {
                throw Missing("the machine has ended: \(console)")
            }
            guard leader != nil else { return nil }
            let said = try? await run("systemctl", "is-system-running", "--wait")
            return said.map { ["running\n", "degraded\n"].contains($0.output) } == true ? true : nil
        }
    }

    /// `systemctl reboot`; nspawn leaves the second half to whoever keeps its unit.
    func reboot() async throws {
        let before = container.withLock { $0 }
        _ = try? await run("systemctl", "--no-block", "reboot")
        guard await before?.end() == .exit(133) else { throw Missing("the machine did not go down: \(console)") }
        try boot()
        try await booted()
    }

    private func tearDown() async {
        // With its first process everything in it ends, before nspawn hears of that one's end: no port stays taken.
        if let leader { kill(leader, SIGKILL) }
        await container.withLock { $0 }?.stop()
        await instagram.killed()
        for name in ["root", "rw"] {
            umount2("\(directory)/\(name)", Int32(MNT_DETACH))
            Janitor.shared.forget(.mount, "\(directory)/\(name)")
        }
        Seclusion.remove(directory)
    }

    // MARK: Inside

    private var console: String { (try? String(contentsOfFile: "\(directory)/console", encoding: .utf8)) ?? "" }

    /// A path of the machine, as this process opens it. SQLite would take the name below /proc for another file.
    func path(_ path: String) -> String {
        let isOfThisBoot = ["/run/", "/tmp/", "/proc/"].contains { path.hasPrefix($0) }
        return isOfThisBoot ? "/proc/\(leader ?? 0)/root\(path)" : "\(directory)/root\(path)"
    }

    func read(_ path: String) throws -> String { try String(contentsOfFile: self.path(path), encoding: .utf8) }

    func write(_ text: String, to path: String, mode: Int = 0o644) throws {
        // In place: another file would have another owner.
        let file = open(self.path(path), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode_t(mode))
        guard file >= 0 else { throw Missing("\(path): \(String(cString: strerror(errno)))") }
        defer { close(file) }
        try FileHandle(fileDescriptor: file).write(contentsOf: Data(text.utf8))
    }

    /// What root's shell has, and nothing of this process.
    private static let environment = [
        "env", "-i", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root", "LANG=C.UTF-8",
        "DEBIAN_FRONTEND=noninteractive",
    ]

    /// A command of the machine's root.
    func run(_ words: String..., input: String = "", within limit: Duration = .seconds(60)) async throws -> Command {
        guard let leader else { throw Missing("the machine is not up: \(console)") }
        return try await Command.run(
            "nsenter", ["--target", "\(leader)", "--all", "--"] + Self.environment + words, input: input, within: limit)
    }

    /// Lines of a shell, the first that fails ends them; anything but success is an error.
    @discardableResult
    func shell(_ script: String, input: String = "", within limit: Duration = .seconds(60)) async throws -> String {
        let command = try await run("bash", "-ec", script, input: input, within: limit)
        guard command.end == .exit(0) else {
            throw Missing("\(script): \(command.end)\n\(command.output)\(command.error)")
        }
        return command.output
    }

    /// What the journal has of a unit, or of everything, in this boot.
    func journal(_ unit: String? = nil, after cursor: String? = nil) async throws -> String {
        let words =
            ["--boot", "--no-pager", "--output=cat"] + (unit.map { ["--unit=\($0)"] } ?? [])
            + (cursor.map { ["--after-cursor='\($0)'"] } ?? [])
        return try await shell("journalctl --sync; journalctl \(words.joined(separator: " "))")
    }

    /// Where the journal is now.
    func cursor() async throws -> String {
        let said = try await shell("journalctl --sync; journalctl --lines=0 --show-cursor")
        return said.components(separatedBy: "-- cursor: ").last?.trimmingCharacters(in: .newlines) ?? ""
    }

    /// A property of a unit, as systemd tells it.
    func property(_ name: String, of unit: String = "ig-shop-auth.service") async throws -> String {
        try await shell("systemctl show --property=\(name) --value \(unit)").trimmingCharacters(in: .newlines)
    }
}
