// SPDX-License-Identifier: MIT
import Foundation
import Glibc

/// A second nginx with the shipped site, over TLS, in front of a FastCGI socket.
struct ProductionSite: Sendable {
    /// Which of the shipped snippets the site includes, by the end of its name.
    enum Login: String, Sendable, CaseIterable {
        case none = ""
        case basic = "-basic"
        case request = "-request"
        case certificate = "-certificate"
    }

    static let host = "shop.example.com"
    /// A user of `Login.basic`, and an edge secret; both made up here.
    static let user = "anna"
    static let password = "correct horse"
    static let edge = "zqxedge-zqxedge_zqxedge-zqxedge_zqxedge-zqw"

    let port: Int
    /// The same server without TLS, for requests that are written byte by byte.
    let clearPort: Int
    let plainPort: Int
    let privatePort: Int
    let nginx: Child
    let directory: String

    var configuration: String { directory + "/nginx.conf" }

    /// - Parameters:
    ///   - application: The port of the application that `Login.request` asks.
    ///   - neighbour: Another site on this machine, on port 80.
    ///   - patience: Seconds in the place of the 15 that a client has who dribbles.
    ///   - limitsRequests: Whether the shipped limit counts, as it does in production.
    init(
        in directory: String, socket: String, login: Login = .none, application: Int? = nil,
        neighbour: String = "", patience: Int = 15, limitsRequests: Bool = true
    ) async throws {
        self.directory = directory
        (port, clearPort) = (try Ports.free(), try Ports.free())
        (plainPort, privatePort) = (try Ports.free(), try Ports.free())
        try FileManager.default.createDirectory(atPath: directory + "/log", withIntermediateDirectories: true)
        try await Self.makeSecrets(directory)
        let live = "/etc/letsencrypt/live/shop.example.com/"
        let places = [
            (live + "fullchain.pem", directory + "/cert.pem"), (live + "privkey.pem", directory + "/key.pem"),
            ("/etc/nginx/ig-shop-auth-clients.pem;", directory + "/clients.pem;"),
            ("/etc/nginx/ig-shop-auth-edge.conf;", directory + "/edge.conf;"),
            ("/etc/nginx/ig-shop-auth.htpasswd;", directory + "/htpasswd;"),
            ("/run/ig-shop-auth/ig-shop-auth.sock", socket), ("/var/log/nginx/", directory + "/log/"),
            ("127.0.0.1:3000", "127.0.0.1:\(application ?? 1)"), ("listen 80;", "listen 127.0.0.1:\(plainPort);"),
            ("listen 443 ", "listen 127.0.0.1:\(clearPort);\n    listen 127.0.0.1:\(port) "),
            ("127.0.0.1:9180;", "127.0.0.1:\(privatePort);"),
            ("snippets/ig-shop-auth.conf;", "snippets/ig-shop-auth\(login.rawValue).conf;"),
            ("_timeout 15s;", "_timeout \(patience)s;"),
            (limitsRequests ? "" : "    # set $ig_shop_auth_limit_key", "    set $ig_shop_auth_limit_key"),
        ].filter { !$0.0.isEmpty }
        for folder in ["conf.d", "snippets", "sites-available"] {
            let target = "\(directory)/\(folder)"
            try FileManager.default.createDirectory(atPath: target, withIntermediateDirectories: true)
            for file in try FileManager.default.contentsOfDirectory(atPath: "\(Programs.nginxFiles)/\(folder)") {
                let text = try String(contentsOfFile: "\(Programs.nginxFiles)/\(folder)/\(file)", encoding: .utf8)
                try Self.moved(text, places).write(toFile: "\(target)/\(file)", atomically: true, encoding: .utf8)
            }
        }
        try neighbour.replacing("127.0.0.1:80", with: "127.0.0.1:\(plainPort)").write(
            toFile: directory + "/sites-available/default.conf", atomically: true, encoding: .utf8)
        try Self.main(directory).write(toFile: directory + "/nginx.conf", atomically: true, encoding: .utf8)
        let log = open(directory + "/log/stderr.log", O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        defer { close(log) }
        nginx = try Child(
            Programs.nginx, ["-e", "stderr", "-c", directory + "/nginx.conf"], output: log, error: log)
        let (nginx, privatePort) = (nginx, privatePort)
        try await eventually("the production site") {
            guard nginx.isRunning else { throw Missing("nginx has ended: \(logs.joined())") }
            let ready = try? await HTTPClient.shared.send(.get, "http://127.0.0.1:\(privatePort)/readyz")
            return ready?.status == 200 ? () : nil
        }
    }

    /// The site by its own name, which no server of names knows.
    var url: String { "https://\(Self.host):\(port)" }

    /// What makes curl find that name here, and any other as well.
    var resolving: [String] { ["--noproxy", "*", "--connect-to", ":\(port):127.0.0.1:\(port)"] }

    /// The text of every log.
    var logs: [String] {
        let files = (try? FileManager.default.contentsOfDirectory(atPath: directory + "/log")) ?? []
        return files.compactMap { try? String(contentsOfFile: "\(directory)/log/\($0)", encoding: .utf8) }
    }

    /// What an operator makes by hand: the certificate, an authority for clients, a password, the edge secret.
    private static func makeSecrets(_ directory: String) async throws {
        for (name, subject) in [("cert", "shop.example.com"), ("clients", "Clients of the shop")] {
            let key = name == "cert" ? "key" : "clients-key"
            try await Command.succeed(
                "openssl",
                [
                    "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                    "-subj", "/CN=\(subject)", "-keyout", "\(directory)/\(key).pem", "-out", "\(directory)/\(name).pem",
                ])
        }
        let hash = try await Command.succeed("openssl", ["passwd", "-5", password]).output
        let files = [("htpasswd", "\(user):\(hash)"), ("edge.conf", "fastcgi_param IG_EDGE \"\(edge)\";\n")]
        for (name, text) in files {
            _ = FileManager.default.createFile(
                atPath: "\(directory)/\(name)", contents: Data(text.utf8), attributes: [.posixPermissions: 0o600])
        }
    }

    private static func main(_ directory: String) -> String {
        """
        daemon off;
        \(geteuid() == 0 ? "user root;" : "")
        pid "\(directory)/pid";
        error_log "\(directory)/log/error.log";
        events {}
        http {
            access_log off;
            client_body_temp_path "\(directory)/t1";
            proxy_temp_path "\(directory)/t2";
            fastcgi_temp_path "\(directory)/t3";
            uwsgi_temp_path "\(directory)/t4";
            scgi_temp_path "\(directory)/t5";
            include conf.d/*.conf;
            include sites-available/*.conf;
        }

        """
    }

    /// The same file with ports and paths of its own; addresses of IPv6 are left out.
    private static func moved(_ text: String, _ places: [(String, String)]) -> String {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).filter { !$0.contains("listen [::") }
        return places.reduce(lines.joined(separator: "\n")) { $0.replacing($1.0, with: $1.1) }
    }
}
