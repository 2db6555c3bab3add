// SPDX-License-Identifier: MIT
import Foundation
import Glibc
import Synchronization
import Vault

/// The whole system on ports of its own: the responder behind nginx, and Instagram's stand-in.
///
/// `Stage.run { stage in ... }` for one test, the trait `.stage` for a suite that shares one.
final class Stage: Sendable {
    struct Options: Sendable {
        /// Who makes the socket: the responder, by path, or we, as systemd does, on descriptor 0.
        var isSocketHandedOver = false
        /// Settings over those of `make run`.
        var settings: [String: String] = [:]
        /// A tmpfs of this size, in KiB, for the database.
        var databaseKiB: Int?
        /// What the responder's standard output is; nil: the file `journal`.
        var journal: Int32?
        var limitsRequests = false
        /// What nginx shows below `/examples/`; nil: the repository's Examples.
        var examples: String?
        /// Where Instagram sends the visitor back to, on the site: `META_REDIRECT_URI`.
        var redirectPath = "/auth/instagram/callback"
        /// Where that path is, if another nginx than the stage's own is the site.
        var siteOrigin: String?
        /// A program that becomes the responder, such as `env`.
        var wrapper: [String] = []
        /// What stands between the responder and the machine.
        var shim: (any Shim)?
    }

    /// The stage of the suite whose trait made one.
    @TaskLocal static var current: Stage!

    static let appSecret = "test_instagram_app_secret"

    let options: Options
    let directory: String
    let port: Int
    let standInPort: Int
    let privatePort: Int

    private struct Parts {
        var responder: Child?
        var standIn: Child?
        var nginx: Child?
        /// The socket that is handed over.
        var socket: Int32?
    }

    private let parts = Mutex(Parts())

    static func run<Value>(_ options: Options = Options(), _ body: (Stage) async throws -> Value) async throws -> Value
    {
        let stage = try Stage(options)
        do {
            try await stage.start()
            let value = try await body(stage)
            await stage.tearDown()
            return value
        } catch {
            await stage.tearDown()
            throw error
        }
    }

    private init(_ options: Options) throws {
        self.options = options
        var template = Array("/tmp/ig-stage.XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw Missing("no directory") }
        directory = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        Janitor.shared.note(.directory, directory)
        port = try Ports.free()
        standInPort = try Ports.free()
        privatePort = try Ports.free()
    }

    var origin: String { "http://localhost:\(port)" }
    var settingsPage: String { origin + "/auth/instagram/settings" }
    var start: String { origin + "/auth/instagram" }
    var callback: String { origin + "/auth/instagram/callback" }
    /// As the responder is told, and as it is registered at Instagram.
    private var redirectURI: String {
        options.settings["META_REDIRECT_URI"] ?? (options.siteOrigin ?? origin) + options.redirectPath
    }
    var status: String { origin + "/auth/instagram/status" }
    var readyz: String { "http://127.0.0.1:\(privatePort)/readyz" }

    var standIn: StandIn { StandIn(url: "http://127.0.0.1:\(standInPort)") }
    var kept: Kept { Kept(path: database, keysPath: keys) }

    var keys: String { directory + "/keys" }
    /// Where no file is until a test writes one.
    var agents: String { directory + "/agents" }
    var databaseDirectory: String { directory + "/db" }
    var database: String { databaseDirectory + "/ig-shop-auth.sqlite3" }
    var socketPath: String { directory + "/a.sock" }
    var standInSocketPath: String { directory + "/b.sock" }
    var journalPath: String { log("journal") }
    /// Of `journal`, `responder`, `stand-in`, `nginx`, `nginx-access`, `nginx-error`.
    func log(_ name: String) -> String { "\(directory)/logs/\(name).log" }

    var responder: Child? { parts.withLock { $0.responder } }
    var nginx: Child? { parts.withLock { $0.nginx } }

    /// What the responder is told, as `make run` tells it.
    var environment: [String: String] {
        var environment = [
            "META_APP_ID": "990602627938098", "META_APP_SECRET": Self.appSecret, "META_REDIRECT_URI": redirectURI,
            "META_WWW_URL": standIn.url, "META_API_URL": standIn.url, "META_GRAPH_URL": standIn.url,
            "IG_SHOP_AUTH_DATABASE": database, "IG_SHOP_AUTH_KEYS": keys,
            "IG_SHOP_AUTH_AGENTS": agents,
        ]
        if !options.isSocketHandedOver { environment["IG_SHOP_AUTH_SOCKET"] = socketPath }
        environment.merge(options.shim?.environment(self) ?? [:]) { $1 }
        return environment.merging(options.settings) { $1 }
    }

    // MARK: Life

    private func start() async throws {
        for name in ["/db", "/logs"] {
            try FileManager.default.createDirectory(atPath: directory + name, withIntermediateDirectories: false)
        }
        if let size = options.databaseKiB { try await mountDatabase(size) }
        let key = KeyID("system")!
        guard
            FileManager.default.createFile(
                atPath: keys, contents: Data((Keyring.generateLine(id: key, random: .system) + "\n").utf8),
                attributes: [.posixPermissions: 0o600])
        else { throw Missing("no keys") }
        if options.isSocketHandedOver {
            let socket = try UnixListener.make(socketPath)
            parts.withLock { $0.socket = socket }
        }
        let secret = options.settings["META_APP_SECRET"] ?? Self.appSecret
        let standIn = try logged(
            Programs.standIn, to: "stand-in",
            [
                "--socket", standInSocketPath, "--redirect-uri", redirectURI, "--app-secret", secret,
            ])
        parts.withLock { $0.standIn = standIn }
        try startResponder()
        let configured = try await Command.succeed(
            Programs.configure,
            [
                "--run", directory, "--port", "\(port)", "--stand-in-port", "\(standInPort)", "--private-port",
                "\(privatePort)", "--socket", socketPath, "--stand-in-socket", standInSocketPath,
            ] + (options.limitsRequests ? ["--limit"] : []) + (options.examples.map { ["--examples", $0] } ?? []))
        let path = configured.output.trimmingCharacters(in: .whitespacesAndNewlines)
        let nginx = try logged(Programs.nginx, to: "nginx", ["-e", "stderr", "-c", path])
        parts.withLock { $0.nginx = nginx }
        try await ready()
        _ = try await eventually("the stand-in") {
            try? await HTTPClient.shared.send(.get, self.standIn.url + "/control").status == 200 ? true : nil
        }
    }

    /// Waits until `/readyz` answers 200: a token could be kept.
    func ready() async throws {
        _ = try await eventually("readyz") {
            guard responder?.isRunning ?? false else { throw Missing("the responder has ended: \(said("responder"))") }
            guard nginx?.isRunning ?? true else { throw Missing("nginx has ended: \(said("nginx"))") }
            return try? await HTTPClient.shared.send(.get, readyz).status == 200 ? true : nil
        }
    }

    func startResponder() throws {
        let descriptors = parts.withLock { ($0.socket, options.journal) }
        let words = options.wrapper + [Programs.shopAuth, "serve"]
        let child = try logged(
            words[0], to: "responder", Array(words.dropFirst()), environment: environment, input: descriptors.0,
            output: descriptors.1 ?? -1)
        parts.withLock { $0.responder = child }
    }

    /// SIGTERM, and the same program again.
    func restartResponder() async throws {
        let end = await responder?.stop()
        guard end == .exit(0) else { throw Missing("the responder ended with \(String(describing: end))") }
        try startResponder()
    }

    /// As after a crash: kill -9, and the same program again.
    func crashResponder() async throws {
        await responder?.killed()
        try startResponder()
    }

    func tearDown() async {
        let parts = parts.withLock { parts in
            defer { parts = Parts() }
            return parts
        }
        await parts.nginx?.stop(within: .seconds(2))
        // What still hangs on a fault would be waited for; nothing is lost that a test still needs.
        await parts.responder?.killed()
        await parts.standIn?.killed()
        if let socket = parts.socket { close(socket) }
        if options.databaseKiB != nil { await unmountDatabase() }
        try? FileManager.default.removeItem(atPath: directory)
        Janitor.shared.forget(.directory, directory)
    }

    // MARK: What was said

    func said(_ name: String) -> String { (try? String(contentsOfFile: log(name), encoding: .utf8)) ?? "" }

    func journal() throws -> [JournalLine] { try JournalLine.read(journalPath) }

    private func logged(
        _ program: String, to name: String, _ arguments: [String], environment: [String: String] = [:],
        input: Int32? = nil, output: Int32 = -1
    ) throws -> Child {
        func file(_ name: String) -> Int32 { open(log(name), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600) }
        let error = file(name)
        defer { close(error) }
        let standard = output >= 0 ? output : file(name == "responder" ? "journal" : name)
        defer { if output < 0 { close(standard) } }
        return try Child(
            program, arguments, environment: environment, input: input, output: standard, error: error)
    }
}
