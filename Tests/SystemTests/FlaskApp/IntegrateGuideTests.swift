// SPDX-License-Identifier: MIT
import Connect
import Foundation
import Glibc
import Testing

/// docs/integrate.md and the example's README against the files and the program that they quote.
@Suite
struct IntegrateGuideTests {
    private static func text(_ path: String) throws -> String {
        try String(contentsOfFile: "\(Programs.repository)/\(path)", encoding: .utf8)
    }

    @Test("Each snippet that names a file is in that file")
    func snippets() throws {
        let guide = try Self.text("docs/integrate.md")
        var quoted = 0
        for match in guide.matches(of: /From\s+`(Examples\/[^`]+)`[^`]*```[a-z]+\n((?:.*\n)+?)```/) {
            let file = try Self.text(String(match.1))
            #expect(file.contains(match.2), "\(match.1): \(match.2)")
            quoted += 1
        }
        #expect(quoted == guide.matches(of: /From\s+`Examples/).count && quoted > 6)
        #expect(try Self.text("Examples/flask-app/nginx.conf").contains("ig-shop-auth-request.conf;"))
    }

    @Test("Each code of the table of mistakes is the program's")
    func codes() throws {
        let table = try Self.text("docs/integrate.md").components(separatedBy: "## When it does not work")[1]
        let codes = table.matches(of: /\n\| `([a-z_]+)`/).map { String($0.1) }
        #expect(codes.count > 8)
        for code in codes { #expect(ErrorCode(publicCode: code) != nil, "\(code)") }
    }

    @Test("What the example's README tells to type makes two users and serves them")
    func readme() async throws {
        let text = try Self.text("Examples/flask-app/README.md")
        var lines = text.components(separatedBy: "```sh\n")[1].components(separatedBy: "\n```")[0]
            .split(separator: "\n").map(String.init)
        #expect(lines.last == "/usr/bin/python3 app.py serve")
        lines[lines.count - 1] = "exec " + lines[lines.count - 1]
        var template = Array("/tmp/ig-shop.XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw Missing("no directory") }
        let home = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        Janitor.shared.note(.directory, home)
        defer {
            try? FileManager.default.removeItem(atPath: home)
            Janitor.shared.forget(.directory, home)
        }
        let port = try Ports.free()
        let log = open(home + "/log", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        defer { close(log) }
        let shell = try Child(
            "/bin/bash",
            ["-ec", "cd '\(Programs.repository)/Examples/flask-app'\n" + lines.joined(separator: "\n")],
            environment: ["HOME": home, "SHOP_PORT": "\(port)"], output: log, error: log)
        do {
            let page = try await eventually("the shop") {
                guard shell.isRunning else { throw Missing("it has ended") }
                return try? await HTTPClient.shared.send(.get, "http://127.0.0.1:\(port)/login")
            }
            #expect(page.status == 200)
            #expect(try String(contentsOfFile: home + "/log", encoding: .utf8).hasPrefix("1\n2\n"))
            let login = try await HTTPClient.shared.send(
                .post, "http://127.0.0.1:\(port)/api/login", body: #"{"name": "anna", "password": "correct horse"}"#,
                contentType: "application/json")
            #expect(login.status == 200)
            for name in ["shop.sqlite3", "jwt-key", "cookie-key"] {
                #expect(FileManager.default.fileExists(atPath: "\(home)/shop/\(name)"), "\(name)")
            }
        } catch {
            await shell.killed()
            throw error
        }
        await shell.killed()
    }
}
