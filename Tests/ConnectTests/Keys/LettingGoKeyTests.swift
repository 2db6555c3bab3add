// SPDX-License-Identifier: MIT
import GRDB
import HTTPTypes
import Instagram
import Testing
import Vault

@testable import Connect

/// Keys that are taken out while somebody is let go.
@Suite struct LettingGoKeyTests {
    private let a = KeyID("a")!

    /// A shop of the key `a` in which `anna` is connected.
    private func shop() async throws -> Shop {
        let shop = try Shop.forAgents(keys: ["a"])
        #expect(try await shop.store.start(with: shop.site.keys).unwritten == nil)
        await shop.connect("anna")
        return shop
    }

    @Test("a token that is still to be taken back needs its key, which cannot be dropped until that is done")
    func counted() async throws {
        let shop = try await shop()
        let (arrived, release) = shop.instagram.hold(.unsubscribe)
        let disconnecting = Task { await shop.ask("/agent/v1/users/anna/disconnect", .post) }
        await arrived.wait()
        #expect(try shop.rowsByKey() == ["a": 1])
        #expect(try await shop.putInForce(Shop.ring("b")) == .refused([.needed(a, rows: 1)]))
        release.fire()
        #expect(await disconnecting.value.status == .ok)
        #expect(try shop.rowsByKey() == [:])
        #expect(try await shop.putInForce(Shop.ring("b")) == .inForce(missing: []))
    }

    @Test("a start without the key of such a token names it; when the key is back, who lets go is woken")
    func missing() async throws {
        let shop = try await shop()
        let letGo = try await shop.store.disconnect(
            "anna", entry: AuditEntry(action: .disconnect, user: "anna"), now: shop.clock.now,
            seals: shop.site.lettingGo.seals)
        #expect(letGo.departure?.box?.keyID == a)
        try shop.store.close()
        let again = try Shop(in: shop.directory, keys: ["b"])
        let start = try await again.store.start(with: again.site.keys)
        #expect(start.outcome == .inForce(missing: [MissingKey(id: a, rows: 1)]))
        #expect(try await again.putInForce(Shop.ring("b", "a")) == .inForce(missing: []))
        let heard = again.store.lettingGoBell.rings
        await again.site.resealing.pass()
        #expect(again.store.lettingGoBell.rings > heard)
    }

    @Test("a callback that began before does not connect again, though the key of that moment is gone")
    func dropped() async throws {
        let shop = try await shop()
        let (arrived, release) = shop.instagram.hold(.exchangeCode)
        let flow = try await Flow(of: "anna", shop)
        let callback = Task { await flow.callback(shop) }
        await arrived.wait()
        #expect(await shop.ask("/agent/v1/users/anna/disconnect", .post).status == .ok)
        #expect(try await shop.putInForce(Shop.ring("b")) == .inForce(missing: []))
        release.fire()
        #expect(await callback.value.errorCode == "interrupted")
        #expect(try shop.users().map { $0.hasSuffix("not_connected") } == [true])
        await shop.connect("anna")
        #expect(try shop.rowsByKey() == ["b": 1], "a new flow connects")
    }

    @Test("nor after a restart, by the cookie of a key that was there before and is there again")
    func restarted() async throws {
        let shop = try await shop()
        let flow = try await Flow(of: "anna", shop)
        #expect(try await shop.putInForce(Shop.ring("b", "a")) == .inForce(missing: []))
        #expect(await shop.ask("/agent/v1/users/anna/disconnect", .post).status == .ok)
        try shop.store.close()
        let again = try Shop.forAgents(in: shop.directory, keys: ["a"])
        #expect(await flow.callback(again).errorCode == "interrupted")
        #expect(try again.users().map { $0.hasSuffix("not_connected") } == [true])
    }
}

/// A flow that has begun and whose callback is still to come.
private struct Flow {
    private let browser: Browser
    private let path: String
    private let user: String

    init(of user: String, _ shop: Shop) async throws {
        var browser = Browser()
        let start = await shop.answer(.json(.post, Route.start, browser, Shop.ours), as: user)
        browser.take(start)
        path = Route.callback + "?code=\(Shop.code)&state=\(try #require(start.state))"
        (self.browser, self.user) = (browser, user)
    }

    func callback(_ shop: Shop) async -> Answer { await shop.answer(.json(.get, path, browser), as: user) }
}
