// SPDX-License-Identifier: MIT
import Foundation
import Glibc

/// Examples/flask-app behind its own nginx file, beside the whole system.
struct FlaskShop: Sendable {
    /// Names of the loopback, which Chromium finds and trusts by itself: two of one site, and one of another.
    static let (app, other) = ("app.shop.localhost", "other.localhost")
    /// Debian's, for which the example is written.
    static let python = "/usr/bin/python3"
    private static let source = Programs.repository + "/Examples/flask-app/app.py"

    let stage: Stage
    /// `SameSite` of the login's cookie, in the place of the example's.
    var sameSite = "Lax"
    /// Where application and connection are.
    let host: String
    let port: Int
    let directory: String

    private var program: String { directory + "/app.py" }
    var origin: String { "http://\(host):\(port)" }
    var appOrigin: String { "http://\(Self.app):\(port)" }
    var otherOrigin: String { "http://\(Self.other):\(port)" }

    /// - Parameters:
    ///   - host: The name of application and connection.
    ///   - settings: More of the responder's; `@PORT@` becomes the site's port.
    static func run(
        host: String = "localhost", settings: [String: String] = [:], sameSite: String = "Lax",
        _ body: (FlaskShop) async throws -> Void
    ) async throws {
        let port = try Ports.free()
        let own = ["IG_SHOP_AUTH_IDENTITY": "remote-user", "IG_SHOP_AUTH_EDGE": ProductionSite.edge]
        var options = Stage.Options(
            settings: own.merging(settings.mapValues { $0.replacing("@PORT@", with: "\(port)") }) { $1 })
        options.siteOrigin = "http://\(host):\(port)"
        try await Stage.run(options) { stage in
            let shop = FlaskShop(
                stage: stage, sameSite: sameSite, host: host, port: port, directory: stage.directory + "/shop")
            try await shop.serve(body)
        }
    }

    private func serve(_ body: (FlaskShop) async throws -> Void) async throws {
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: false)
        let key = try await stage.employ([("shop", "*")])[0]
        try write(key, to: "agent-key")
        let text = try String(contentsOfFile: Self.source, encoding: .utf8)
        try write(text.replacing("SAMESITE=\"Lax\"", with: "SAMESITE=\"\(sameSite)\""), to: "app.py")
        let flaskPort = try Ports.free()
        try configure(flaskPort)
        let flask = try logged(Self.python, [program, "serve"], to: "flask", environment(flaskPort))
        do {
            let nginx = try logged(Programs.nginx, ["-e", "stderr", "-c", directory + "/nginx.conf"], to: "nginx")
            do {
                _ = try await eventually("the shop") {
                    guard flask.isRunning, nginx.isRunning else { throw Missing("it has ended: \(said())") }
                    let answer = try? await HTTPClient.shared.send(
                        .get, "http://127.0.0.1:\(port)/login", headers: [(name: "Host", value: host)])
                    return answer?.status == 200 ? () : nil
                }
                try await body(self)
            } catch {
                await nginx.stop(within: .seconds(5))
                throw error
            }
            await nginx.stop(within: .seconds(5))
        } catch {
            await flask.killed()
            throw error
        }
        await flask.killed()
    }

    /// What the shop's README sets.
    private func environment(_ flaskPort: Int) -> [String: String] {
        [
            "SHOP_DIR": directory, "SHOP_PORT": "\(flaskPort)", "SHOP_FRONTENDS": "\(appOrigin),\(otherOrigin)",
            "IG_AGENT": stage.agentBase, "IG_GRAPH": stage.standIn.url,
        ]
    }

    /// Adds a user as a person does, whose password is the name with `-password` behind it.
    ///
    /// - Returns: The user's id.
    func add(_ name: String) async throws -> String {
        let said = try await Command.run(
            Self.python, [program, "add-user", name], environment: ["SHOP_DIR": directory],
            input: name + "-password\n")
        guard said.end == .exit(0) else { throw Missing("no user: \(said.error)") }
        return said.output.trimmingCharacters(in: .newlines)
    }

    /// Allows at Instagram what its page at this address asks, and stops there: where the browser would be sent.
    func allow(at consent: String, account: String = "acme_shop") async throws -> String {
        let answer = try await HTTPClient.shared.send(.get, consent + "&auto=allow&account=\(account)")
        guard let location = answer.header("location") else { throw Missing("no way back: \(answer.status)") }
        return location
    }

    /// What Flask and this nginx have written.
    func said() -> String {
        ["flask", "nginx"].map { (try? String(contentsOfFile: "\(directory)/\($0).log", encoding: .utf8)) ?? "" }
            .joined()
    }

    // MARK: nginx

    /// The shipped files as the stage has them, the example's own over plain HTTP, and the frontends' files.
    private func configure(_ flaskPort: Int) throws {
        let places = [
            ("/etc/nginx/ig-shop-auth-edge.conf;", "\"\(directory)/edge.conf\";"),
            ("127.0.0.1:3000", "127.0.0.1:\(flaskPort)"), ("listen 443 ssl http2;", "listen 127.0.0.1:\(port);"),
            ("server_name api.shop.example.com;", "server_name \(host);"),
            ("server_name app.shop.example.com;", "server_name \(Self.app);"),
            ("server_name other.example.net;", "server_name \(Self.other);"),
            ("/var/log/nginx/", directory + "/"), ("/srv/shop/", directory + "/"),
        ]
        try write("fastcgi_param IG_EDGE \"\(ProductionSite.edge)\";\n", to: "edge.conf")
        let own = try FileManager.default.contentsOfDirectory(atPath: stage.directory + "/nginx/snippets")
        let files =
            own.map { ("\(stage.directory)/nginx/snippets/\($0)", "snippets/\($0)") }
            + [("\(Programs.repository)/Examples/flask-app/nginx.conf", "shop.conf")]
        try FileManager.default.createDirectory(atPath: directory + "/snippets", withIntermediateDirectories: false)
        for (source, target) in files {
            let lines = try String(contentsOfFile: source, encoding: .utf8).split(
                separator: "\n", omittingEmptySubsequences: false
            ).filter { !$0.contains("ssl_certificate") && !$0.contains("listen [::") && !$0.contains("-tls.conf") }
            try write(places.reduce(lines.joined(separator: "\n")) { $0.replacing($1.0, with: $1.1) }, to: target)
        }
        try write(
            """
            daemon off;
            \(geteuid() == 0 ? "user root;" : "")
            pid "\(directory)/nginx.pid";
            error_log "\(directory)/nginx.log";
            events {}
            http {
                access_log off;
                types { text/html html; text/javascript js; }
                client_body_temp_path "\(directory)/t1";
                proxy_temp_path "\(directory)/t2";
                fastcgi_temp_path "\(directory)/t3";
                uwsgi_temp_path "\(directory)/t4";
                scgi_temp_path "\(directory)/t5";
                include "\(stage.directory)/nginx/conf.d/ig-shop-auth.conf";
                include shop.conf;
            }

            """, to: "nginx.conf")
        for frontend in ["spa", "bearer"] {
            let source = "\(Programs.repository)/Examples/flask-app/\(frontend)"
            try FileManager.default.createDirectory(
                atPath: "\(directory)/\(frontend)", withIntermediateDirectories: false)
            for file in try FileManager.default.contentsOfDirectory(atPath: source) {
                let text = try String(contentsOfFile: "\(source)/\(file)", encoding: .utf8)
                    .replacing("https://api.shop.example.com", with: origin)
                    .replacing("https://app.shop.example.com", with: appOrigin)
                try write(text, to: "\(frontend)/\(file)")
            }
        }
    }

    private func write(_ text: String, to name: String) throws {
        guard
            FileManager.default.createFile(
                atPath: "\(directory)/\(name)", contents: Data(text.utf8), attributes: [.posixPermissions: 0o600])
        else { throw Missing("no file \(name)") }
    }

    private func logged(
        _ program: String, _ arguments: [String], to name: String, _ environment: [String: String] = [:]
    ) throws -> Child {
        let log = open("\(directory)/\(name).log", O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        defer { close(log) }
        return try Child(program, arguments, environment: environment, output: log, error: log)
    }
}

extension Chromium {
    /// Signs in on the form that is there, of Flask or of the frontend.
    func signIn(_ name: String, button: String) async throws {
        _ = try await text(button)
        _ = try await run(
            """
            document.querySelector('[name=name]').value = arguments[0]
            document.querySelector('[name=password]').value = arguments[0] + '-password'
            """, [name])
        try await click(button)
    }
}
