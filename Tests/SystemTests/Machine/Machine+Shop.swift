// SPDX-License-Identifier: MIT
import Foundation

/// A shop on a machine: Instagram behind the machine's nginx, our package, and a way to the site.
extension Machine {
    static let site = "https://shop.example.com"
    /// With the blanks and the newline that a person pastes along.
    static let appSecret = "zqxappsecret0123456789abcdefzqx"

    /// This version, as `make deb` leaves it, and the one after it, of `Machine/next-version`, as the machine has them.
    static let packages = "/srv/world/deb"
    static let nextPackages = "/srv/world/deb-next"

    static let database = "/var/lib/ig-shop-auth/ig-shop-auth.sqlite3"
    static let environmentFile = "/etc/ig-shop-auth/ig-shop-auth.env"

    var settingsPage: String { Self.site + "/auth/instagram/settings" }
    var start: String { Self.site + "/auth/instagram" }
    var status: String { Self.site + "/auth/instagram/status" }
    var readyz: String { "http://127.0.0.1:9180/readyz" }
    var standIn: StandIn { StandIn(url: "http://127.0.0.1:8081") }
    var kept: Kept { Kept(path: path(Self.database), keysPath: path("/etc/ig-shop-auth/keys")) }

    /// What an operator has before: nginx, a certificate, a name; and what the world has: Instagram.
    func furnish() async throws {
        let live = "/etc/letsencrypt/live/shop.example.com"
        try await shell("mkdir -p \(live)")
        let files = [
            ("site.pem", "\(live)/fullchain.pem"), ("site.key", "\(live)/privkey.pem"), ("hosts", "/etc/hosts"),
            ("trusted.pem", "/etc/ssl/certs/ca-certificates.crt"),
        ]
        for (from, to) in files {
            try write(String(contentsOfFile: "\(Self.secluded ?? "")/\(from)", encoding: .utf8), to: to)
        }
        try write(
            String(contentsOfFile: Programs.repository + "/Tests/SystemTests/Machine/instagram.conf", encoding: .utf8),
            to: "/etc/nginx/conf.d/instagram.conf")
        for name in ["deb", "deb-next"] {
            let place = "\(Programs.repository)/.build/\(name)"
            guard FileManager.default.fileExists(atPath: place) else {
                throw Missing("\(place): `make deb next-version`")
            }
            try FileManager.default.copyItem(atPath: place, toPath: "\(directory)/world/\(name)")
        }
        try await shell("systemctl enable --quiet nginx; systemctl restart nginx")
    }

    /// The README's section "Install it", typed as it stands there.
    @discardableResult
    func install() async throws -> String {
        try await shell("cd \(Self.packages)\n" + Self.steps[0], within: .seconds(120))
            + shell(Self.steps[1] + "\n", input: Self.appSecret + "\n", within: .seconds(120))
    }

    static let steps: [String] = {
        let readme = (try? String(contentsOfFile: Programs.repository + "/README.md", encoding: .utf8)) ?? ""
        let section = readme.components(separatedBy: "\n## Install it\n").last?.components(separatedBy: "\n## ")[0]
        return (section ?? "").components(separatedBy: "```sh\n").dropFirst().map {
            $0.components(separatedBy: "\n```")[0]
        }
    }()

    /// Installed, and no limit of requests: one address asks for all visitors.
    func setUpShop() async throws {
        try await furnish()
        try await install()
        try await shell(
            """
            sed -i 's|^ *# set $ig_shop_auth_limit_key|set $ig_shop_auth_limit_key|' /etc/nginx/sites-available/ig-shop-auth.conf
            systemctl restart nginx
            """)
        try await ready()
    }

    /// Of the service, once it has one that is not `last`.
    func mainPID(after last: String = "") async throws -> String {
        try await eventually("a process") {
            let main = try await property("MainPID")
            return main == "0" || main == last ? nil : main
        }
    }

    func ready() async throws {
        _ = try await eventually("readyz") {
            try? await HTTPClient.shared.send(.get, readyz).status == 200 ? true : nil
        }
    }

    /// From our button to the page that shows the account.
    ///
    /// - Returns: How often Instagram had to ask: more than once only where a process died between its answer and our commit.
    @discardableResult
    func connect(_ browser: Browser, account: String = "acme_shop") async throws -> Int {
        var visit = try await browser.press("connect", on: browser.open(settingsPage))
        // A POST that meets a crash is not sent again by nginx: a person presses again.
        for _ in 0..<10 where visit.status == 502 && visit.steps.last?.method == "POST" {
            try await ready()
            visit = try await browser.press("connect", on: browser.open(settingsPage))
        }
        for round in 1...3 {
            guard visit.url.path == "/oauth/authorize" else { break }
            visit = try await browser.press("allow", on: visit, choosing: ["account": [account]])
            if visit.url.fragment == "instagram=connected", visit.text.contains("@\(account)") { return round }
        }
        throw Missing("not connected: \(visit.status) at \(visit.url)")
    }
}
