// SPDX-License-Identifier: MIT
import Foundation
import Glibc

/// The shipped site with one kind of login, in front of a peer that tells what arrived.
struct LoginSite: Sendable {
    typealias Login = ProductionSite.Login

    static let listed: Set = [
        "REQUEST_METHOD", "REQUEST_URI", "CONTENT_TYPE", "CONTENT_LENGTH", "HTTPS", "REQUEST_ID", "HTTP_ACCEPT",
        "HTTP_ACCEPT_LANGUAGE",
        "HTTP_COOKIE", "HTTP_ORIGIN", "HTTP_SEC_FETCH_SITE", "HTTP_SEC_PURPOSE", "IG_SURFACE", "REMOTE_USER",
    ]
    /// Reachable without a login, in every variant.
    static let open = [
        "/auth/instagram/deauthorize", "/auth/instagram/data-deletion", "/auth/instagram/data-deletion/zqxcode",
        "/auth/instagram/openapi.yaml", "/auth/instagram/connect.js",
        "/auth/instagram/connect",
    ]
    static let guarded = [
        "/auth/instagram", "/auth/instagram/callback", "/auth/instagram/status", "/auth/instagram/settings",
        "/auth/instagram/sign-out", "/auth/instagram/disconnect", "/auth/instagram/unknown", "/auth/instagram/",
    ]

    let login: Login
    let site: ProductionSite
    let peer: ParameterPeer
    let application: WhoamiApplication

    static func run(
        _ login: Login, limitsRequests: Bool = false, _ body: (LoginSite) async throws -> Void
    ) async throws {
        var template = Array("/tmp/ig-login.XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw Missing("no directory") }
        let directory = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        Janitor.shared.note(.directory, directory)
        defer {
            try? FileManager.default.removeItem(atPath: directory)
            Janitor.shared.forget(.directory, directory)
        }
        let peer = try ParameterPeer(path: directory + "/a.sock")
        defer { peer.stop() }
        let application = try WhoamiApplication()
        defer { application.stop() }
        let site = try await ProductionSite(
            in: directory, socket: directory + "/a.sock", login: login, application: application.port,
            limitsRequests: limitsRequests)
        do {
            try await body(LoginSite(login: login, site: site, peer: peer, application: application))
            await site.nginx.stop(within: .seconds(5))
        } catch {
            // Not SIGKILL, which would leave nginx's workers behind.
            await site.nginx.stop(within: .seconds(5))
            throw error
        }
    }

    var socketPath: String { site.directory + "/a.sock" }

    /// What somebody who is signed in sends, where a header can say it.
    var credential: String {
        switch login {
        case .none, .certificate: "X-None: 1"
        case .basic:
            "Authorization: Basic \(Data("\(ProductionSite.user):\(ProductionSite.password)".utf8).base64EncodedString())"
        case .request: "Cookie: session=\(ProductionSite.user)"
        }
    }

    /// A request over plain HTTP; `head` is the request line and what follows.
    func send(_ head: String, body: String = "") async throws -> Response {
        let host = head.contains("\r\nHost:") ? "" : "\r\nHost: shop.example.com"
        return try await RawHTTP.send(
            "\(head)\(host)\r\nConnection: close\r\n\r\n\(body)", port: site.clearPort)
    }

    /// Several targets over TLS and HTTP/2 in one run of curl: status and body of each.
    func curl(_ targets: [String], _ options: [String]) async throws -> [(status: Int, text: String)] {
        let words =
            ["-sk", "--http2", "--path-as-is", "-w", "\nzqxend %{http_code} %{http_version}\n"] + site.resolving
            + options + targets.map { site.url + $0 }
        var said = try await Command.run("curl", words, within: .seconds(10))
        if case .signal = said.end {
            // Once in some thousand runs curl 7.88 waits for the end of an answer whose bytes it has printed.
            said = try await Command.run("curl", words)
        }
        // Behind each body stands its status, on a line of its own.
        let parts = said.output.components(separatedBy: "\nzqxend ")
        let bodies = [parts[0]] + parts.dropFirst().map { String($0.drop { $0 != "\n" }.dropFirst()) }
        let ends = parts.dropFirst().map { $0.prefix { $0 != "\n" }.split(separator: " ") }
        guard ends.count == targets.count, ends.allSatisfy({ $0[0] == "000" || $0[1] == "2" }) else {
            throw Missing("curl did not speak HTTP/2: \(said.end) \(said.output) \(said.error)")
        }
        return zip(ends, bodies).map { (Int($0[0]) ?? 0, $1) }
    }

    /// A client's certificate from the site's authority, or from itself; the options that make curl show it.
    func certificate(_ subject: String, name: String, selfSigned: Bool = false, expired: Bool = false) async throws
        -> [String]
    {
        let base = site.directory + "/" + name
        let key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", base + ".key"]
        if selfSigned {
            try await Command.succeed(
                "openssl", ["req", "-x509", "-days", "2", "-subj", subject, "-out", base + ".pem"] + key)
        } else {
            try await Command.succeed(
                "openssl", ["req", "-utf8", "-subj", subject, "-out", base + ".csr"] + key)
            try await Command.succeed(
                "openssl",
                [
                    "x509", "-req", "-in", base + ".csr", "-CA", site.directory + "/clients.pem", "-CAkey",
                    site.directory + "/clients-key.pem", "-CAcreateserial", "-days", expired ? "-1" : "2", "-out",
                    base + ".pem",
                ])
        }
        return ["--cert", base + ".pem", "--key", base + ".key"]
    }
}
