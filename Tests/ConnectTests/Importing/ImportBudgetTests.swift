// SPDX-License-Identifier: MIT
import HTTPTypes
import Instagram
import Testing

@testable import Connect

/// Imports among the calls per minute, and while Instagram wants none.
@Suite struct ImportBudgetTests {
    private static func shop(perMinute: Int, _ time: VirtualTime) throws -> Shop {
        try Shop.forAgents(renewal: RenewalSettings(callsPerMinute: perMinute), time: time)
    }

    @Test("Where there is no place within five seconds, Retry-After says when there is one, and nobody was asked")
    func busy() async throws {
        let time = VirtualTime()
        // A place every 40 seconds: two calls, at half of six a minute.
        let shop = try Self.shop(perMinute: 6, time)
        let first = await shop.importToken()
        #expect(first.status == .serviceUnavailable && first.errorCode == "busy" && first.retryAfter == 35)
        #expect(shop.instagram.calls.isEmpty)
        time.pass(.seconds(34))
        #expect(await shop.importToken().retryAfter == 1)
        time.pass(.seconds(1))
        let answer = await shop.importToken()
        #expect(answer.status == .ok, "\(answer.text)")
        #expect(time.elapsed == .seconds(50), "the second call has waited for its turn as well")
        #expect(await shop.importToken().status == .ok, "a repeat needs none")
        #expect(await shop.importToken(for: "berta").retryAfter == 25)
    }

    @Test("Even the smallest budget imports", arguments: [1, 5, 12, 24, 200])
    func smallest(perMinute: Int) async throws {
        let time = VirtualTime()
        let shop = try Self.shop(perMinute: perMinute, time)
        var waits = 0
        while true {
            let answer = await shop.importToken()
            if answer.status == .ok { break }
            time.pass(.seconds(try #require(answer.retryAfter)))
            waits += 1
        }
        #expect(waits <= 1 && shop.instagram.calls.count == 2)
    }

    @Test("While Instagram limits the app nobody is asked, and Retry-After says for how long")
    func limited() async throws {
        let time = VirtualTime()
        let shop = try Self.shop(perMinute: 60_000, time)
        time.pass(.seconds(1))
        let limit = Reply(
            status: 403, headers: [.retryAfter: "600"], body: Reply.graph(403, code: 4).body)
        shop.instagram.answer(.readProfile, .success(limit))
        let first = await shop.importToken()
        #expect(first.status == .serviceUnavailable && first.errorCode == "provider_unavailable")
        let wait = try #require(first.retryAfter)
        #expect((600...660).contains(wait))
        let second = await shop.importToken(for: "berta")
        #expect(second.errorCode == "provider_unavailable" && second.retryAfter == wait)
        #expect(shop.instagram.calls.count == 1)
        #expect(shop.site.renewals.appWait() == nil, "it may have been another app's token")
        time.pass(.seconds(wait))
        #expect(await shop.importToken().status == .ok)
    }

    @Test("What the app's own accounts met holds for imports as well")
    func appLimited() async throws {
        let time = VirtualTime()
        let shop = try Self.shop(perMinute: 60_000, time)
        await shop.connect("anna")
        time.pass(.seconds(1))
        shop.instagram.answer(.readProfile, .success(.graph(403, code: 4)))
        let id = try #require(await shop.token().tokenID)
        _ = await shop.report(id)
        let before = shop.instagram.calls.count
        let answer = await shop.importToken(for: "berta")
        #expect(answer.errorCode == "provider_unavailable" && answer.retryAfter ?? 0 >= 900)
        #expect(shop.instagram.calls.count == before)
    }

    @Test("An account's own limit stops its import alone")
    func accountLimited() async throws {
        let time = VirtualTime()
        let shop = try Self.shop(perMinute: 60_000, time)
        time.pass(.seconds(1))
        shop.instagram.answer(.readProfile, .success(.graph(403, code: 80_002)))
        let answer = await shop.importToken()
        #expect(answer.errorCode == "provider_unavailable" && answer.retryAfter ?? 0 >= 1_800)
        time.pass(.seconds(1))
        #expect(await shop.importToken(for: "berta").status == .ok)
    }

    @Test("An import does not say that an app is alive which its own accounts say is not")
    func health() async throws {
        let time = VirtualTime()
        let shop = try Self.shop(perMinute: 60_000, time)
        var change = AppHealth()
        #expect(change.failed(.misconfigured, of: "a", at: time.now, chance: 0) != nil)
        try await shop.store.keep(change, telling: nil, now: time.now)
        #expect(await shop.site.renewals.recall() && shop.site.renewals.isAppToBlame)
        time.pass(.seconds(1))
        #expect(await shop.importToken().status == .ok)
        #expect(shop.site.renewals.isAppToBlame)
    }
}
