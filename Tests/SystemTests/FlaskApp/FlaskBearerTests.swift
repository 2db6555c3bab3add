// SPDX-License-Identifier: MIT
import Foundation
import TestSupport
import Testing

/// The API of the Flask example, for a frontend on another site that shows a bearer token.
@Suite
struct FlaskBearerTests {
    @Test("The page on the other site signs in, shows what its user has connected, and disconnects it")
    func page() async throws {
        try await FlaskShop.run { shop in
            _ = try await shop.add("anna")
            _ = try await shop.add("berta")
            try await Chromium.run { browser in
                try await browser.open(shop.origin + "/")
                try await browser.signIn("anna", button: "#login")
                try await browser.pressInElement("Connect Instagram")
                try await browser.click("#allow")
                try await browser.elementSays("@acme_shop")

                try await browser.open(shop.otherOrigin + "/?instagram_error=busy#instagram=failed")
                try await browser.signIn("berta", button: "#sign-in")
                #expect(try await browser.settled("not_connected"))
                #expect(try await browser.url == shop.otherOrigin + "/")
                try await browser.click("#sign-out")
                try await browser.signIn("anna", button: "#sign-in")
                #expect(try await browser.settled("connected: @acme_shop"))
                try await browser.click("#disconnect")
                #expect(try await browser.settled("not_connected"))
                #expect(try shop.stage.kept.users().map(\.state) == ["not_connected"])
            }
        }
    }

    @Test(
        "A listed origin alone reads the API, without cookies; a token that is forged, or meant for others, is nobody's"
    )
    func doors() async throws {
        try await FlaskShop.run { shop in
            _ = try await shop.add("anna")
            func get(_ headers: [(name: String, value: String)]) async throws -> Response {
                try await HTTPClient.shared.send(.get, shop.origin + "/api/instagram", headers: headers)
            }
            for (origin, isListed) in [
                (shop.otherOrigin, true), ("null", false), ("http://evil.localhost", false),
                (shop.otherOrigin + ".evil.example", false), (shop.otherOrigin + "/", false),
            ] {
                let answer = try await get([(name: "Origin", value: origin)])
                #expect(answer.header("access-control-allow-origin") == (isListed ? origin : nil), "\(origin)")
                #expect(answer.header("vary")?.contains("Origin") == true)
                #expect(answer.header("access-control-allow-credentials") == nil)
            }
            // {"alg":"none"}, {"sub":"1","aud":"shop-api","exp":9999999999}
            let forged =
                "eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIiwiYXVkIjoic2hvcC1hcGkiLCJleHAiOjk5OTk5OTk5OTl9."
            for value in ["Bearer \(forged)", "Bearer ", "Bearer x.y.z", "Basic MTox", ""] {
                let answer = try await get([(name: "Authorization", value: value)])
                #expect(answer.status == 401 && answer.text.contains("login_required"), "\(value)")
            }
        }
    }
}

extension Chromium {
    /// Waits until the frontend says so.
    fileprivate func settled(_ words: String) async throws -> Bool {
        try await eventually(words) {
            (try? await run("return document.querySelector('#state')?.innerText === arguments[0]", [words])) as? Bool
                ?? false ? true : nil
        }
    }
}
