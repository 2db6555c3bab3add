// SPDX-License-Identifier: MIT
import Foundation
import HTTPTypes
import Instagram
import Testing

@testable import Connect

/// A link to a page of ours, on which somebody connects for a user of an application.
@Suite struct LinkTests {
    @Test("A link is made for a user whom nobody knows yet, says until when it counts, and is kept as a hash")
    func made() async throws {
        let shop = try Shop.forAgents()
        let answer = await shop.link()
        #expect(answer.status == .created && answer.json["status"] as? String == "success", "\(answer.text)")
        #expect(answer.json["expires_at"] as? String == (shop.now + 600).description)
        let url = try #require(answer.json["connect_url"] as? String)
        let secret = try #require(url.dropPrefix(Shop.origin + "/auth/instagram/connect?link="))
        #expect(secret.utf8.count == 43)
        #expect(try shop.bytes().range(of: .init(secret.utf8)) == nil)
        #expect(await shop.link().json["connect_url"] as? String != url)
        #expect(shop.log.lines.joined().contains("anna") && !shop.log.lines.joined().contains(secret))
        #expect(try shop.users().isEmpty && shop.instagram.calls.isEmpty)
    }

    @Test("An agent makes links for its own users; what is no wish is 400, and nothing is kept of it")
    func wishes() async throws {
        let shop = try Shop.forAgents()
        #expect(await shop.link(for: "anna", as: "shop-a").errorCode == "not_found")
        for body in [
            #"{"return_to":"//evil.example"}"#, #"{"return_to":"https://evil.example/"}"#, #"{"return_to":5}"#,
            #"{"return_to":"/a","user_name":""}"#, #"{"return_to":"/a","user_name":"a\u0007"}"#,
            #"{"return_to":"/a","user_name":" \u200b\u2028"}"#,
            #"{"return_to":"/auth/instagram/settings?x=1"}"#,
            #"{"return_to":"/a","user_name":"\#(String(repeating: "n", count: 129))"}"#,
            #"{"return_to":"/a","switch_account":"1"}"#, "[]", "return_to=/a", "{",
        ] {
            let answer = await shop.link(body: body)
            #expect(answer.status == .badRequest && answer.errorCode == "invalid_request", "\(body)")
        }
        #expect(try shop.links() == 0)
        #expect(await shop.link(for: "42%2Fshop-a", as: "shop-a").status == .created)
        #expect(await shop.link(body: "").status == .created, "where visitors end who asked for nothing else")

        let visitors = try Shop(after: "/auth/instagram/settings", agents: Shop.agentsText)
        let nowhere = await visitors.link(body: "{}")
        #expect(nowhere.errorCode == "invalid_request", "nobody on a page of ours would post the claim")
        #expect(await visitors.link().status == .created)
    }

    @Test("The page names the user and where one ends, has one button, and uses nothing up however often it is seen")
    func page() async throws {
        let shop = try Shop.forAgents()
        let path = try await shop.linkPath(body: ##"{"return_to":"/a","user_name":"Anna <b>&\u202e of A"}"##)
        for method in [HTTPRequest.Method.get, .head, .get] {
            let page = await shop.answer(.page(method, path, Browser(), ["Sec-Fetch-Site": "cross-site"]))
            #expect(page.status == .ok && page.contentType == "text/html; charset=utf-8")
            #expect(page.text.contains("<bdi>Anna &lt;b&gt;&amp; of A</bdi>") && page.text.contains("shop.example"))
            #expect(page.text.components(separatedBy: "<button").count == 2)
            #expect(page.text.contains(#"<form method="post" action="\#(path)">"#))
            #expect(page.cookies.isEmpty)
        }
        var browser = Browser()
        #expect(await shop.press(path, &browser).location?.hasPrefix("https://www.instagram.com/") == true)
        let plain = try await shop.linkPath(for: "u%C3%A9")
        #expect(await shop.answer(.page(.get, plain)).text.contains("<bdi>ué</bdi>"), "no name was given")
    }

    @Test(
        "Only the page's own button counts: no other page, no prefetch, no GET (checklist 21)",
        arguments: ["cross-site", "same-site", "none"])
    func ownButton(site: String) async throws {
        let shop = try Shop.forAgents()
        let path = try await shop.linkPath()
        var browser = Browser()
        let press = await shop.press(path, &browser, from: site)
        #expect(press.status == .forbidden && press.cookies.isEmpty)
        let prefetch = await shop.answer(
            .page(.post, path, browser, ["Sec-Fetch-Site": "same-origin", "Sec-Purpose": "prefetch"]))
        #expect(prefetch.status == .serviceUnavailable && prefetch.cookies.isEmpty)
        let old = await shop.answer(.page(.post, path, browser, ["Origin": "https://shop.example.evil.example"]))
        #expect(old.status == .forbidden && old.cookies.isEmpty)
        #expect(await shop.press(path, &browser).status == .seeOther, "none of that used it up")
    }

    @Test("A link counts once: for another browser it is over as soon as its button was pressed")
    func once() async throws {
        let shop = try Shop.forAgents()
        let path = try await shop.linkPath()
        var (first, second) = (Browser(), Browser())
        _ = await shop.press(path, &first)
        for answer in [
            await shop.answer(.page(.get, path, second)), await shop.press(path, &second),
        ] {
            #expect(answer.status == .badRequest && answer.error == .invalidState && !answer.text.contains("<button"))
        }
        #expect(second.cookies.isEmpty)
        // Who has pressed it may have come back from Instagram with nothing done.
        #expect(await shop.answer(.page(.get, path, first)).text.contains("<button"))
        #expect(await shop.follow(path, &first).claim != nil)
    }

    @Test("A link counts for ten minutes, and not over a reboot; an unknown one is told the same")
    func tooLate() async throws {
        let shop = try Shop.forAgents()
        let path = try await shop.linkPath()
        var browser = Browser()
        shop.now = shop.now + 599
        #expect(await shop.answer(.page(.get, path)).status == .ok)
        shop.now = shop.now + 1
        let shown = await shop.answer(.page(.get, path))
        let pressed = await shop.press(path, &browser)
        let unknown = await shop.answer(
            .page(.get, "/auth/instagram/connect?link=" + String(repeating: "A", count: 43)))
        for answer in [shown, pressed, unknown] {
            #expect(answer.status == .badRequest && answer.error == .invalidState && !answer.text.contains("<button"))
            #expect(answer.text == unknown.text)
        }
        for query in ["", "?link=", "?link=x", "?link=a&link=b", "?link=%zz"] {
            let answer = await shop.answer(.page(.get, "/auth/instagram/connect" + query))
            #expect(answer.status == .badRequest && !answer.text.contains("<button"), "\(query)")
        }
    }

    @Test("Too many open links are refused for a minute, and those that are over make room")
    func bound() async throws {
        let shop = try Shop.forAgents()
        _ = await shop.link()
        try shop.execute(
            """
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 9999)
            INSERT INTO connect_links SELECT randomblob(32), agent, user || i, user_name, return_to, switches_account, NULL,
                forget_at_uptime FROM connect_links, n
            """)
        let refused = await shop.link()
        #expect(refused.errorCode == "busy" && refused.fields[.retryAfter] == "60")
        shop.now = shop.now + 600
        #expect(await shop.link().status == .created)
        #expect(try shop.links() == 1)
    }

    @Test("One agent and user have five links at most: the oldest makes room, and others' stay")
    func boundOfUser() async throws {
        let shop = try Shop.forAgents()
        let others = try await shop.linkPath(for: "42%2Fshop-a", as: "shop-a")
        let first = try await shop.linkPath()
        shop.now = shop.now + 1
        for _ in 0..<4 { _ = await shop.link() }
        #expect(await shop.answer(.page(.get, first)).status == .ok)
        for _ in 0..<20 { _ = await shop.link() }
        #expect(await shop.answer(.page(.get, first)).status == .badRequest)
        #expect(await shop.answer(.page(.get, others)).status == .ok)
        #expect(try shop.links() == 6)
    }

    @Test("Whoever presses again and again keeps the link, and loses it once something came of it")
    func pressedAgain() async throws {
        let shop = try Shop.forAgents()
        let path = try await shop.linkPath()
        var browser = Browser()
        for _ in 0..<8 {
            shop.now = shop.now + 1
            #expect(await shop.press(path, &browser).status == .seeOther)
        }
        #expect(await shop.follow(path, &browser).claim != nil)
        #expect(await shop.press(path, &browser).status == .badRequest)
        #expect(await shop.answer(.page(.get, path, browser)).status == .badRequest)
    }

    @Test("Who comes back without having allowed it ends where the application said, and may try again")
    func denied() async throws {
        let shop = try Shop.forAgents()
        let path = try await shop.linkPath()
        var browser = Browser()
        let state = try #require(await shop.press(path, &browser).state)
        let denied = await shop.callback(browser, state: state, code: nil, page: true, more: "&error=access_denied")
        #expect(denied.location?.hasPrefix(Shop.origin + "/account?tab=2&instagram_error=access_denied&") == true)
        #expect(try shop.claims() == 0)
        #expect(await shop.follow(path, &browser).claim != nil)
    }
}
