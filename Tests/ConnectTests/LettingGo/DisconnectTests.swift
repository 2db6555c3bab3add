// SPDX-License-Identifier: MIT
import Foundation
import GRDB
import HTTPTypes
import Instagram
import Testing

@testable import Connect

@Suite struct DisconnectTests {
    @Test("the account is let go, the webhooks taken back, every session over, and a repeat hears the same")
    func disconnects() async throws {
        let shop = try Shop()
        var (one, two) = (Browser(), Browser())
        await shop.connect(&one)
        await shop.connect(&two)
        let answer = await shop.disconnect(two)
        #expect(answer.status == .ok && answer.json["state"] as? String == "not_connected")
        #expect(answer.json["webhooks"] as? String == "unsubscribed" && answer.json["instagram_user_id"] is NSNull)
        #expect(shop.instagram.count(.unsubscribe) == 1)
        let row = try shop.committed("SELECT * FROM users")[0]
        for column in [
            "instagram_access_token", "instagram_username", "instagram_name", "instagram_account_type", "scopes",
            "token_expires_at", "next_renewal_at", "next_webhooks_at", "connected_at", "reason",
        ] { #expect(row[column] == nil, "\(column)") }
        #expect(row["announced"] == "not_connected" && row["webhooks_let_go"] == "unsubscribed")

        // Also where it was not pressed (checklist 28).
        for browser in [one, two] { #expect(await shop.status(browser).json["connected"] as? Bool == false) }
        for browser in [one, two] { #expect(await shop.disconnect(browser).body == answer.body) }
        #expect(shop.instagram.count(.unsubscribe) == 1)
        #expect(try shop.eventTypes() == ["connected", "connected", "disconnected"])
        #expect(try shop.auditActions().suffix(1) == ["disconnect"])
        let nobody = await shop.disconnect(Browser())
        #expect(nobody.status == .ok && nobody.json["webhooks"] is NSNull)
    }

    @Test("the same account finds its user again, and an old session stays over")
    func reconnects() async throws {
        let shop = try Shop()
        var (one, two) = (Browser(), Browser())
        await shop.connect(&one)
        let user: String = try shop.committed("SELECT id FROM users")[0]["id"]
        _ = await shop.disconnect(one)
        await shop.connect(&two)
        #expect(try shop.committed("SELECT id FROM users").map { $0["id"] } == [user])
        #expect(await shop.status(one).json["connected"] as? Bool == false)
        #expect(await shop.disconnect(one).json["webhooks"] is NSNull, "an old session lets nobody go")
        #expect(await shop.status(two).json["connected"] as? Bool == true)
    }

    @Test(
        "another site lets nobody go (checklist 21)",
        arguments: [
            ["Sec-Fetch-Site": "cross-site"], ["Sec-Fetch-Site": "same-site"], ["Sec-Fetch-Site": "none"],
            ["Origin": "null"], ["Origin": "https://attacker.example"], ["Origin": Shop.origin + "/"], [:],
            ["Sec-Fetch-Site": "cross-site", "Origin": Shop.origin],
        ])
    func otherSites(headers: [String: String]) async throws {
        let shop = try Shop()
        var browser = Browser()
        await shop.connect(&browser)
        #expect(await shop.disconnect(browser, headers).status == .forbidden)
        #expect(await shop.answer(.page(.get, Route.disconnect, browser)).status == .methodNotAllowed)
        #expect(await shop.status(browser).json["connected"] as? Bool == true)
        #expect(await shop.disconnect(browser, ["Origin": Shop.origin]).status == .ok)
    }

    @Test("a page goes back to the settings, which tell how to remove the app inside Instagram")
    func page() async throws {
        let shop = try Shop()
        var browser = Browser()
        await shop.connect(&browser)
        #expect(await shop.answer(.page(.get, Route.settings, browser)).text.contains("id=\"disconnect\""))
        let answer = await shop.answer(.page(.post, Route.disconnect, browser, Shop.ours))
        #expect(answer.status == .seeOther)
        let path = try #require(answer.followed)
        let settings = await shop.answer(.page(.get, path, browser)).text
        #expect(settings.contains("Disconnected") && settings.contains("Apps and websites"))
        #expect(!settings.contains("id=\"disconnect\"") && settings.contains("Connect Instagram"))
        #expect(!settings.contains("did not confirm"))
        // Whoever has nothing to do with it is told nothing, and nor is anybody once it is connected again.
        #expect(await !shop.answer(.page(.get, path, Browser())).text.contains("Disconnected"))
        var other = Browser()
        await shop.connect(&other)
        for one in [browser, other] {
            #expect(await !shop.answer(.page(.get, path, one)).text.contains("Disconnected"))
        }
    }

    @Test("a press on a page whose session is over lets nobody go, and the page does not say that it did")
    func overdue() async throws {
        let shop = try Shop()
        var browser = Browser()
        await shop.connect(&browser)
        shop.now = shop.now + 31 * 86_400
        let answer = await shop.answer(.page(.post, Route.disconnect, browser, Shop.ours))
        let path = try #require(answer.followed)
        let told = await shop.answer(.page(.get, path, browser)).text
        #expect(!told.contains("Disconnected") && told.contains("An account that is connected stays connected."))
        #expect(try shop.users() == ["17841458366137975 connected"])
    }

    @Test("a page says that Instagram did not confirm, where it did not")
    func unconfirmed() async throws {
        let shop = try Shop()
        var browser = Browser()
        await shop.connect(&browser)
        shop.instagram.answer(.unsubscribe, .failure(.broken("reset")))
        let answer = await shop.answer(.page(.post, Route.disconnect, browser, Shop.ours))
        let path = try #require(answer.followed)
        #expect(await shop.answer(.page(.get, path, browser)).text.contains("Instagram did not confirm"))
    }

    @Test(
        "Instagram that fails is told as unknown, and the token is gone all the same",
        arguments: [
            Result<Reply, TransportFailure>.failure(.broken("reset")), .success(.graph(400, code: 190)),
            .success(.ok("nonsense")),
        ])
    func failing(reply: Result<Reply, TransportFailure>) async throws {
        let shop = try Shop()
        var browser = Browser()
        await shop.connect(&browser)
        shop.instagram.answer(.unsubscribe, reply)
        let answer = await shop.disconnect(browser)
        #expect(answer.status == .ok && answer.json["webhooks"] as? String == "unknown")
        #expect(await shop.disconnect(browser).body == answer.body)
        #expect(try shop.committed("SELECT * FROM letting_go WHERE box NOT NULL").isEmpty)
    }

    @Test("from the commit on nobody is handed the token, while Instagram is still asked")
    func whileAsked() async throws {
        let shop = try Shop.forAgents()
        await shop.connect("anna")
        let (arrived, release) = shop.instagram.hold(.unsubscribe)
        async let answer = shop.ask("/agent/v1/users/anna/disconnect", .post)
        await arrived.wait()
        #expect(await shop.token().status == .notFound)
        release.fire()
        #expect(await answer.json["webhooks"] as? String == "unsubscribed")
    }

    @Test("an agent lets its users go, and no others")
    func agent() async throws {
        let shop = try Shop.forAgents()
        await shop.connect("42/shop-a", account: "17841458366137001")
        await shop.connect("anna", account: "17841458366137002")
        #expect(await shop.ask("/agent/v1/users/anna/disconnect", as: "shop-a", .post).status == .notFound)
        #expect(await shop.ask("/agent/v1/users/nobody/disconnect", .post).status == .notFound)
        let answer = await shop.ask("/agent/v1/users/42%2Fshop-a/disconnect", as: "shop-a", .post)
        #expect(answer.status == .ok && answer.json["user"] as? String == "42/shop-a")
        #expect(answer.json["webhooks"] as? String == "unsubscribed")
        #expect(await shop.token("42%2Fshop-a", as: "shop-a").status == .notFound)
        #expect(await shop.token("anna").status == .ok)
        #expect(await shop.events("?after=2", as: "shop-a").eventTypes == ["disconnected 42/shop-a"])
        let entry = try #require(try shop.committed("SELECT * FROM audit WHERE action = 'disconnect'").first)
        #expect(entry["agent"] == "shop-a" && entry["user"] == "42/shop-a")
    }

    @Test("a flow that began before does not commit, by the user and by the account (checklist 48)")
    func flowsInFlight() async throws {
        let shop = try Shop()
        var (one, two, later) = (Browser(), Browser(), Browser())
        await shop.connect(&one)
        let state = await shop.start(&two).state
        _ = await shop.disconnect(one)
        let refused = await shop.callback(two, state: state)
        #expect(refused.errorCode == "interrupted")
        #expect(await shop.callback(two, state: state).errorCode == "interrupted", "a repeat hears the same")
        #expect(try shop.users() == ["17841458366137975 not_connected"])
        #expect(await shop.connect(&later).status == .ok, "one that began after it does")
    }

    @Test("a user who has nothing connected can still stop the flows that are under way")
    func nothingConnected() async throws {
        let shop = try Shop.forAgents()
        var browser = Browser()
        let start = await shop.answer(.json(.post, Route.start, browser, Shop.ours), as: "anna")
        browser.take(start)
        let answer = await shop.answer(.json(.post, Route.disconnect, Browser(), Shop.ours), as: "anna")
        #expect(answer.status == .ok && answer.json["webhooks"] is NSNull)
        let path = Route.callback + "?code=\(Shop.code)&state=\(start.state ?? "")"
        #expect(await shop.answer(.json(.get, path, browser), as: "anna").errorCode == "interrupted")
        #expect(try shop.users().isEmpty)
    }

    @Test("a switch lets the old account go: the engine takes its webhooks back and overwrites its token")
    func switches() async throws {
        let shop = try Shop.forAgents()
        await shop.connect("anna", account: "17841458366137001", token: "OLD")
        await shop.connect("anna", account: "17841458366137002", token: "NEW")
        #expect(try shop.committed("SELECT cause FROM letting_go WHERE box NOT NULL").map { $0["cause"] } == ["switch"])
        #expect(await shop.site.lettingGo.finishAll(at: .once))
        #expect(shop.instagram.calls.last { $0.name == .unsubscribe }?.secret.contains("OLD") == true)
        #expect(try shop.committed("SELECT 1 FROM letting_go WHERE box NOT NULL").isEmpty)
        #expect(await shop.token().accessToken == "NEW")
    }

    @Test("an account that is connected again meanwhile keeps its webhooks")
    func again() async throws {
        let shop = try Shop.forAgents()
        await shop.connect("anna")
        let (arrived, release) = shop.instagram.hold(.unsubscribe)
        async let answer = shop.ask("/agent/v1/users/anna/disconnect", .post)
        await arrived.wait()
        await shop.connect("anna")
        release.fire()
        _ = await answer
        let row = try shop.committed("SELECT * FROM users")[0]
        #expect(row["state"] == "connected" && row["next_webhooks_at"] as Int64? != nil)
        #expect(row["webhooks_subscribed_at"] == nil && row["webhooks_let_go"] == nil)
    }
}
