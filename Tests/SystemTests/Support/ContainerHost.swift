// SPDX-License-Identifier: MIT
import Foundation
import Glibc

/// A directory as README.md's "Without systemd" asks for it, and the containers that run from it.
final class ContainerHost {
    static let (program, nginx) = ("ig-shop-auth", "ig-shop-auth-nginx")

    /// Tried once: what the stand-in for Docker is made of.
    static let isPossible: Bool = {
        guard geteuid() == 0 else { return false }
        let trial =
            "mount -t tmpfs none /mnt && mkdir /mnt/u /mnt/w /mnt/r "
            + "&& mount -t overlay none -o lowerdir=/,upperdir=/mnt/u,workdir=/mnt/w /mnt/r && mount -t proc none /mnt/r/proc"
        return system("unshare --mount --pid --net --fork sh -c '\(trial)' >/dev/null 2>&1") == 0
    }()

    let directory: String
    let section: Section
    private var docker: String { directory + "/docker" }

    static func use(_ body: (ContainerHost) async throws -> Void) async throws {
        let host = try await ContainerHost()
        do {
            try await body(host)
            await host.remove()
        } catch {
            await host.remove()
            throw error
        }
    }

    private init() async throws {
        section = try Section("### Without systemd")
        directory = try Seclusion.temporaryDirectory()
        // A file system of its own: overlayfs takes no upper directory that lies in its lower one.
        guard mount("none", directory, "tmpfs", 0, "mode=0755") == 0 else { throw Missing("no tmpfs") }
        Janitor.shared.note(.mount, directory)
        try await package()
        try write("Dockerfile", section.blocks("dockerfile")[0])
        try write("shop.env", section.blocks("sh-env")[0])
        try write("secrets/meta-app-secret", "test_instagram_app_secret\n")
        let site = try String(
            contentsOfFile: Programs.nginxFiles + "/sites-available/ig-shop-auth.conf", encoding: .utf8)
        try write("site/shop.conf", site.split(separator: "\n").filter { !$0.contains("[::]") }.joined(separator: "\n"))
        let live = directory + "/letsencrypt/live/shop.example.com"
        try FileManager.default.createDirectory(atPath: live, withIntermediateDirectories: true)
        try await Command.succeed(
            "openssl",
            [
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                "-subj",
                "/CN=shop.example.com", "-keyout", live + "/privkey.pem", "-out", live + "/fullchain.pem",
            ])
    }

    /// What the image installs: this build's program and the shipped files, where the real package has them.
    private func package() async throws {
        let root = directory + "/package"
        for place in ["DEBIAN", "usr/bin", "etc/nginx"] {
            try FileManager.default.createDirectory(atPath: "\(root)/\(place)", withIntermediateDirectories: true)
        }
        try FileManager.default.copyItem(atPath: Programs.shopAuth, toPath: root + "/usr/bin/ig-shop-auth")
        for folder in ["conf.d", "snippets"] {
            try FileManager.default.copyItem(
                atPath: "\(Programs.nginxFiles)/\(folder)", toPath: "\(root)/etc/nginx/\(folder)")
        }
        // As the package's maintainer script leaves them without systemd.
        let settings = "/etc/ig-shop-auth/ig-shop-auth.env"
        try write(
            "package" + settings,
            String(contentsOfFile: Programs.repository + "/systemd/ig-shop-auth.env", encoding: .utf8))
        try write(
            "package/DEBIAN/control",
            "Package: ig-shop-auth\nVersion: 1.0\nArchitecture: all\nMaintainer: A <a@localhost>\nDescription: under test\n"
        )
        try await Command.succeed("dpkg-deb", ["-Znone", "--build", root, directory + "/ig-shop-auth_1.0_all.deb"])
        try FileManager.default.removeItem(atPath: root)
    }

    /// Both containers, by the documented lines.
    func start() async throws {
        try await run(section.blocks("bash")[0])
        for name in [Self.program, Self.nginx] { Janitor.shared.note(.process, supervisor(name)) }
    }

    private func remove() async {
        for name in [Self.program, Self.nginx] {
            _ = FileManager.default.createFile(atPath: "\(docker)/containers/\(name)/stopped", contents: nil)
            if let pid = try? pid(name) { kill(pid, SIGKILL) }
            _ = try? await eventually("the end of \(name)") { isRunning(name) ? nil : true }
            Janitor.shared.forget(.process, supervisor(name))
        }
        umount2(directory, Int32(MNT_DETACH))
        Janitor.shared.forget(.mount, directory)
        Seclusion.remove(directory)
    }

    func write(_ name: String, _ text: String, owner: uid_t = 0) throws {
        let url = URL(filePath: "\(directory)/\(name)")
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try text.write(to: url, atomically: false, encoding: .utf8)
        guard chmod(url.path, owner == 0 ? 0o644 : 0o400) == 0, chown(url.path, owner, 0) == 0 else {
            throw Missing("no owner for \(name)")
        }
    }

    // MARK: What a person types there

    func end(_ lines: String) async throws -> Child.End { try await shell(lines).end }

    @discardableResult
    func run(_ lines: String) async throws -> Command {
        let command = try await shell(lines)
        guard command.end == .exit(0) else {
            throw Missing("\(lines): \(command.end)\n\(command.error)\n\(log(Self.program))\n\(log(Self.nginx))")
        }
        return command
    }

    private func shell(_ lines: String) async throws -> Command {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
        return try await Command.run(
            "/bin/bash", ["-euo", "pipefail", "-c", "cd '\(directory)'\n\(lines)"],
            environment: [
                "DOCKER_STAND_IN": docker,
                "PATH": Programs.repository + "/Tests/SystemTests/Containers:\(path):/usr/sbin:/sbin",
            ])
    }

    /// A request in the second container's network, from the outside of its files.
    func ask(_ url: String, _ header: String = "Accept: application/json") async throws -> (status: Int, text: String) {
        let said = try await Command.run(
            "nsenter",
            [
                "--target=\(try pid(Self.nginx))", "--net", "curl", "-sk", "--noproxy", "*", "--connect-to",
                url.hasPrefix("https:") ? ":443:127.0.0.1:443" : "::127.0.0.1:", "-H", header, "-w", "\n%{http_code}",
                url,
            ])
        let lines = said.output.components(separatedBy: "\n")
        return (Int(lines.last ?? "") ?? 0, lines.dropLast().joined(separator: "\n"))
    }

    // MARK: What is known of a container

    private func file(_ name: String, _ part: String) -> String {
        (try? String(contentsOfFile: "\(docker)/containers/\(name)/\(part)", encoding: .utf8)) ?? ""
    }

    private func supervisor(_ name: String) -> String { file(name, "supervisor").trimmingCharacters(in: .newlines) }
    func log(_ name: String) -> String { file(name, "log") }
    func ends(_ name: String) -> [String] { file(name, "ends").split(separator: "\n").map(String.init) }
    func isRunning(_ name: String) -> Bool { (try? pid(name)) != nil }

    func pid(_ name: String) throws -> pid_t {
        guard let pid = pid_t(file(name, "pid").trimmingCharacters(in: .newlines)) else {
            throw Missing("\(name) is away")
        }
        return pid
    }

    func namespace(_ kind: String, of name: String) throws -> String {
        try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(try pid(name))/ns/\(kind)")
    }

    func user(_ name: String) throws -> Int? { try status(name, "Uid:").first.flatMap { Int($0) } }
    func groups(_ name: String) throws -> [Int] { try status(name, "Groups:").compactMap { Int($0) } }

    /// Permitted, effective, inheritable and bounding.
    func capabilities(_ name: String) throws -> [String] {
        try ["CapPrm:", "CapEff:", "CapInh:", "CapBnd:"].flatMap { try status(name, $0) }
    }

    private func status(_ name: String, _ field: String) throws -> [String] {
        let text = try String(contentsOfFile: "/proc/\(try pid(name))/status", encoding: .utf8)
        let line = text.split(separator: "\n").first { $0.hasPrefix(field) }
        guard let line else { throw Missing(field) }
        return line.dropFirst(field.count).split { $0 == "\t" || $0 == " " }.map(String.init)
    }
}

/// A section of README.md.
struct Section {
    private let text: String

    init(_ title: String) throws {
        let readme = try String(contentsOfFile: Programs.repository + "/README.md", encoding: .utf8)
        let parts = readme.components(separatedBy: "\n\(title)\n")
        guard parts.count == 2 else { throw Missing("README.md has no \(title)") }
        text = parts[1].components(separatedBy: "\n## ")[0].components(separatedBy: "\n### ")[0]
    }

    /// The fenced blocks of a kind.
    func blocks(_ kind: String) -> [String] {
        text.components(separatedBy: "```\(kind)\n").dropFirst().map { $0.components(separatedBy: "\n```")[0] + "\n" }
    }
}
