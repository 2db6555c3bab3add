import Connect
// SPDX-License-Identifier: MIT
import Foundation
import Glibc
import Instagram
import Testing
import Vault

@testable import ig_shop_auth

@Suite("Where settings are found")
struct SettingSourcesTests {
    /// An installed machine below a directory.
    private struct Machine {
        let directory: TemporaryDirectory
        var layout: Layout { Layout(root: directory.path) }

        init(file: String? = nil, secrets: [String: String] = [:]) throws {
            directory = try TemporaryDirectory()
            for folder in [layout.folder, layout.credentialStore] {
                try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            }
            if let file { try directory.write("etc/ig-shop-auth/ig-shop-auth.env", file, mode: 0o644) }
            for (name, text) in secrets { try directory.write("etc/credstore/ig-shop-auth.\(name)", text) }
        }

        func read(_ environment: [String: String] = [:]) async throws -> Settings {
            try await SettingsReader.read(environment: environment, layout: layout)
        }

        func faults(_ environment: [String: String] = [:]) async throws -> [String] {
            let sources = try await SettingSources(environment: environment, layout: layout)
            return SettingsReader.look(sources).faults.map(\.description)
        }
    }

    private static let file = """
        META_APP_ID=990602627938098
        META_REDIRECT_URI=https://shop.example/auth/instagram/callback

        """
    private static let edge = "ZWRnZS1jYW5hcnktZWRnZS1jYW5hcnktZWRnZS1jYW4"

    @Test("Outside a service, root's commands need nothing but the installed files")
    func installed() async throws {
        let machine = try Machine(
            file: Self.file + "IG_SHOP_AUTH_IDENTITY=remote-user\n",
            secrets: ["meta-app-secret": "canary-app\n", "meta-extra-secrets": "one, two\n", "edge": Self.edge + "\n"])
        let settings = try await machine.read()
        #expect(settings.app.id == "990602627938098" && settings.app.secret.exposedText() == "canary-app")
        #expect(settings.app.extraSecrets.map { $0.exposedText() } == ["one", "two"])
        guard case .remoteUser(let edge) = settings.identity else { throw SettingFaults(faults: []) }
        #expect(edge.exposedText() == Self.edge)
    }

    @Test("The credentials directory counts before the environment, that before the store, and the file comes last")
    func order() async throws {
        let credentials = try TemporaryDirectory()
        try credentials.write("meta-app-secret", "of-the-service")
        let machine = try Machine(
            file: Self.file + "META_APP_SECRET=of-the-file\n", secrets: ["meta-app-secret": "of-the-store"])
        func secret(_ environment: [String: String]) async throws -> String {
            try await machine.read(environment).app.secret.exposedText()
        }
        let variable = ["META_APP_SECRET": "of-the-environment"]
        #expect(
            try await secret(variable.merging(["CREDENTIALS_DIRECTORY": credentials.path]) { $1 }) == "of-the-service")
        #expect(try await secret(variable) == "of-the-environment")
        #expect(try await secret(["META_APP_SECRET": ""]) == "of-the-store")
        let none = try TemporaryDirectory()
        #expect(try await secret(["CREDENTIALS_DIRECTORY": none.path]) == "of-the-file", "a service has its own alone")
        let other = ["META_APP_ID": "1"]
        #expect(try await machine.read(other).app.id == "1")
    }

    @Test("A secret that is encrypted for the service is there: told with what decrypts it, made by nobody, no fault")
    func encrypted() async throws {
        let machine = try Machine(file: Self.file + "IG_SHOP_AUTH_IDENTITY=remote-user\n")
        let store = machine.layout.credentialStore + ".encrypted"
        for folder in [store, machine.layout.nginx] {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        }
        let names = [
            "meta-app-secret": "META_APP_SECRET", "meta-extra-secrets": "META_EXTRA_SECRETS",
            "edge": "IG_SHOP_AUTH_EDGE",
        ]
        for name in names.keys { try machine.directory.write("etc/credstore.encrypted/ig-shop-auth.\(name)", "sealed") }
        let faults = try await machine.faults()
        #expect(faults.count == 3)
        for (name, setting) in names {
            let property = "-p LoadCredentialEncrypted=\(name):\(store)/ig-shop-auth.\(name) COMMAND"
            #expect(faults.contains { $0.hasPrefix("\(setting): is encrypted") && $0.hasSuffix(property) })
        }
        var report = CheckReport()
        await report.run(environment: [:], nginx: .file("/dev/null"), layout: machine.layout)
        for setting in names.values {
            #expect(!report.faults.contains { $0.hasPrefix(setting) })
            #expect(!report.lines.contains { $0.hasPrefix("ok     \(setting)") })
            #expect(report.lines.contains { $0.hasPrefix("note   \(setting): is encrypted") })
        }
        // With the service's own it is as if there were none.
        let handedOver = try TemporaryDirectory()
        try handedOver.write("meta-app-secret", "canary")
        try handedOver.write("edge", Self.edge)
        #expect(try await machine.faults(["CREDENTIALS_DIRECTORY": handedOver.path]) == [])
        guard geteuid() == 0 else { return }
        // nginx's side is there, and no second one is made from it.
        let other = EdgePair.generate()
        try EdgePair.line(other).write(toFile: machine.layout.nginxEdge, atomically: false, encoding: .utf8)
        try machine.directory.write("etc/passwd", "ig-shop-auth:x:4711:4712::/:/usr/sbin/nologin\n")
        var work = Initialisation(machine.layout, try #require(ServiceAccount(below: machine.layout.root)))
        let said = try await work.run()
        #expect(
            !said.contains {
                $0.contains("secret: type this") || $0.contains("Mend META") || $0.contains("Mend IG_SHOP_AUTH_EDGE")
            })
        #expect(!FileManager.default.fileExists(atPath: machine.layout.credentialStore + "/ig-shop-auth.edge"))
    }

    @Test("Another file, or none, brings nothing of the installed one, neither its secrets")
    func elsewhere() async throws {
        let machine = try Machine(file: Self.file, secrets: ["meta-app-secret": "canary"])
        let variable = SettingSources.fileVariable
        #expect(
            try await machine.faults([variable: ""]).map { $0.prefix { $0 != ":" } } == [
                "META_REDIRECT_URI", "META_APP_ID", "META_APP_SECRET",
            ])
        let own = try machine.directory.write("own", "META_APP_ID=2\n")
        let faults = try await machine.faults([variable: own])
        #expect(faults.count == 2 && faults.allSatisfy { !$0.hasPrefix("META_APP_ID") })
        let gone = try await machine.faults([variable: "/nonexistent"])
        #expect(gone == ["/nonexistent: cannot be read: No such file or directory; name another by \(variable)"])
    }

    @Test("What is missing is told with the file where it belongs")
    func missing() async throws {
        let faults = try await Machine(file: "IG_SHOP_AUTH_IDENTITY=remote-user").faults()
        let places = Dictionary(
            faults.map { ($0.prefix { $0 != ":" }, $0.components(separatedBy: "belongs in ").last) },
            uniquingKeysWith: { $1 })
        #expect(
            places == [
                "META_APP_ID": "/etc/ig-shop-auth/ig-shop-auth.env",
                "META_REDIRECT_URI": "/etc/ig-shop-auth/ig-shop-auth.env",
                "META_APP_SECRET": "/etc/credstore/ig-shop-auth.meta-app-secret",
                "IG_SHOP_AUTH_EDGE": "/etc/credstore/ig-shop-auth.edge",
            ])
    }

    @Test("A line that systemd would not take is told with its file and line, and nothing is guessed to be missing")
    func badLine() async throws {
        let machine = try Machine(file: Self.file + "export META_APP_SECRET=canary\n")
        let faults = try await machine.faults()
        #expect(faults.count == 1)
        #expect(faults[0].hasPrefix(machine.layout.environmentFile + ":3: begins with no name"))
        #expect(!faults[0].contains("canary"))
        await #expect(throws: SettingFaults.self) {
            try await SettingsReader.paths(environment: [:], layout: machine.layout)
        }
    }

    @Test("A secret that this user may not read is no missing one: the fault says to be root")
    func unreadable() async throws {
        let machine = try Machine(file: Self.file, secrets: ["meta-app-secret": "canary"])
        chmod(machine.directory.path, 0o755)
        let path = CredentialStore(directory: machine.layout.credentialStore).path(.appSecret)!
        chmod(path, 0o000)
        chmod(machine.layout.credentialStore, 0o700)
        let sources = try await SettingSources(environment: [:], layout: machine.layout)
        let faults = await Nobody.does { SettingsReader.look(sources).faults.map(\.description) }
        #expect(
            faults == [
                "META_APP_SECRET: /etc/credstore/ig-shop-auth.meta-app-secret cannot be read: Permission denied;"
                    + " run this as root"
            ])
        #expect(try await machine.faults() == [] || geteuid() != 0)
    }

    @Test("A secret in the file is told, and so is a name that is no setting")
    func exposed() async throws {
        let machine = try Machine(
            file: Self.file + "META_EXTRA_SECRETS=canary\nIG_SHOP_AUTH_EDGE=canary\nMETA_APPID=1\nTZ=UTC\n",
            secrets: ["meta-app-secret": "x"])
        let sources = try await SettingSources(environment: [:], layout: machine.layout)
        #expect(
            sources.exposed.map(\.description) == [
                "META_EXTRA_SECRETS: is in \(machine.layout.environmentFile), which is for no secrets;"
                    + " move it to /etc/credstore/ig-shop-auth.meta-extra-secrets",
                "IG_SHOP_AUTH_EDGE: is in \(machine.layout.environmentFile), which is for no secrets;"
                    + " move it to /etc/credstore/ig-shop-auth.edge",
            ])
        #expect(sources.unknownNames == ["META_APPID"])
        let service = ["META_APP_SECRET": "canary", "INVOCATION_ID": "1"]
        let inService = try await SettingSources(environment: service, layout: try Machine(file: Self.file).layout)
        #expect(inService.exposed.map(\.name) == ["META_APP_SECRET"])
    }
}

/// A thread that reads files as nobody does, also where root runs the tests (setfsuid(2): of one thread alone).
private enum Nobody {
    static func does<Value: Sendable>(_ work: @escaping @Sendable () -> Value) async -> Value {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                if geteuid() == 0, let found = dlsym(nil, "setfsuid") {
                    _ = unsafeBitCast(found, to: (@convention(c) (uid_t) -> Int32).self)(65_534)
                }
                continuation.resume(returning: work())
            }
        }
    }
}
