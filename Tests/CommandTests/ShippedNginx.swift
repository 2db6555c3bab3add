// SPDX-License-Identifier: MIT
import Foundation

@testable import ig_shop_auth

/// The shipped files as `nginx -T` prints them on a machine where they are installed.
struct ShippedNginx {
    static let edge = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"
    static let logins = ["", "-basic", "-request", "-certificate"]
    static let site = "sites-available/ig-shop-auth.conf"
    static let main = "nginx.conf"

    static let folder: String = {
        var url = URL(fileURLWithPath: #filePath)
        for _ in 0..<3 { url.deleteLastPathComponent() }
        return url.appending(path: "nginx").path
    }()

    private(set) var files: [(name: String, text: String)]

    /// - Parameter login: The end of the snippet's name.
    init(_ login: String) throws {
        files = [
            (
                Self.main,
                "events {}\nhttp {\n    include /etc/nginx/conf.d/*.conf;\n    include sites-available/*.conf;\n}\n"
            )
        ]
        for part in ["conf.d", "snippets", "sites-available"] {
            for name in try FileManager.default.contentsOfDirectory(atPath: "\(Self.folder)/\(part)").sorted() {
                let text = try String(contentsOfFile: "\(Self.folder)/\(part)/\(name)", encoding: .utf8)
                files.append(("\(part)/\(name)", text))
            }
        }
        files.append(("ig-shop-auth-edge.conf", "fastcgi_param IG_EDGE \"\(Self.edge)\";\n"))
        files.append(
            ("fastcgi_params", "fastcgi_param REMOTE_USER $remote_user;\nfastcgi_param SERVER_NAME $server_name;\n"))
        try change(Self.site, "snippets/ig-shop-auth.conf;", "snippets/ig-shop-auth\(login).conf;")
    }

    /// What a test wants to spoil has to be there.
    mutating func change(_ file: String, _ old: String, _ new: String) throws {
        guard let index = files.firstIndex(where: { $0.name == file }), files[index].text.contains(old) else {
            throw Absent(file: file, text: old)
        }
        files[index].text = files[index].text.replacing(old, with: new)
    }

    mutating func replace(_ file: String, _ text: String) throws {
        guard let index = files.firstIndex(where: { $0.name == file }) else { throw Absent(file: file, text: "") }
        files[index].text = text
    }

    struct Absent: Error {
        let file: String
        let text: String
    }

    var dump: String {
        files.map { "# configuration file /etc/nginx/\($0.name):\n\($0.text)\n" }.joined()
    }

    func read() throws -> NginxSite {
        NginxSite(try NginxDump(dump), sockets: ["/run/ig-shop-auth/ig-shop-auth.sock"])
    }
}
