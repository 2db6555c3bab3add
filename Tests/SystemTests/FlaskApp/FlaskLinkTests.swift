// SPDX-License-Identifier: MIT
import Foundation
import TestSupport
import Testing

/// A frontend on another site with a bearer token: it connects by a link, and what a link connects has to be claimed.
@Suite
struct FlaskLinkTests {
    private static func run(_ body: (FlaskShop) async throws -> Void) async throws {
        let settings = ["IG_SHOP_AUTH_ALLOWED_ORIGINS": "http://\(FlaskShop.other):@PORT@"]
        try await FlaskShop.run(host: "api.shop.localhost", settings: settings, body)
    }

    private static let button = "main form button"

    @Test("Sign in, connect by the link, claim, see the account, disconnect; nothing stays in the address")
    func roundTrip() async throws {
        try await Self.run { shop in
            let anna = try await shop.add("anna")
            try await Chromium.run { browser in
                try await browser.open(shop.otherOrigin + "/")
                try await browser.signIn("anna", button: "#sign-in")
                try await browser.click("#connect")
                try await browser.arrive(at: shop.origin + "/auth/instagram/connect?link=")
                #expect(try await browser.text("main").contains("anna"))
                #expect(try await browser.text("main").contains(FlaskShop.other))
                try await browser.click(Self.button)
                try await browser.click("#allow")
                try await browser.says("connected: @acme_shop")
                #expect(try await browser.url == shop.otherOrigin + "/")
                #expect(try shop.stage.kept.users().map(\.id) == [anna])
                try await browser.click("#disconnect")
                try await browser.says("not_connected")
                try await browser.click("#connect")
                try await browser.click(Self.button)
                try await browser.click("#deny")
                try await browser.says("access_denied")
                #expect(try await browser.url == shop.otherOrigin + "/")
            }
        }
    }

    @Test("A link that is sent to a stranger who is signed in connects nothing, for neither of them")
    func stranger() async throws {
        try await Self.run { shop in
            let anna = try await shop.add("anna")
            _ = try await shop.add("berta")
            let link = try await shop.link(anna, returnTo: shop.otherOrigin + "/")
            try await Chromium.run { stranger in
                try await stranger.open(shop.otherOrigin + "/")
                try await stranger.signIn("berta", button: "#sign-in")
                try await stranger.says("not_connected")
                try await stranger.open(link)
                try await stranger.click(Self.button)
                try await stranger.click("#allow")
                try await stranger.says("invalid_state")
                #expect(try shop.stage.kept.users().allSatisfy { $0.state == "not_connected" })
            }
            // Its button was pressed.
            try await Chromium.run { sender in
                try await sender.open(link)
                #expect(try await !sender.has(Self.button))
            }
        }
    }

    @Test("A claim counts once, for the user and the agent of its link; after a try for somebody else not at all")
    func claims() async throws {
        try await Self.run { shop in
            let anna = try await shop.add("anna")
            let berta = try await shop.add("berta")
            let keys = try await shop.stage.employ([("shop", "*"), ("another", "*")])
            func post(_ claim: String, for user: String, by key: String) async throws -> Response {
                try await shop.stage.ask(
                    "claims", key: key, .post, body: #"{"user": "\#(user)", "claim": "\#(claim)"}"#)
            }
            // A page of the origin that takes no claim out of the address.
            let page = shop.otherOrigin + "/shop.js"
            try await Chromium.run { browser in
                func claim() async throws -> String {
                    try await browser.open(try await shop.link(anna, returnTo: page, key: keys[0]))
                    try await browser.click(Self.button)
                    try await browser.click("#allow")
                    try await browser.arrive(at: page + "#instagram_claim=")
                    return String(try await browser.url.dropFirst((page + "#instagram_claim=").count))
                }
                let first = try await claim()
                for (user, key) in [(anna, keys[1]), (berta, keys[0]), (anna, keys[0])] {
                    let answer = try await post(first, for: user, by: key)
                    #expect(answer.status == 400 && answer.error?.error == "invalid_state", "\(user)")
                }
                #expect(try shop.stage.kept.users().allSatisfy { $0.state == "not_connected" })
                let second = try await claim()
                #expect(try await post(second, for: anna, by: keys[0]).status == 200)
                #expect(try await post(second, for: anna, by: keys[0]).status == 400)
                #expect(try shop.stage.kept.users().filter { $0.state == "connected" }.map(\.id) == [anna])
            }
        }
    }

    @Test("The way back of an attacker's link, opened in a victim's browser, connects nobody")
    func foreignCallback() async throws {
        try await Self.run { shop in
            let anna = try await shop.add("anna")
            _ = try await shop.add("berta")
            let link = try await shop.link(anna, returnTo: shop.otherOrigin + "/")
            let callback = try await Chromium.run { attacker in
                try await attacker.open(link)
                try await attacker.click(Self.button)
                _ = try await attacker.text("#allow")
                return try await shop.allow(at: attacker.url)
            }
            try await Chromium.run { victim in
                try await victim.open(shop.otherOrigin + "/")
                try await victim.signIn("berta", button: "#sign-in")
                try await victim.says("not_connected")
                try await victim.open(callback)
                #expect(try await !victim.url.contains("instagram_claim"))
                #expect(try shop.stage.kept.users().allSatisfy { $0.state == "not_connected" })
            }
        }
    }
}

extension Chromium {
    /// Waits until the frontend says so.
    fileprivate func says(_ words: String) async throws {
        _ = try await eventually(words) {
            (try? await run("return document.querySelector('#state')?.innerText === arguments[0]", [words])) as? Bool
                ?? false ? () : nil
        }
    }
}

extension FlaskShop {
    /// A link as the shop's backend gets one.
    fileprivate func link(_ user: String, returnTo: String, key: String? = nil) async throws -> String {
        struct Made: Decodable {
            let connectUrl: String
        }
        let own = try String(contentsOfFile: directory + "/agent-key", encoding: .utf8)
        let made = try await stage.ask(
            "users/\(user)/connect", key: key ?? own, .post,
            body: #"{"return_to": "\#(returnTo)", "user_name": "anna"}"#)
        guard made.status == 201 else { throw Missing("no link: \(made.status) \(made.text)") }
        return try made.decoded(Made.self).connectUrl
    }
}
