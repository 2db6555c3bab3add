// SPDX-License-Identifier: MIT
import Foundation
import TestSupport
import Testing

/// A frontend on another origin of the same site as application and connection.
@Suite
struct FlaskSameSiteTests {
    private static let host = "api.shop.localhost"
    private static let settings = ["IG_SHOP_AUTH_ALLOWED_ORIGINS": "http://\(FlaskShop.app):@PORT@"]

    @Test("The element connects, shows and disconnects from there, with the login of the other host")
    func roundTrip() async throws {
        try await FlaskShop.run(host: Self.host, settings: Self.settings) { shop in
            let anna = try await shop.add("anna")
            try await Chromium.run { browser in
                try await browser.open(shop.appOrigin + "/")
                try await browser.elementSays("Please sign in first.")
                // The example's link names the frontend without a port.
                try await browser.open(shop.origin + "/login?for=" + shop.appOrigin)
                try await browser.signIn("anna", button: "#login")
                try await browser.pressInElement("Connect Instagram")
                try await browser.click("#allow")
                try await browser.elementSays("@acme_shop")
                #expect(try await browser.url == shop.appOrigin + "/")
                #expect(try shop.stage.kept.users().map(\.id) == [anna])
                try await browser.pressInElement("Disconnect")
                try await browser.pressInElement("Disconnect")
                try await browser.elementSays("no longer connected")
                try await browser.pressInElement("Connect Instagram")
                try await browser.click("#deny")
                try await browser.elementSays("not allowed")
                #expect(try await browser.url == shop.appOrigin + "/")
            }
        }
    }

    @Test("The way back is a page of the frontend, which hands the code on; a reload of it changes nothing")
    func redirectURI() async throws {
        let back = "http://\(FlaskShop.app):@PORT@/back.html"
        let own = [
            "META_REDIRECT_URI": back, "IG_SHOP_AUTH_PUBLIC_URL": "http://\(Self.host):@PORT@",
        ]
        try await FlaskShop.run(host: Self.host, settings: Self.settings.merging(own) { $1 }) { shop in
            let anna = try await shop.add("anna")
            try await Chromium.run { browser in
                try await browser.open(shop.origin + "/login?for=" + shop.appOrigin)
                try await browser.signIn("anna", button: "#login")
                try await browser.pressInElement("Connect Instagram")
                try await browser.click("#deny")
                try await browser.elementSays("not allowed")
                try await browser.pressInElement("Connect Instagram")
                _ = try await browser.text("#allow")
                let callback = try await shop.allow(at: browser.url)
                #expect(callback.hasPrefix(back.replacing("@PORT@", with: "\(shop.port)") + "?code="))
                for _ in 0..<2 {
                    try await browser.open(callback)
                    try await browser.elementSays("@acme_shop")
                    #expect(try await browser.url == shop.appOrigin + "/")
                }
                #expect(try shop.stage.kept.users().map(\.id) == [anna])
                #expect(try await shop.stage.standIn.calls().exchanges == 1)
            }
            #expect(!shop.said().contains("code="))
        }
    }

    @Test("An origin that is not listed, none, and one that only begins or ends alike get no CORS header and no start")
    func others() async throws {
        try await FlaskShop.run(host: Self.host, settings: Self.settings) { shop in
            let tricks = [
                shop.otherOrigin, "null", shop.appOrigin + ".evil.example", "http://evil-\(FlaskShop.app):\(shop.port)",
                "http://\(FlaskShop.app)", "https://\(FlaskShop.app):\(shop.port)", shop.appOrigin + "/",
            ]
            for origin in tricks {
                for path in ["/status", ""] {
                    let answer = try await shop.ask(path, from: origin)
                    #expect(answer.sharing == [], "\(origin) \(path)")
                    #expect(answer.header("vary") == "Origin")
                    if path.isEmpty { #expect(answer.status == 403 || answer.status == 401) }
                }
            }
            let listed = try await shop.ask("/status", from: shop.appOrigin)
            #expect(listed.status == 401 && listed.header("access-control-allow-origin") == shop.appOrigin)
            _ = try await shop.add("anna")
            try await Chromium.run { browser in
                try await browser.open(shop.origin + "/")
                try await browser.signIn("anna", button: "#login")
                _ = try await browser.text("#user")
                // A frame without an origin of its own, on a page that is signed in.
                let told = try await browser.runAsync(
                    """
                    const done = arguments[1], frame = document.createElement('iframe')
                    frame.sandbox = 'allow-scripts'
                    addEventListener('message', event => done(event.data))
                    frame.srcdoc = `<script>fetch('${arguments[0]}', { credentials: 'include' }).then(
                      answer => parent.postMessage('read ' + answer.status, '*'), () => parent.postMessage('kept out', '*'))<\\/script>`
                    document.body.append(frame)
                    """, [shop.origin + "/auth/instagram/status"])
                #expect(told as? String == "kept out")
            }
        }
    }
}

extension FlaskShop {
    /// A script's request from a page of that origin, as JSON.
    fileprivate func ask(_ path: String, from origin: String) async throws -> Response {
        try await HTTPClient.shared.send(
            .get, "http://127.0.0.1:\(port)/auth/instagram" + path,
            headers: [
                (name: "Host", value: "\(host):\(port)"), (name: "Origin", value: origin),
                (name: "Sec-Fetch-Site", value: "same-site"), (name: "Accept", value: "application/json"),
            ])
    }
}

extension Response {
    /// What it lets another origin do.
    fileprivate var sharing: [String] { headers.map(\.name).filter { $0.hasPrefix("access-control-") } }
}
