// SPDX-License-Identifier: MIT
import Foundation
import Testing

extension MachineTests {
    /// Secrets, codes, states, cookies and tokens of an installed service, wherever a machine keeps bytes.
    @Suite(.serialized, .machine)
    struct CanaryTests {
        private let machine = Machine.current!

        @Test(
            "In journal, nginx's logs, metrics, pages, environments and command lines there is none (checklist 34, 35, 45)"
        )
        func canaries() async throws {
            var canaries = Canaries()
            canaries.add(.secret, Machine.appSecret)
            canaries.add(
                .key,
                try machine.read("/etc/ig-shop-auth/keys").split(whereSeparator: \.isWhitespace).last { $0.count == 43 }
                    ?? "")
            canaries.add(
                .secret, try machine.read("/etc/credstore/ig-shop-auth.edge").trimmingCharacters(in: .newlines))
            for (kind, text) in [(Canaries.Kind.code, "AQBx-hBsH3"), (.token, "IGAA_SHORT"), (.token, "IGAA_LONG")] {
                canaries.add(kind, text)
            }
            var browser = Browser()
            var answers: [Data] = []
            for _ in 0..<3 {
                browser = Browser()
                let consent = try await browser.press("connect", on: browser.open(machine.settingsPage))
                let state = try #require(consent.url.parameter("state"))
                let home = try await browser.press("allow", on: consent)
                canaries.add(state: state)
                for step in home.steps where step.url.host == "shop.example.com" {
                    answers.append(Data(step.response.body))
                }
                #expect(home.url.fragment == "instagram=connected")
                for cookie in await browser.jar.cookies { canaries.add(cookie: cookie.value) }
            }
            // What goes wrong is told in more words.
            let broken = machine.start + "/callback?code=AQBx-hBsH3-broken&state=none"
            answers.append(Data(try await browser.asking(broken).body))
            try await machine.shell(
                "systemctl reload ig-shop-auth; kill -9 $(systemctl show -P MainPID ig-shop-auth); ig-shop-auth check || true"
            )
            try await machine.ready()
            answers.append(Data(try await HTTPClient.shared.send(.get, "http://127.0.0.1:9180/metrics").body))
            answers.append(Data(try await browser.asking(machine.status).body))

            var places = answers.enumerated().map { ("answer \($0.offset)", $0.element) }
            places.append(
                (
                    "journal",
                    Data(try await machine.shell("journalctl --sync; journalctl --no-pager --output=export").utf8)
                ))
            for name in try FileManager.default.contentsOfDirectory(atPath: machine.path("/var/log/nginx")) {
                places.append(
                    (name, try Data(contentsOf: URL(fileURLWithPath: machine.path("/var/log/nginx/\(name)")))))
            }
            let looked = try await machine.shell(
                "for each in /proc/[0-9]*; do cat $each/environ $each/cmdline 2>/dev/null || true; done | base64 -w0")
            places.append(("environments and command lines", Data(base64Encoded: looked) ?? Data()))
            #expect(places.contains { $0.0 == "ig-shop-auth.log" && !$0.1.isEmpty })
            #expect(places.allSatisfy { $0.0 != "journal" || $0.1.count > 10_000 })
            for (place, bytes) in places {
                let found = canaries.found(in: bytes).map { "\($0.kind.rawValue), \($0.form)" }
                #expect(found.isEmpty, "\(place)")
            }
            // A search that finds nothing shows something only if it finds what is there.
            #expect(!canaries.found(in: Data("x\(Machine.appSecret)y".utf8)).isEmpty)
        }
    }
}
