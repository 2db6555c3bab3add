// SPDX-License-Identifier: MIT
import Connect
import Foundation
import Glibc
import Testing
import Vault

@testable import ig_shop_auth

@Suite("What check says of an installation", .enabled(if: geteuid() == 0, "needs root, who owns what init makes"))
struct InstallationCheckTests {
    private static let edge = EdgeSecret(utf8: String(repeating: "A", count: 43))

    /// A machine below a directory where `init` has run.
    private static func installed() async throws -> (directory: TemporaryDirectory, layout: Layout) {
        let directory = try TemporaryDirectory()
        for folder in ["etc/nginx", "var/lib", "var/backups"] {
            try FileManager.default.createDirectory(
                atPath: "\(directory.path)/\(folder)", withIntermediateDirectories: true)
        }
        try directory.write("etc/passwd", "ig-shop-auth:x:4711:4712::/:/usr/sbin/nologin\n")
        let layout = Layout(root: directory.path)
        var work = Initialisation(layout, try #require(ServiceAccount(below: layout.root)))
        _ = try await work.run()
        return (directory, layout)
    }

    @Test(
        "For an nginx of another group init adds that to the socket's unit, once; a socket that it cannot open is a fault"
    )
    func group() async throws {
        let (directory, layout) = try await Self.installed()
        try FileManager.default.createDirectory(
            atPath: layout.root + "/etc/systemd/system", withIntermediateDirectories: true)
        var nginx = NginxFacts()
        nginx.user = ["nobody", "daemon"]
        let account = try #require(ServiceAccount(below: layout.root))
        for isFirst in [true, false] {
            var work = Initialisation(layout, account, nginx: nginx)
            let said = try await work.run()
            #expect(said.contains { $0.contains("systemctl daemon-reload") } == isFirst)
            let text = try String(contentsOfFile: layout.socketGroup, encoding: .utf8)
            #expect(text.hasSuffix("[Socket]\nSocketGroup=daemon\n"))
        }
        let path = directory.path + "/s"
        let socket = try UnixSocket(path)
        let group = try #require(getgrnam("daemon")?.pointee.gr_gid)
        for (owner, mode, faults) in [(group, 0o660, 0), (group, 0o600, 1), (group, 0o666, 1), (0, 0o660, 1)]
            as [(gid_t, mode_t, Int)]
        {
            chown(path, 0, owner)
            chmod(path, mode)
            var report = CheckReport()
            report.socket(Self.unit("active", path), nginx)
            #expect(report.faults.count == faults, "\(owner) \(mode)")
        }
        withExtendedLifetime(socket) {}
    }

    @Test(
        "Without ::1 the private listener's second line keeps nginx from starting: init and check say what removes it")
    func loopback() async throws {
        let (directory, layout) = try await Self.installed()
        let account = try #require(ServiceAccount(below: layout.root))
        func said(hasIPv6: Bool) async throws -> [String] {
            var work = Initialisation(layout, account, hasIPv6: hasIPv6)
            var report = CheckReport()
            report.loopback(layout, hasIPv6: hasIPv6)
            return try await work.run().filter { $0.contains("::1") || $0.contains("sed -i") } + report.faults
        }
        #expect(try await said(hasIPv6: false) == [], "there is no such file")
        try FileManager.default.createDirectory(
            atPath: layout.nginx + "/conf.d", withIntermediateDirectories: true)
        try FileManager.default.copyItem(
            atPath: ShippedNginx.folder + "/conf.d/ig-shop-auth_private.conf", toPath: layout.nginxPrivate)
        #expect(try await said(hasIPv6: true) == [])
        let told = try await said(hasIPv6: false)
        let remedy = "sed -i '/listen \\[::1\\]/d' \(layout.nginxPrivate)"
        try #require(told.count == 3)
        #expect(told[0].hasSuffix("nginx does not start while it is to listen there:"))
        #expect(told[1] == "       " + remedy && told[2].hasSuffix("; " + remedy))
        #expect(system(remedy) == 0)
        #expect(try await said(hasIPv6: false) == [])
        withExtendedLifetime(directory) {}
    }

    @Test("The kernel's table says whether there is a ::1; one that cannot be read says nothing")
    func table() throws {
        let directory = try TemporaryDirectory()
        let other = "fe800000000000000000000000000001 02 40 20 80 eth0\n"
        let own = "00000000000000000000000000000001 01 80 10 80 lo\n"
        for (text, isThere) in [("", false), (other, false), (other + own, true)] {
            #expect(IPv6Loopback.isThere(try directory.write("if_inet6", text)) == isThere)
        }
        #expect(!IPv6Loopback.isThere(directory.path + "/none"))
        #expect(IPv6Loopback.isThere(directory.path), "a directory")
    }

    private static func unit(_ state: String, _ path: String) -> SystemdUnits.Unit {
        SystemdUnits.Unit(name: SystemdUnits.socket, file: "enabled", state: state, listensAt: path)
    }

    @Test(
        "A socket that systemd listens at, and that is not there, is a fault with its remedy; one that is stopped is none"
    )
    func socketGone() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/s"
        for (state, faults) in [
            (
                "active",
                [
                    "\(path): is gone, so that nginx cannot reach the service; systemctl restart"
                        + " ig-shop-auth.socket ig-shop-auth.service"
                ]
            ),
            ("inactive", []),
        ] {
            var report = CheckReport()
            report.socket(Self.unit(state, path), nil)
            #expect(report.faults == faults)
        }
    }

    /// A socket of that name.
    private final class UnixSocket {
        private let descriptor: Int32

        init(_ path: String) throws {
            descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            try #require(path.utf8.count < 108)
            withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
            let size = socklen_t(MemoryLayout<sockaddr_un>.size)
            let bound = withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, size) }
            }
            try #require(bound == 0)
        }

        deinit { close(descriptor) }
    }

    private static func report(_ layout: Layout, _ identity: Identity?) -> CheckReport {
        var report = CheckReport()
        report.installation(Places(layout), identity)
        return report
    }

    @Test("A second name in the service's own directory is not given to anybody, and a link is not followed")
    func secondName() async throws {
        let (directory, layout) = try await Self.installed()
        let victim = try directory.write("victim", "", mode: 0o644)
        let account = try #require(ServiceAccount(below: layout.root))
        for plant in [link, symlink] {
            #expect(plant(victim, layout.database) == 0)
            var work = Initialisation(layout, account)
            let said = try await work.run()
            #expect(said.contains { $0.contains(layout.database) && $0.contains("replace it") })
            var status = stat()
            #expect(stat(victim, &status) == 0 && status.st_uid == 0 && status.st_mode & 0o777 == 0o644)
            unlink(layout.database)
        }
    }

    @Test("What init made is sound")
    func sound() async throws {
        let (directory, layout) = try await Self.installed()
        for identity in [nil, .session, .remoteUser(edge: Self.edge)] as [Identity?] {
            let report = Self.report(layout, identity)
            #expect(report.lines == ["ok     installation: owners and modes are as ig-shop-auth init makes them"])
        }
        withExtendedLifetime(directory) {}
    }

    @Test("An owner or a mode that is another is a fault, with the command that mends it; typed, it does")
    func modes() async throws {
        let (directory, layout) = try await Self.installed()
        let places = Places(layout)
        try directory.write("var/lib/ig-shop-auth/ig-shop-auth.sqlite3.lock", "")
        let spoilt: [(Place, uid_t, gid_t, mode_t)] = [
            (places.folder, 0, 4_712, 0o755), (places.keys, 0, 0, 0o600), (places.agents, 33, 4_712, 0o640),
            (places.environmentFile, 0, 0, 0o666), (places.state, 0, 0, 0o700), (places.backups, 4_711, 4_712, 0o750),
            (places.secret(.edge), 0, 4_712, 0o640), (places.nginxEdge, 0, 0, 0o644),
            (places.database[3], 0, 0, 0o600),
        ]
        for (place, user, group, mode) in spoilt {
            #expect(chown(place.path, user, group) == 0 && chmod(place.path, mode) == 0)
        }
        let faults = Self.report(layout, .session).faults
        #expect(Set(faults.map { $0.prefix { $0 != ":" } }) == Set(spoilt.map { $0.0.path[...] }))
        #expect(faults.count == spoilt.count)
        // As typed; the names are those of another machine.
        for fault in faults {
            let command = fault.components(separatedBy: "; ")[1].replacing(
                "ig-shop-auth:ig-shop-auth", with: "4711:4712"
            )
            .replacing("root:ig-shop-auth", with: "root:4712")
            #expect(system(command) == 0, "\(command)")
        }
        #expect(Self.report(layout, .session).faults == [])
    }

    @Test(
        "Where secrets are handed over, what is named elsewhere is the operator's own; what is in its place is looked at"
    )
    func handedOver() async throws {
        let (directory, layout) = try await Self.installed()
        func faults(_ places: Places, _ handedOver: Bool) -> [String] {
            var report = CheckReport()
            report.installation(places, .session, handedOver: handedOver)
            return report.faults
        }
        try directory.write("keys", "", mode: 0o400)
        chown(directory.path + "/keys", 4_711, 0)
        let elsewhere = Places(layout, keys: "/keys", agents: "/agents")
        // As a package leaves it that has not been set up.
        chown(layout.folder, 0, 0)
        chmod(layout.folder, 0o755)
        #expect(faults(elsewhere, false).count == 2)
        #expect(faults(elsewhere, true) == [])
        #expect(faults(Places(layout), true).map { $0.hasPrefix("\(layout.folder): has owner") } == [true])
        try FileManager.default.removeItem(atPath: layout.folder)
        rmdir(layout.backups)
        #expect(faults(elsewhere, true) == [])
        chmod(layout.state, 0o755)
        #expect(faults(elsewhere, true).map { $0.hasPrefix("\(layout.state): has owner") } == [true])
    }

    @Test("What is missing is told, and so is a link; an edge secret that differs is a fault where it is used")
    func missing() async throws {
        let (directory, layout) = try await Self.installed()
        rmdir(layout.backups)
        unlink(layout.agents)
        symlink("/etc/passwd", layout.agents)
        let faults = Self.report(layout, .session).faults
        #expect(
            faults == [
                "\(layout.backups): is missing; ig-shop-auth init makes it",
                "\(layout.agents): is not an ordinary file; replace it",
            ])
        try EdgePair.line(EdgePair.generate()).write(toFile: layout.nginxEdge, atomically: false, encoding: .utf8)
        #expect(Self.report(layout, .session).faults.count == 2)
        let told = Self.report(layout, .remoteUser(edge: Self.edge)).faults
        #expect(told.count == 3 && told[2].hasPrefix("edge secret: ") && told[2].contains("differ"))
        withExtendedLifetime(directory) {}
    }

    @Test("A secret in the file of settings is a fault, and shown nowhere; a name that is no setting is a note")
    func exposed() async throws {
        let (directory, layout) = try await Self.installed()
        let text = "META_APP_ID=x\nMETA_APP_SECRET=canary-secret\nMETA_APPID=1\n"
        try directory.write("etc/ig-shop-auth/ig-shop-auth.env", text, mode: 0o644)
        var report = CheckReport()
        await report.run(environment: [:], nginx: .file("/dev/null"), layout: layout)
        let fault = "META_APP_SECRET: is in \(layout.environmentFile), which is for no secrets;"
        #expect(report.faults.contains(fault + " move it to /etc/credstore/ig-shop-auth.meta-app-secret"))
        #expect(report.lines.contains { $0.hasPrefix("note   META_APPID: is in \(layout.environmentFile)") })
        #expect(!report.lines.contains { $0.hasPrefix("ok     META_APP_SECRET") || $0.contains("canary") })
    }

    @Test("After faulty settings it goes on: files, nginx, libraries; nothing is said to be good that is not known")
    func goesOn() async throws {
        let (directory, layout) = try await Self.installed()
        chmod(layout.agents, 0o666)
        let dump = try directory.write("dump", "nonsense")
        for (text, names) in [
            ("META_APP_ID=x\n", ["META_APP_ID", "META_APP_SECRET", "META_REDIRECT_URI"]),
            ("export META_APP_ID=1\n", ["\(layout.environmentFile):1"]),
        ] {
            try directory.write("etc/ig-shop-auth/ig-shop-auth.env", text, mode: 0o644)
            var report = CheckReport()
            await report.run(environment: [:], nginx: .file(dump), layout: layout)
            let told = report.faults.filter { !$0.hasPrefix("IG_SHOP_AUTH_") }
            #expect(Set(names).isSubset(of: told.map { String($0.prefix(upTo: $0.range(of: ": ")!.lowerBound)) }))
            #expect(told.contains { $0.hasPrefix("\(layout.agents): has owner") })
            #expect(told.contains("nginx: this is not what `nginx -T` prints"))
            #expect(report.lines.contains { $0.hasPrefix("ok     libraries: ") })
            #expect(!report.lines.contains { $0.hasPrefix("ok     META_APP_ID") })
        }
    }
}
