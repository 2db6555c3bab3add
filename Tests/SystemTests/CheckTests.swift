// SPDX-License-Identifier: MIT
import Connect
import Foundation
import Testing
import Vault

@testable import ig_shop_auth

/// `check` and what the real nginx says of the shipped files.
@Suite
struct CheckTests {
    private func dump(_ site: ProductionSite) async throws -> String {
        let words = ["-T", "-q", "-e", "stderr", "-c", site.configuration]
        return try await Command.succeed(Programs.nginx, words).output
    }

    private func faults(_ site: LoginSite, edge: String = ProductionSite.edge) async throws -> [String] {
        let read = NginxSite(try NginxDump(try await dump(site.site)), sockets: [site.socketPath])
        let needs = NginxNeeds(
            identity: site.login == .none ? .session : .remoteUser(edge: EdgeSecret(utf8: edge)),
            mode: NginxNeeds.mode(of:))
        return NginxRule.faults(in: read, needs).map(\.description)
    }

    @Test(
        "The shipped files have no fault in `nginx -T`; a spoilt one is told by file and line",
        arguments: ProductionSite.Login.allCases)
    func real(_ login: ProductionSite.Login) async throws {
        try await LoginSite.run(login) { site in
            #expect(try await faults(site) == [])
            if login != .none {
                let other = try await faults(site, edge: "another")
                #expect(
                    other.count == 1 && other[0].hasPrefix(site.site.directory + "/edge.conf:1: the edge secret is not")
                )
                let file = site.site.directory + "/edge.conf"
                try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: file)
                #expect(try await faults(site).map { $0.contains("others than root") } == [true])
                try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file)
            }
            let snippet = site.site.directory + "/snippets/ig-shop-auth-public.conf"
            let text = try String(contentsOfFile: snippet, encoding: .utf8)
            try text.replacing("stderr emerg", with: "stderr").write(toFile: snippet, atomically: true, encoding: .utf8)
            let line = try #require(text.components(separatedBy: "\n").firstIndex { $0.hasPrefix("error_log") }) + 1
            let told = try await faults(site)
            #expect(told.count == 1 && told[0].hasPrefix("\(snippet):\(line): nginx's error log prints"))
        }
    }

    @Test("check takes what nginx said from a file or from standard input; a fault is 78, no secret is shown")
    func command() async throws {
        try await Stage.run { stage in
            let environment = stage.environment
            let configuration = stage.directory + "/nginx/nginx.conf"
            let piped = "\(Programs.nginx) -T -q -e stderr -c \(configuration) | \(Programs.shopAuth) check --nginx -"
            let good = try await Command.run("/bin/sh", ["-c", piped], environment: environment)
            #expect(good.end == .exit(0))
            #expect(good.output.contains("ok     nginx: 3 locations, 1 upstream, none of the known faults"))

            let spoilt =
                "\(Programs.nginx) -T -q -e stderr -c \(configuration) | sed 's/keep_conn off/keep_conn on/' | "
            let bad = try await Command.run(
                "/bin/sh", ["-c", spoilt + "\(Programs.shopAuth) check --nginx -"], environment: environment)
            #expect(bad.end == .exit(78))
            #expect(bad.output.contains("fault  nginx: \(stage.directory)/nginx/snippets/ig-shop-auth-fastcgi.conf:"))

            for (file, said) in [("/nonexistent", "cannot be read"), ("/dev/null", "not what `nginx -T` prints")] {
                let none = try await Command.run(
                    Programs.shopAuth, ["check", "--nginx", file], environment: environment)
                #expect(none.end == .exit(78))
                #expect(none.output.contains(said))
            }
            // By itself it asks this machine's nginx, whatever that is; it says something, and once.
            let here = try await Command.run(Programs.shopAuth, ["check"], environment: environment)
            #expect(here.output.contains(" nginx: "))
        }
    }
}
