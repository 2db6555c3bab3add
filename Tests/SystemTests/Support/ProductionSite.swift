// SPDX-License-Identifier: MIT
import Foundation
import Glibc

/// A second nginx with the shipped site, over TLS, in front of a stage's responder.
struct ProductionSite: Sendable {
    let port: Int
    let plainPort: Int
    let privatePort: Int
    let nginx: Child
    private let directory: String

    init(beside stage: Stage) async throws {
        directory = stage.directory + "/production"
        (port, plainPort, privatePort) = (try Ports.free(), try Ports.free(), try Ports.free())
        try FileManager.default.createDirectory(atPath: directory + "/log", withIntermediateDirectories: true)
        try await Command.succeed(
            "openssl",
            [
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                "-subj", "/CN=shop.example.com", "-keyout", directory + "/key.pem", "-out", directory + "/cert.pem",
            ])
        let live = "/etc/letsencrypt/live/shop.example.com/"
        let places = [
            (live + "fullchain.pem", directory + "/cert.pem"), (live + "privkey.pem", directory + "/key.pem"),
            ("/run/ig-shop-auth/ig-shop-auth.sock", stage.socketPath), ("/var/log/nginx/", directory + "/log/"),
            ("listen 80;", "listen 127.0.0.1:\(plainPort);"), ("listen 443 ", "listen 127.0.0.1:\(port) "),
            ("127.0.0.1:9180;", "127.0.0.1:\(privatePort);"),
        ]
        for folder in ["conf.d", "snippets", "sites-available"] {
            let target = "\(directory)/\(folder)"
            try FileManager.default.createDirectory(atPath: target, withIntermediateDirectories: true)
            for file in try FileManager.default.contentsOfDirectory(atPath: "\(Programs.nginxFiles)/\(folder)") {
                let text = try String(contentsOfFile: "\(Programs.nginxFiles)/\(folder)/\(file)", encoding: .utf8)
                try Self.moved(text, places).write(toFile: "\(target)/\(file)", atomically: true, encoding: .utf8)
            }
        }
        let configuration = """
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
        try configuration.write(toFile: directory + "/nginx.conf", atomically: true, encoding: .utf8)
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

    /// The text of every log.
    var logs: [String] {
        let files = (try? FileManager.default.contentsOfDirectory(atPath: directory + "/log")) ?? []
        return files.compactMap { try? String(contentsOfFile: "\(directory)/log/\($0)", encoding: .utf8) }
    }

    /// The same file with ports and paths of its own; addresses of IPv6 are left out.
    private static func moved(_ text: String, _ places: [(String, String)]) -> String {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).filter { !$0.contains("listen [::") }
        return places.reduce(lines.joined(separator: "\n")) { $0.replacing($1.0, with: $1.1) }
    }
}
