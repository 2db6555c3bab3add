// SPDX-License-Identifier: MIT
import Connect
import Testing
import Vault

@testable import ig_shop_auth

@Suite("What init says is left")
struct LeftToDoTests {
    private static func server(_ lines: String) -> String { "server { \(lines) }\n" }

    private static func facts(_ http: String) throws -> NginxFacts {
        NginxFacts(
            try NginxDump("# configuration file /etc/nginx/nginx.conf:\nuser nobody-here;\nhttp {\n\(http)\n}\n"))
    }

    @Test("The redirect URI is proposed from nginx's TLS server where there is exactly one name")
    func names() throws {
        let tls = "listen 443 ssl http2; server_name"
        for (http, name) in [
            (Self.server("\(tls) shop.example;"), "shop.example"),
            (
                Self.server("listen 80; server_name other.example;") + Self.server("\(tls) shop.example;"),
                "shop.example"
            ),
            (Self.server("\(tls) shop.example;") + Self.server("\(tls) shop.example;"), "shop.example"),
            (Self.server("\(tls) shop.example _;"), "shop.example"),
            (Self.server("\(tls) shop.example www.shop.example;"), nil), (Self.server("\(tls) *.shop.example;"), nil),
            (Self.server("\(tls) ~^shop;"), nil), (Self.server("\(tls) .shop.example;"), nil),
            (Self.server("listen 443; server_name shop.example;"), nil), ("", nil),
        ] as [(String, String?)] {
            let facts = try Self.facts(http)
            #expect(facts.tlsName == name, "\(http)")
            #expect(facts.group == nil && !facts.includesUs, "nobody knows that user here")
        }
        let missing = SettingFault(name: "META_REDIRECT_URI", problem: "is missing")
        let left = LeftToDo(.init(faults: [missing], nginx: try Self.facts(Self.server("\(tls) shop.example;"))))
        #expect(left.steps[0].hasSuffix("\nMETA_REDIRECT_URI=https://shop.example/auth/instagram/callback"))
        #expect(left.steps.last == "Open https://shop.example/auth/instagram/settings")
    }

    @Test("The group of nginx's workers is the one that is named, or their user's own")
    func group() throws {
        for (words, group) in [("root", "root"), ("nobody daemon", "daemon"), ("nobody-here", nil)]
            as [(String, String?)]
        {
            let dump = try NginxDump("# configuration file /etc/nginx/nginx.conf:\nuser \(words);\nhttp { }\n")
            #expect(NginxFacts(dump).group == group)
        }
    }

    @Test("With logins, a snippet that signs people in is to be included")
    func logins() {
        let left = LeftToDo(.init(isRemoteUser: true, units: .stopped))
        #expect(left.lines.contains { $0.contains("include snippets/ig-shop-auth-basic.conf;") })
    }

    @Test(
        "With the lines that are to be written into nginx, an ordinary site has no fault; without any of them it has",
        arguments: [false, true])
    func lines(_ isRemoteUser: Bool) throws {
        let steps = LeftToDo(.init(isRemoteUser: isRemoteUser)).steps
        let step = try #require(steps.first { $0.contains("nginx -t") })
        let lines = step.split(separator: "\n").dropFirst().map(String.init)
        let identity = isRemoteUser ? Identity.remoteUser(edge: EdgeSecret(utf8: ShippedNginx.edge)) : .session
        let basic = "auth_basic shop; auth_basic_user_file /etc/nginx/shop.htpasswd;"
        func faults(_ lines: [String]) throws -> [String] {
            var files = try ShippedNginx("")
            try files.replace(
                ShippedNginx.site,
                """
                server { listen 80; server_name shop.example.com; \(lines.last ?? "")
                return 301 https://shop.example.com$request_uri; }
                server { listen 443 ssl; server_name shop.example.com; \(isRemoteUser ? basic : "")
                \(lines.joined(separator: "\n"))
                location / { return 404; } }
                """)
            let needs = NginxNeeds(identity: identity, publicHost: "shop.example.com", mode: { _ in 0o600 })
            return NginxRule.faults(in: try files.read(), needs).map(\.description)
        }
        #expect(lines.count == 3)
        #expect(try faults(lines) == [])
        #expect(try faults(Array(lines.dropLast())) != [])
    }

    @Test("Where all is in place, only the look and the page are left")
    func nothing() {
        var nginx = NginxFacts()
        nginx.includesUs = true
        let running = SystemdUnits(
            units: SystemdUnits.stopped.units.map { .init(name: $0.name, file: "enabled", state: "active") })
        let left = LeftToDo(.init(origin: "https://shop.example", nginx: nginx, units: running))
        #expect(
            left.lines == [
                "Left to do:", "1. ig-shop-auth check", "2. Open https://shop.example/auth/instagram/settings",
            ])
        let stopped = LeftToDo(
            .init(origin: "https://shop.example", nginx: nginx, nginxHasNews: true, units: .stopped))
        #expect(
            stopped.steps.prefix(2) == [
                "systemctl start ig-shop-auth.socket ig-shop-auth.service", "systemctl reload nginx",
            ])
    }
}

@Suite("What systemd says of the units")
struct SystemdUnitsTests {
    private static func block(_ name: String, _ file: String, _ state: String) -> String {
        "Id=\(name)\nActiveState=\(state)\nUnitFileState=\(file)\n"
    }

    @Test("Units that are enabled and run are sound; each other one is told with its remedy")
    func faults() {
        let sound = [
            Self.block("ig-shop-auth.service", "enabled", "active"),
            "Listen=/run/some/s.sock (Stream)\n" + Self.block("ig-shop-auth.socket", "enabled", "active"),
            Self.block("ig-shop-auth-backup.timer", "enabled", "active"),
            Self.block("ig-shop-auth-backup.service", "static", "inactive"),
        ]
        let good = SystemdUnits(parsing: sound.joined(separator: "\n"))
        #expect(good.units.count == 4 && good.faults == [] && good.start == nil)
        #expect(good.units.map(\.listensAt) == [nil, "/run/some/s.sock", nil, nil])
        let bad = SystemdUnits(
            parsing: [
                Self.block("ig-shop-auth.service", "disabled", "inactive"),
                Self.block("ig-shop-auth.socket", "enabled", "failed"),
                Self.block("ig-shop-auth-backup.timer", "masked", "active"),
                Self.block("ig-shop-auth-check.service", "static", "failed"),
                Self.block("ig-shop-auth-backup.service", "static", "failed"),
            ].joined(separator: "\n"))
        #expect(
            bad.faults == [
                "ig-shop-auth.service is disabled, so a reboot ends it; systemctl enable ig-shop-auth.service",
                "ig-shop-auth.service is inactive; systemctl start ig-shop-auth.service",
                "ig-shop-auth.socket has failed; systemctl status ig-shop-auth.socket says why",
                "ig-shop-auth-backup.timer is masked, so a reboot ends it; systemctl enable ig-shop-auth-backup.timer",
                "ig-shop-auth-backup.service has failed; systemctl start ig-shop-auth-backup",
            ], "the check itself has failed because of them")
        #expect(
            bad.start == "systemctl enable --now ig-shop-auth.socket ig-shop-auth-backup.timer ig-shop-auth.service")
        #expect(SystemdUnits.stopped.start == "systemctl start ig-shop-auth.socket ig-shop-auth.service")
    }
}
