// SPDX-License-Identifier: MIT
import Connect
import Foundation
import TestSupport
import Testing

/// Beside an application whose login is a cookie, on the same origin: nginx asks it with auth_request who is there.
@Suite
struct FlaskCookieTests {
    @Test(
        "Nobody is told to sign in; a user connects, sees it and disconnects; the browser's next user sees none of it"
    )
    func roundTrip() async throws {
        try await FlaskShop.run { shop in
            let anna = try await shop.add("anna")
            let berta = try await shop.add("berta")
            try await Chromium.run { browser in
                try await browser.open(shop.origin + "/auth/instagram/settings")
                #expect(try await browser.texts("[role=alert]") == [ErrorCode.loginRequired.message])
                try await browser.open(shop.origin + "/")
                try await browser.signIn("anna", button: "#login")
                #expect(try await browser.text("#user") == "anna")
                try await browser.pressInElement("Connect Instagram")
                try await browser.click("#allow")
                try await browser.elementSays("@acme_shop")
                #expect(try await browser.url == shop.origin + "/")
                let kept = try shop.stage.kept.users()
                #expect(kept.map(\.id) == [anna] && kept.map(\.state) == ["connected"])
                try await browser.click("#agent")
                #expect(try await browser.text("#token") == "token works: @acme_shop")
                let page = try await browser.run("return document.documentElement.outerHTML") as? String ?? ""
                #expect(!page.contains("IGAA") && page.contains("token works"))

                try await browser.click("#logout")
                try await browser.signIn("berta", button: "#login")
                #expect(try await browser.text("#user") == "berta")
                try await browser.elementSays("Connect Instagram")
                #expect(try await browser.inElement("return root.textContent.includes('acme')") as? Bool == false)
                try await browser.click("#agent")
                #expect(try await browser.text("#token") == "no token: not_found")
                // The same account is somebody else's.
                try await browser.pressInElement("Connect Instagram")
                try await browser.click("#allow")
                try await browser.elementSays("connected to somebody else")
                #expect(try shop.stage.kept.users().allSatisfy { $0.id != berta || $0.state == "not_connected" })

                try await browser.click("#logout")
                try await browser.signIn("anna", button: "#login")
                try await browser.pressInElement("Disconnect")
                try await browser.pressInElement("Disconnect")
                try await browser.elementSays("no longer connected")
                try await browser.click("#agent")
                #expect(try await browser.text("#token") == "no token: not_found")
            }
            #expect(!shop.said().contains("IGAA") && !shop.said().contains("code="))
        }
    }

    @Test("A user who signs out, or is another one, on the way: the return from Instagram connects nobody")
    func otherUserOnTheWayBack() async throws {
        try await FlaskShop.run { shop in
            _ = try await shop.add("anna")
            _ = try await shop.add("berta")
            try await Chromium.run { browser in
                try await browser.open(shop.origin + "/")
                try await browser.signIn("anna", button: "#login")
                try await browser.pressInElement("Connect Instagram")
                _ = try await browser.text("#allow")
                let consent = try await browser.newTab()
                try await browser.open(shop.origin + "/")
                try await browser.click("#logout")
                try await browser.signIn("berta", button: "#login")
                _ = try await browser.text("#user")
                try await browser.goTo(tab: consent)
                try await browser.click("#allow")
                try await browser.arrive(at: shop.origin)
                #expect(try await browser.text("body").contains("too old"))
                #expect(try shop.stage.kept.users().isEmpty)
            }
        }
    }

    @Test(
        "A Strict cookie stays at home on the way back from Instagram: the visitor is told to sign in, nothing connects"
    )
    func strict() async throws {
        try await FlaskShop.run(sameSite: "Strict") { shop in
            _ = try await shop.add("anna")
            try await Chromium.run { browser in
                try await browser.open(shop.origin + "/")
                try await browser.signIn("anna", button: "#login")
                try await browser.pressInElement("Connect Instagram")
                try await browser.click("#allow")
                try await browser.arrive(at: shop.origin)
                #expect(try await browser.text("[role=alert]").contains(ErrorCode.loginRequired.message))
                #expect(try shop.stage.kept.users().isEmpty)
                #expect(try await shop.stage.standIn.calls().repeatedCodes == 0)
            }
        }
    }

    @Test("The way back of an attacker's flow, opened in the browser of somebody who is signed in, connects nobody")
    func foreignCallback() async throws {
        try await FlaskShop.run { shop in
            _ = try await shop.add("anna")
            _ = try await shop.add("berta")
            let callback = try await Chromium.run { attacker in
                try await attacker.open(shop.origin + "/")
                try await attacker.signIn("anna", button: "#login")
                try await attacker.pressInElement("Connect Instagram")
                _ = try await attacker.text("#allow")
                return try await shop.allow(at: attacker.url)
            }
            try await Chromium.run { victim in
                try await victim.open(shop.origin + "/")
                try await victim.signIn("berta", button: "#login")
                _ = try await victim.text("#user")
                try await victim.open(callback)
                #expect(try await victim.text("[role=alert]").contains("too old"))
                try await victim.open(shop.origin + "/")
                try await victim.elementSays("Connect Instagram")
                #expect(try shop.stage.kept.users().isEmpty)
            }
        }
    }

    @Test("The endpoint answers 204 with the id or without; nobody reaches it through nginx, and nobody names himself")
    func whoami() async throws {
        try await FlaskShop.run { shop in
            _ = try await shop.add("anna")
            func get(_ path: String, _ headers: [(name: String, value: String)] = []) async throws -> Response {
                try await HTTPClient.shared.send(.get, shop.origin + path, headers: headers)
            }
            for path in ["/whoami", "/ig-shop-auth-whoami"] { #expect(try await get(path).status == 404) }
            for header in [("X-Auth-Request-User", "1"), ("Cookie", "__Host-shop=1"), ("Authorization", "Basic MTox")] {
                let answer = try await get("/auth/instagram/status", [(name: header.0, value: header.1)])
                #expect(answer.status == 401 && answer.error?.error == "login_required", "\(header.0)")
            }
            let forged = try await HTTPClient.shared.send(
                .post, shop.origin + "/login", body: "name=anna&password=anna-password")
            #expect(forged.status == 403 && forged.all("set-cookie").isEmpty)
        }
    }
}
