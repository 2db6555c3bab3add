// SPDX-License-Identifier: MIT
import Foundation
import Glibc
import Testing
import Vault

/// `init`, as root types it, below a directory in the place of a machine.
@Suite(.enabled(if: geteuid() == 0, "needs root, who owns what init makes"))
struct InitTests {
    /// A system that the package was just installed on.
    private final class Target {
        static let user: uid_t = 4_711
        static let group: gid_t = 4_712
        let root: String

        init(hasUser: Bool = true) throws {
            var template = Array("/tmp/ig-init.XXXXXX".utf8CString)
            guard mkdtemp(&template) != nil else { throw Missing("no directory") }
            root = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
            chmod(root, 0o755)
            for folder in ["/etc/nginx", "/var/lib", "/var/backups"] {
                try FileManager.default.createDirectory(atPath: root + folder, withIntermediateDirectories: true)
            }
            let line = hasUser ? "ig-shop-auth:x:\(Self.user):\(Self.group)::/:/usr/sbin/nologin\n" : ""
            try write("/etc/passwd", "root:x:0:0::/root:/bin/sh\n" + line, 0o644)
        }

        deinit { try? FileManager.default.removeItem(atPath: root) }

        func write(_ path: String, _ text: String, _ mode: mode_t) throws {
            try text.write(toFile: root + path, atomically: false, encoding: .utf8)
            chmod(root + path, mode)
        }

        func text(_ path: String) throws -> String { try String(contentsOfFile: root + path, encoding: .utf8) }

        func state(_ path: String) -> String {
            var status = stat()
            guard lstat(root + path, &status) == 0 else { return "none" }
            return "\(status.st_uid):\(status.st_gid) \(String(status.st_mode & 0o7777, radix: 8))"
        }

        func initialise() async throws -> Command {
            try await Command.run(Programs.shopAuth, ["init", "--root", root])
        }

        /// Every file with its bytes, owner and mode.
        func everything() throws -> [String: String] {
            let names = try FileManager.default.subpathsOfDirectory(atPath: root)
            return Dictionary(
                uniqueKeysWithValues: names.map { ($0, state("/" + $0) + " " + ((try? text("/" + $0)) ?? "")) })
        }
    }

    private static let made = [
        ("/etc/ig-shop-auth", "0:4712 750"), ("/etc/ig-shop-auth/ig-shop-auth.env", "0:0 644"),
        ("/etc/ig-shop-auth/keys", "0:4712 640"), ("/etc/ig-shop-auth/agents", "0:4712 640"),
        ("/var/lib/ig-shop-auth", "4711:4712 700"), ("/var/backups/ig-shop-auth", "4711:4712 700"),
        ("/etc/credstore", "0:0 700"), ("/etc/credstore/ig-shop-auth.edge", "0:0 600"),
        ("/etc/nginx/ig-shop-auth-edge.conf", "0:0 600"),
    ]
    private static let edge = "/etc/credstore/ig-shop-auth.edge"
    private static let nginxEdge = "/etc/nginx/ig-shop-auth-edge.conf"

    private static func steps(_ said: Command) -> [String] {
        let after = said.output.components(separatedBy: "Left to do:\n").last ?? ""
        return after.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
    }

    @Test(
        "It makes what is missing with its owner and mode, shows no secret, and says what is left; a second run changes no byte"
    )
    func twice() async throws {
        let target = try Target()
        let first = try await target.initialise()
        #expect(first.end == .exit(0) && first.error == "", "\(first.error)")
        for (path, state) in Self.made {
            #expect(target.state(path) == state, "\(path)")
            #expect(first.output.contains("made       \(target.root)\(path)\n"), "\(path)")
        }
        let keys = try target.text("/etc/ig-shop-auth/keys")
        let ring = try Keyring(parsing: Array(keys.utf8))
        #expect(ring.ids.count == 1 && ring.ids[0].description.wholeMatch(of: /\d{4}-\d\d-\d\d/) != nil)
        let secret = try target.text(Self.edge).trimmingCharacters(in: .newlines)
        #expect(Base64URL.decode(secret.utf8)?.count == 32)
        #expect(try target.text(Self.nginxEdge) == "fastcgi_param IG_EDGE \"\(secret)\";\n")
        #expect(
            try target.text("/etc/ig-shop-auth/ig-shop-auth.env")
                == String(contentsOfFile: Programs.repository + "/systemd/ig-shop-auth.env", encoding: .utf8))
        let before = try target.everything()
        #expect(before.count == 15, "and nothing else: \(before.keys.sorted())")
        let second = try await target.initialise()
        #expect(second.end == .exit(0) && !second.output.contains("made"))
        #expect(try target.everything() == before)
        for said in [first, second] {
            #expect(!said.output.contains(secret) && !said.output.contains(keys.suffix(20).dropLast()))
            #expect(
                Self.steps(said).filter { !$0.contains(" ") || $0.hasPrefix("in") } == [
                    "META_APP_ID=ID", "META_REDIRECT_URI=https://YOUR.HOST/auth/instagram/callback",
                    "install -m 0600 /dev/stdin /etc/credstore/ig-shop-auth.meta-app-secret",
                    "include snippets/ig-shop-auth.conf;", "include snippets/ig-shop-auth-early-errors.conf;",
                ])
        }
    }

    @Test("What the operator has written is not asked for again, and a fault in it is told")
    func written() async throws {
        let target = try Target()
        _ = try await target.initialise()
        let file = "/etc/ig-shop-auth/ig-shop-auth.env"
        let settings = "META_APP_ID=1\nMETA_REDIRECT_URI=https://shop.example/auth/instagram/callback\nMETA_API=x\n"
        try target.write(file, settings, 0o644)
        try target.write("/etc/credstore/ig-shop-auth.meta-app-secret", "canary-secret\n", 0o600)
        let said = try await target.initialise()
        let steps = Self.steps(said)
        #expect(steps.count == 9 && steps[0] == "1. Mend META_API: is not instagram-login or basic-display")
        #expect(steps.last == "6. Open https://shop.example/auth/instagram/settings")
        #expect(!said.output.contains("canary-secret"))
        #expect(try target.text(file) == settings)
        try target.write(file, "export META_APP_ID=1\n", 0o644)
        let broken = Self.steps(try await target.initialise())
        #expect(broken[0].hasPrefix("1. Mend \(target.root)\(file):1: begins with no name"))
    }

    @Test("One edge secret makes the other; two that differ are kept and told", arguments: [true, false])
    func edge(serviceFirst: Bool) async throws {
        let target = try Target()
        _ = try await target.initialise()
        let (kept, other) = serviceFirst ? (Self.edge, Self.nginxEdge) : (Self.nginxEdge, Self.edge)
        let before = (try target.text(kept), try target.text(other))
        unlink(target.root + other)
        #expect(try await target.initialise().output.contains("made       \(target.root)\(other)\n"))
        #expect(try target.text(kept) == before.0 && target.text(other) == before.1)
        let foreign = String(repeating: "A", count: 43)
        try target.write(other, before.1.replacing(#/[\w-]{43}/#, with: foreign), 0o600)
        let differing = try target.everything()
        let told = try await target.initialise()
        #expect(Self.steps(told)[0].contains("differ, so that nobody is signed in"))
        #expect(try target.everything() == differing && !told.output.contains(foreign))
        try target.write(kept, "nonsense", 0o600)
        unlink(target.root + other)
        let faulty = try await target.initialise()
        #expect(Self.steps(faulty)[0].contains("\(kept) has no secret of 32 bytes"))
        #expect(target.state(other) == "none", "beside one that is no secret none is made")
    }

    @Test("Rights that nobody should have are taken away, bytes are not touched; rights are never given, but told")
    func tightened() async throws {
        let target = try Target()
        _ = try await target.initialise()
        let before = try target.everything().mapValues { $0.split(separator: " ", maxSplits: 2).last ?? "" }
        let (user, group) = (Target.user, Target.group)
        let spoilt: [(String, uid_t, gid_t, mode_t, after: String)] = [
            ("/etc/ig-shop-auth", 0, group, 0o777, "0:4712 750"),
            ("/etc/ig-shop-auth/keys", 33, 33, 0o666, "0:4712 640"),
            ("/etc/ig-shop-auth/agents", user, group, 0o660, "0:4712 640"),
            ("/etc/ig-shop-auth/ig-shop-auth.env", user, group, 0o664, "0:0 644"),
            ("/var/lib/ig-shop-auth", user, group, 0o2755, "4711:4712 700"),
            ("/var/backups/ig-shop-auth", 33, 33, 0o700, "4711:4712 700"),
            (Self.edge, 0, group, 0o640, "0:0 600"), (Self.nginxEdge, 33, 0, 0o644, "0:0 600"),
        ]
        for (path, user, group, mode, _) in spoilt {
            chown(target.root + path, user, group)
            chmod(target.root + path, mode)
        }
        let said = try await target.initialise()
        for (path, _, _, _, after) in spoilt {
            #expect(said.output.contains("tightened  \(target.root)\(path): from "), "\(path)")
            #expect(target.state(path) == after, "\(path)")
        }
        #expect(try target.everything().mapValues { $0.split(separator: " ", maxSplits: 2).last ?? "" } == before)

        for (path, mode) in [("/etc/ig-shop-auth/keys", 0o600), ("/var/lib/ig-shop-auth", 0o700)] as [(String, mode_t)]
        {
            chown(target.root + path, 0, 0)
            chmod(target.root + path, mode)
        }
        let closed = try await target.initialise()
        #expect(
            target.state("/etc/ig-shop-auth/keys") == "0:0 600" && target.state("/var/lib/ig-shop-auth") == "0:0 700")
        #expect(
            Self.steps(closed).prefix(2) == [
                "1. chown root:ig-shop-auth \(target.root)/etc/ig-shop-auth/keys && chmod 0640 \(target.root)/etc/ig-shop-auth/keys",
                "2. chown ig-shop-auth:ig-shop-auth \(target.root)/var/lib/ig-shop-auth && chmod 0700 \(target.root)/var/lib/ig-shop-auth",
            ])
    }

    @Test("It follows no link and walks through nobody else's directory")
    func links() async throws {
        let target = try Target()
        try target.write("/victim", "x", 0o666)
        mkdir(target.root + "/etc/ig-shop-auth", 0o750)
        symlink(target.root + "/victim", target.root + "/etc/ig-shop-auth/keys")
        symlink(target.root + "/new", target.root + Self.nginxEdge)
        chown(target.root + "/var/lib", 33, 33)
        let said = try await target.initialise()
        #expect(said.end == .exit(0))
        #expect(target.state("/victim") == "0:0 666" && target.state("/new") == "none")
        #expect(target.state("/var/lib/ig-shop-auth") == "none")
        let steps = Self.steps(said).joined(separator: "\n")
        #expect(steps.contains("/etc/ig-shop-auth/keys is not an ordinary file; replace it"))
        #expect(steps.contains("\(Self.nginxEdge) is not an ordinary file; replace it"))
        #expect(
            steps.contains("/var/lib/ig-shop-auth is not made, because \(target.root)/var/lib belongs to somebody else")
        )
    }

    @Test("Beside a database no new keyring is made, as if its tokens could be opened")
    func keyless() async throws {
        let target = try Target()
        _ = try await target.initialise()
        unlink(target.root + "/etc/ig-shop-auth/keys")
        try target.write("/var/lib/ig-shop-auth/ig-shop-auth.sqlite3", "x", 0o600)
        let said = try await target.initialise()
        #expect(target.state("/etc/ig-shop-auth/keys") == "none")
        #expect(
            Self.steps(said).contains { $0.contains("Put the keyring back at \(target.root)/etc/ig-shop-auth/keys") })
    }

    @Test("Without the service's user it is 69, without root 77, and nothing is made")
    func refused() async throws {
        let target = try Target(hasUser: false)
        let before = try target.everything()
        let nobody = try await target.initialise()
        #expect(
            nobody.end == .exit(69) && nobody.lines.count == 1 && nobody.error.contains("there is no user ig-shop-auth")
        )
        let words = [
            "--reuid=65534", "--regid=65534", "--clear-groups", Programs.shopAuth, "init", "--root", target.root,
        ]
        let weak = try await Command.run("setpriv", words)
        #expect(weak.end == .exit(77) && weak.lines.count == 1 && weak.error.contains("run it as root"))
        #expect(try target.everything() == before)
    }
}
