// SPDX-License-Identifier: MIT
import Foundation
import Glibc
import TestSupport
import Testing

/// The whole system over TLS: nginx with HTTP/2 before the stand-in, and every lure of the environment beside it.
@Suite(.enabled(if: Seclusion.isPossible, "a mount namespace needs root"))
struct TrustedTests {
    @Test(
        "A good certificate and HTTP/2 connect; proxies, key log and netrc in the environment do nothing (checklist 46)"
    )
    func connects() async throws {
        let trap = try HostileServer { $0.waitForClose() }
        let authority = try await Authority()
        let seclusion = try Seclusion([
            Seclusion.trusted: try authority.bundle(), Seclusion.hosts: Authority.hosts,
        ])
        let port = try Ports.free()
        let api = "https://api.instagram.com:\(port)"
        let netrc = "default login somebody password canary\n"
        for name in [".netrc", "netrc"] {
            try netrc.write(toFile: "\(authority.path)/\(name)", atomically: false, encoding: .utf8)
        }
        var settings = [
            "META_API_URL": api, "META_GRAPH_URL": "https://\(Authority.name):\(port)",
            "SSLKEYLOGFILE": "\(authority.path)/session-keys", "NETRC": "\(authority.path)/netrc",
            "META_WEBHOOK_FIELDS": "none", "HOME": authority.path, "CURL_HOME": authority.path,
            "CURL_CA_BUNDLE": "/dev/null",
            "SSL_CERT_FILE": "/dev/null", "SSL_CERT_DIR": authority.path,
        ]
        for name in ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"] {
            settings[name] = "http://127.0.0.1:\(trap.port)"
        }
        try await Stage.run(Stage.Options(settings: settings, wrapper: seclusion.wrapper)) { stage in
            let nginx = try nginx(port, authority, before: stage)
            _ = try await eventually("nginx with TLS") {
                guard nginx.isRunning else { throw Missing("nginx with TLS has ended") }
                // Written once it listens.
                return FileManager.default.fileExists(atPath: authority.path + "/pid") ? () : nil
            }
            for _ in 0..<3 { #expect(try await stage.connect(Browser()).status == 200) }
            await nginx.stop()
            let log = try String(contentsOfFile: authority.path + "/access", encoding: .utf8).split(separator: "\n")
            let calls = log.map { $0.split(separator: " ").map(String.init) }
            #expect(calls.count == 9)
            #expect(
                calls.allSatisfy { call in
                    let protocols = call[1] == "/oauth/access_token" ? "HTTP/1.1" : "HTTP/2.0"
                    return call[2] == protocols && call[3] == "TLSv1.3" && call[4] == "-"
                }, "\(log)")
            // Three for the exchanges; the others share theirs.
            #expect(Set(calls.map { $0[5] }).count == 4, "\(log)")
            #expect(try stage.kept.users().count == 1)
        }
        #expect(trap.connections == 0)
        #expect(!FileManager.default.fileExists(atPath: authority.path + "/session-keys"))
    }

    /// Logs method, path, protocol, TLS, credentials and the connection's number.
    private func nginx(_ port: Int, _ authority: Authority, before stage: Stage) throws -> Child {
        let directory = authority.path
        let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map {
            "\($0)_temp_path \(directory)/\($0);"
        }
        let configuration = """
            daemon off;
            user root;
            pid \(directory)/pid;
            error_log \(directory)/error;
            events {}
            http {
                \(temporary.joined(separator: "\n    "))
                log_format calls '$request_method $uri $server_protocol $ssl_protocol $http_authorization $connection';
                access_log \(directory)/access calls;
                server {
                    listen 127.0.0.1:\(port) ssl http2;
                    ssl_certificate \(authority.certificate(.good));
                    ssl_protocols TLSv1.2 TLSv1.3;
                    ssl_certificate_key \(authority.key(.good));
                    location / {
                        proxy_pass \(stage.standIn.url);
                    }
                }
            }

            """
        try configuration.write(toFile: directory + "/nginx.conf", atomically: false, encoding: .utf8)
        let null = open("/dev/null", O_WRONLY | O_CLOEXEC)
        defer { close(null) }
        return try Child(
            Programs.nginx, ["-e", "\(directory)/error", "-c", directory + "/nginx.conf"], output: null, error: null)
    }
}
