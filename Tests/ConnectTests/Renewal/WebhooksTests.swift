// SPDX-License-Identifier: MIT
import GRDB
import HTTPTypes
import Instagram
import Synchronization
import Testing

@testable import Connect

@Suite struct WebhooksTests {
    private func shop(_ fields: [String] = ["messages"]) async throws -> (Shop, VirtualTime) {
        let time = VirtualTime()
        let shop = try Shop(renewal: RenewalSettings(callsPerMinute: nil, webhookFields: fields), time: time)
        var browser = Browser()
        #expect(await shop.connect(&browser).status == .ok)
        return (shop, time)
    }

    private func run(_ shop: Shop, _ time: VirtualTime, for seconds: Int64 = 60) async {
        await time.run(shop.site.renewals, until: time.elapsed + .seconds(seconds))
    }

    private func row(_ shop: Shop) throws -> (at: Int64?, error: String?) {
        let row = try shop.committed("SELECT * FROM users")[0]
        return (row["webhooks_subscribed_at"], row["webhooks_error"])
    }

    private func events(_ shop: Shop) throws -> [String] {
        try shop.committed("SELECT type FROM events ORDER BY seq").map { $0["type"] }
    }

    private func subscriptions(_ shop: Shop) -> [String] {
        shop.instagram.calls.filter { $0.name == .subscribe }.map { call in
            String(call.secret.split(separator: "&").first { $0.hasPrefix("subscribed_fields=") } ?? "")
        }
    }

    @Test("a connected account is subscribed after the answer, and the status says when")
    func subscribes() async throws {
        let (shop, time) = try await shop()
        #expect(shop.instagram.count(.subscribe) == 0 && shop.instagram.count(.readSubscription) == 0)
        await run(shop, time)
        #expect(subscriptions(shop) == ["subscribed_fields=messages"])
        #expect(try row(shop) == (Shop.begin.seconds, nil))
        await run(shop, time, for: 20 * 86_400)
        #expect(shop.instagram.count(.subscribe) == 1)
    }

    @Test("what is subscribed already stays: the list is united, and nothing is sent where nothing is missing")
    func union() async throws {
        let app = "990602627938098"
        func there(_ fields: String) -> Result<Reply, TransportFailure> {
            .success(.ok(#"{"data":[{"id":"\#(app)","subscribed_fields":[\#(fields)]}]}"#))
        }
        var (shop, time) = try await shop(["messages", "message_reactions"])
        shop.instagram.answer(.readSubscription, there(#""comments","messages""#))
        await run(shop, time)
        #expect(subscriptions(shop) == ["subscribed_fields=comments%2Cmessages%2Cmessage_reactions"])
        (shop, time) = try await self.shop()
        shop.instagram.answer(.readSubscription, there(#""messages","comments""#))
        await run(shop, time)
        #expect(shop.instagram.count(.subscribe) == 0)
        #expect(try row(shop).at != nil)
    }

    @Test("what fails is tried again with growing waits, shown in the status, and told once until it works")
    func retried() async throws {
        let (shop, time) = try await shop()
        for _ in 0..<8 { shop.instagram.answer(.subscribe, .failure(.deadline)) }
        await run(shop, time, for: 5)
        #expect(try row(shop) == (nil, "unavailable") && events(shop) == ["connected"], "a stumble is no event")
        await run(shop, time, for: 6 * 3_600)
        #expect(shop.instagram.count(.subscribe) == 9)
        #expect(try row(shop).at != nil && row(shop).error == nil)
        #expect(try events(shop) == ["connected", "webhooks_failed"])
    }

    @Test("a permission that is missing is told at once, tried once a day, and costs no connection")
    func permission() async throws {
        let (shop, time) = try await shop()
        for _ in 0..<3 { shop.instagram.answer(.subscribe, .success(.graph(403, code: 200))) }
        await run(shop, time, for: 4 * 86_400)
        #expect(shop.instagram.count(.subscribe) == 4)
        #expect(try events(shop) == ["connected", "webhooks_failed"] && row(shop).at != nil)
        #expect(try shop.committed("SELECT state FROM users")[0]["state"] == "connected")
    }

    @Test("a token that turns out to be dead is told as that")
    func dead() async throws {
        let (shop, time) = try await shop()
        shop.instagram.answer(.readSubscription, .success(.graph(400, code: 190, subcode: 458)))
        await run(shop, time, for: 300)
        #expect(try events(shop) == ["connected", "reconnect_required"])
    }

    @Test("without the permission, with Basic Display or without fields nothing is subscribed")
    func nothing() async throws {
        for (product, scopes, fields) in [
            (InstagramProduct.basicDisplay, nil, ["messages"]), (.instagramLogin, [Scope.basic], ["messages"]),
            (.instagramLogin, nil, []),
        ] {
            let time = VirtualTime()
            let shop = try Shop(
                scopes: scopes, product: product,
                renewal: RenewalSettings(callsPerMinute: nil, webhookFields: fields), time: time)
            try shop.seed(0..<1, issuedAt: Shop.begin)
            try shop.execute("UPDATE users SET next_webhooks_at = 0, webhooks_subscribed_at = NULL")
            await run(shop, time, for: 86_400)
            #expect(shop.instagram.count(.readSubscription) == 0 && shop.instagram.count(.subscribe) == 0)
        }
    }

    @Test("other fields in the settings: who was subscribed is subscribed again")
    func changed() async throws {
        let (shop, time) = try await shop()
        await run(shop, time)
        try shop.store.close()
        let next = try Shop(
            in: shop.directory, renewal: RenewalSettings(callsPerMinute: nil, webhookFields: ["messages", "comments"]),
            time: time)
        await run(next, time)
        #expect(subscriptions(next) == ["subscribed_fields=messages%2Ccomments"])
        try next.store.close()
        let same = try Shop(
            in: shop.directory, renewal: RenewalSettings(callsPerMinute: nil, webhookFields: ["comments", "messages"]),
            time: time)
        await run(same, time)
        #expect(same.instagram.count(.readSubscription) == 0)
    }

    @Test("other fields while an account is not connected: it is subscribed to them when it is again")
    func changedWhileAway() async throws {
        let (shop, time) = try await shop()
        await run(shop, time)
        let id = try #require(try shop.committed("SELECT id FROM users").first?["id"] as String?)
        let user = try #require(try await shop.store.user(id))
        try await shop.store.lose(user, .checkpoint, next: time.now + 3 * 86_400, now: time.now)
        try shop.store.close()
        let next = try Shop(
            in: shop.directory, renewal: RenewalSettings(callsPerMinute: nil, webhookFields: ["comments"]), time: time)
        await run(next, time, for: 3_600)
        #expect(next.instagram.count(.subscribe) == 0)
        await run(next, time, for: 10 * 86_400)
        #expect(try next.committed("SELECT state FROM users")[0]["state"] == "connected")
        #expect(subscriptions(next) == ["subscribed_fields=comments"])
    }
}
