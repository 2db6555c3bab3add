// SPDX-License-Identifier: MIT
import HTTPTypes
import Testing

@testable import Connect

/// Agents that wait for what happens next.
@Suite struct LongPollTests {
    private static func waiting(_ shop: Shop, _ count: Int) async {
        await until { shop.store.eventBell.waiting == count }
    }

    @Test("300 agents that wait are woken by one event, each with that event")
    func wakes() async throws {
        let shop = try Shop.forAgents()
        await shop.connect("anna")
        let after = try #require(await shop.events().next)
        let begin = ContinuousClock.now
        let answers = await withTaskGroup(of: Answer.self) { group in
            for _ in 0..<300 { group.addTask { await shop.events("?after=\(after)&wait=20") } }
            await Self.waiting(shop, 300)
            await shop.connect("bert", account: "2")
            return await group.reduce(into: [Answer]()) { $0.append($1) }
        }
        #expect(answers.allSatisfy { $0.eventTypes == ["connected bert"] && $0.next == after + 1 })
        #expect(begin.duration(to: .now) < .seconds(19), "not by the time being over")
        #expect(shop.store.eventBell.waiting == 0)
    }

    @Test("An event about somebody else wakes nobody's answer; its own does, and says how far both were looked at")
    func others() async throws {
        let shop = try Shop.forAgents()
        async let answer = shop.events("?after=0&wait=20", as: "shop-a")
        await Self.waiting(shop, 1)
        await shop.connect("anna", account: "1")
        await Self.waiting(shop, 1)
        await shop.connect("42/shop-a", account: "2")
        #expect(await answer.eventTypes == ["connected 42/shop-a"])
        #expect(await answer.next == 2)
    }

    @Test("Nothing happens: an empty answer after the time that was asked for, and not before")
    func over() async throws {
        let shop = try Shop.forAgents()
        await shop.connect("anna")
        let begin = ContinuousClock.now
        let answer = await shop.events("?after=1&wait=1")
        #expect(answer.status == .ok && answer.eventTypes == [] && answer.next == 1)
        #expect(begin.duration(to: .now) >= .seconds(1))
        #expect(await shop.events("?after=0&wait=20").eventTypes == ["connected anna"], "what is there is told at once")
    }

    @Test("A site that begins to stop lets everybody go at once, and nobody waits from then on")
    func stopping() async throws {
        let shop = try Shop.forAgents()
        var begin = ContinuousClock.now
        let answers = await withTaskGroup(of: Answer.self) { group in
            for _ in 0..<50 { group.addTask { await shop.events("?after=0&wait=20") } }
            await Self.waiting(shop, 50)
            begin = .now
            shop.site.beginStopping()
            return await group.reduce(into: [Answer]()) { $0.append($1) }
        }
        #expect(answers.allSatisfy { $0.status == .ok && $0.eventTypes == [] && $0.next == 0 })
        #expect(await shop.events("?after=0&wait=20").status == .ok)
        #expect(begin.duration(to: .now) < .seconds(19))
    }

    @Test("One more than there is room for is answered at once, instead of looking again and again")
    func crowd() async throws {
        let shop = try Shop.forAgents()
        let bell = shop.store.eventBell
        await withTaskGroup { group in
            for _ in 0..<4_096 { group.addTask { _ = await bell.wait(after: 0, atMost: .seconds(600)) } }
            await Self.waiting(shop, 4_096)
            let begin = ContinuousClock.now
            let answer = await shop.events("?after=0&wait=20")
            #expect(answer.status == .ok && answer.eventTypes == [] && answer.next == 0)
            #expect(begin.duration(to: .now) < .seconds(19))
            bell.ring()
        }
    }

    @Test("Agents that are taken out of the file, and not one request earlier, are nobody")
    func reload() async throws {
        let shop = try Shop.forAgents()
        async let answer = shop.events("?after=0&wait=20")
        await Self.waiting(shop, 1)
        shop.site.agents.replace(with: .none)
        #expect(await shop.events().status == .unauthorized)
        shop.site.beginStopping()
        #expect(await answer.status == .ok, "who was let in before is answered")
    }
}
