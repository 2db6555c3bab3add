// SPDX-License-Identifier: MIT
import HTTPTypes
import Instagram
import Testing

@testable import Connect

/// What changed, as agents are told of it by real actions.
@Suite struct EventsTests {
    private static let day: Int64 = 86_400

    @Test(
        "One event each: connected, renewed, another account in its place, expiring, recovered, dead, connected again")
    func life() async throws {
        let time = VirtualTime()
        let shop = try Shop.forAgents(time: time)
        await shop.connect("anna", account: "17841400000000001")
        await time.run(shop.site.renewals, until: .seconds(30 * Self.day))
        await shop.connect("anna", account: "17841400000000002")
        let answer = await shop.events()
        #expect(answer.eventTypes == ["connected anna", "disconnected anna", "connected anna"])
        let events = try #require(answer.json["events"] as? [[String: Any]])
        #expect(events.map { $0["instagram_user_id"] as? String } == ["1", "1", "2"].map { "1784140000000000\($0)" })
        #expect(events.allSatisfy { $0.count == 5 && ($0["at"] as? String)?.hasSuffix("Z") == true })
        #expect(events[0]["at"] as? String == Shop.begin.description)
        #expect(answer.next == events.last?["seq"] as? Int64)
        // 50 days later it has less than 14 left; nothing renews it by itself here.
        let second = try await Self.reopened(shop, time)
        await time.run(second.site.renewals, until: .seconds(80 * Self.day))

        // Six days before its end somebody asks for a week of it.
        time.pass(.seconds(4 * Self.day))
        #expect(await second.token("anna", "?min_valid_for=604800").accessToken == ScriptedInstagram.longToken + "_1")
        second.instagram.answer(.readProfile, .success(.graph(400, code: 190, subcode: 458)))
        #expect(await second.report(await second.token().tokenID ?? "").json["verdict"] as? String == "dead")
        await second.connect("anna", account: "17841400000000002")
        let next = try #require(answer.next)
        #expect(
            await second.events("?after=\(next)").eventTypes == [
                "expiring anna", "renewed anna", "recovered anna", "reconnect_required anna", "connected anna",
            ])
    }

    /// A stopped engine does not run again: as after a restart, in the same database.
    private static func reopened(_ shop: Shop, _ time: VirtualTime) async throws -> Shop {
        try shop.store.close()
        return try Shop.forAgents(in: shop.directory, time: time)
    }

    @Test("Webhooks that cannot be subscribed are told once, though they are tried again and again")
    func webhooksFailed() async throws {
        let time = VirtualTime()
        let shop = try Shop.forAgents(time: time)
        for _ in 0..<8 { shop.instagram.answer(.subscribe, .success(.graph(500, code: 2))) }
        await shop.connect("anna")
        await time.run(shop.site.renewals, until: .seconds(5 * Self.day))
        #expect(await shop.events().eventTypes == ["connected anna", "webhooks_failed anna"])
        #expect(shop.instagram.count(.subscribe) == 9)
        let status = await shop.ask("/agent/v1/users/anna")
        #expect(status.json["webhooks_subscribed_at"] is String && status.json["webhooks_error"] is String == false)
    }

    @Test("An event about the app is for every agent; the rest only for those who may ask for the user")
    func filter() async throws {
        let shop = try Shop.forAgents()
        await shop.connect("anna", account: "1")
        await shop.connect("42/shop-a", account: "2")
        await shop.connect("bert", account: "3")
        try await shop.store.keep(AppHealth(), telling: .appFailing, now: shop.now)
        #expect(await shop.events("", as: "shop-a").eventTypes == ["connected 42/shop-a", "app_failing -"])
        #expect(await shop.events().eventTypes.count == 4)
        let answer = await shop.events("?after=0", as: "shop-a")
        let all = await shop.events()
        #expect(answer.next == all.next, "it goes on behind what it may not see")
        await shop.connect("anna", account: "1")
        let beyond = await shop.events("?after=\(answer.next ?? 0)", as: "shop-a")
        #expect(beyond.eventTypes == [] && beyond.next == (all.next ?? 0) + 1)
    }

    @Test(
        "after and wait are numbers in digits, once, wait up to 20; anything else is 400",
        arguments: [
            ("", true), ("after=0", true), ("wait=0", true), ("after=0&wait=20", true), ("wait=21", false),
            ("wait=-1", false), ("wait=x", false), ("wait=", false), ("wait=1.0", false), ("wait=1&wait=1", false),
            ("after=-1", false), ("after=x", false), ("after=", false), ("after=1&after=1", false),
            ("after=9999999999999999999", false), ("after=%D9%A1", false),
        ])
    func parameters(query: String, isGood: Bool) async throws {
        let shop = try Shop.forAgents()
        await shop.connect("anna")
        #expect(await shop.events("?\(query)").status == (isGood ? .ok : .badRequest))
    }

    @Test("after leads through all of them by pages, without a gap or a double, while more come")
    func paging() async throws {
        let shop = try Shop.forAgents()
        func add(_ count: Int) async throws {
            try await shop.store.write { [now = shop.now] db in
                for number in 0..<count {
                    // The longest, each byte of it six in JSON.
                    let name = "\(number)" + String(repeating: "\"", count: 120)
                    try Store.tell(.renewed, user: name, account: "17841400000000001", now: now, db)
                }
            }
        }
        try await add(1_400)
        var seen: [Int64] = []
        var next: Int64 = 0
        for _ in 0..<200 {
            let answer = await shop.events("?after=\(next)")
            #expect(answer.status == .ok && answer.body.count < 190_000)
            let events = answer.json["events"] as? [[String: Any]] ?? []
            if events.isEmpty { break }
            seen += events.compactMap { $0["seq"] as? Int64 }
            #expect(answer.next == seen.last)
            next = answer.next ?? 0
            if seen.count < 1_500 { try await add(10) }
        }
        #expect(seen == Array(1...Int64(seen.count)) && seen.count >= 1_500)
        #expect(await shop.events("?after=\(next)").next == next)
    }

    @Test(
        "Events are kept 30 days. An older number, and one that was never given, are 410 with the number to go on after"
    )
    func gone() async throws {
        let shop = try Shop.forAgents()
        #expect(await shop.events("?after=0").next == 0)
        #expect(await shop.events("?after=1").status == .gone)
        for _ in 0..<3 { await shop.connect("anna") }
        #expect(await shop.events("?after=0").eventTypes.count == 3)
        shop.now = Shop.begin + 30 * Self.day
        await shop.connect("anna")
        #expect(try await !shop.store.forget(now: shop.now))
        #expect(await shop.events("?after=0").eventTypes.count == 4, "not yet older")
        shop.now = Shop.begin + 30 * Self.day + 1
        await shop.connect("anna")
        #expect(try await !shop.store.forget(now: shop.now))
        for after in [0, 1, 2, 6, 99_999] {
            let answer = await shop.events("?after=\(after)&wait=20")
            #expect(answer.status == .gone && answer.errorCode == "gone" && answer.next == 5, "\(after)")
            #expect(answer.json["request_id"] as? String == Request.id && answer.json.count == 5)
        }
        #expect(await shop.events("?after=3").eventTypes.count == 2)
        #expect(await shop.events().eventTypes.count == 2, "without a number: what is kept")
        #expect(await shop.events("?after=5").status == .ok)
        // A number is never given twice, also when nothing is left.
        try shop.execute("DELETE FROM events")
        #expect(await shop.events("?after=4").status == .gone)
        await shop.connect("anna")
        #expect(await shop.events("?after=5").next == 6)
    }
}
