// SPDX-License-Identifier: MIT
import HTTPTypes
import Testing
import Vault

@testable import Connect

/// Requests that have read a row just before its key was dropped.
@Suite struct DroppedKeyTests {
    /// A row as it was read, and the shop in which it was sealed again since, and its key dropped.
    private func shop() async throws -> (Shop, User) {
        let shop = try Shop.forAgents(keys: ["a"])
        await shop.connect("anna", token: "IGAA_of_anna")
        let read = try #require(try await shop.store.user("anna"))
        _ = try await shop.putInForce(Shop.ring("b", "a"))
        await shop.site.resealing.pass()
        #expect(try await shop.putInForce(Shop.ring("b")) == .inForce(missing: []))
        return (shop, read)
    }

    @Test("a token is handed out all the same, and nothing looks unreadable")
    func handOut() async throws {
        let (shop, read) = try await shop()
        let agent = try #require(shop.site.agents.current.all.first { $0.name == "bot" })
        let request = Request.making(.get, "/agent/v1/users/anna/token", Browser(), [:], surface: .private)
        let answer = try await shop.site.handOut(request, read, agent)
        #expect(answer.status == .ok && answer.accessToken == "IGAA_of_anna")
        #expect(answer.json["token_id"] as? String == "\(read.generation)")
        #expect(await shop.site.renewals.token(of: read)?.exposedText() == "IGAA_of_anna")
        #expect(shop.log.lines.allSatisfy { !$0.hasPrefix("error") })
    }

    @Test("Instagram is asked about its token all the same: nobody hears that a working token is dead")
    func refused() async throws {
        let (shop, read) = try await shop()
        let agent = try #require(shop.site.agents.current.all.first { $0.name == "bot" })
        let request = Request.making(
            .post, "/agent/v1/users/anna/token/refused", Browser(), [:],
            body: Array(#"{"token_id":"\#(read.generation)"}"#.utf8), surface: .private)
        let answer = try await shop.site.refused(request, read, agent)
        #expect(answer.json["verdict"] as? String == "good" && answer.json["state"] as? String == "connected")
    }

    @Test("a row that holds another token since is nobody's token, and no alarm")
    func superseded() async throws {
        let (shop, read) = try await shop()
        await shop.connect("anna", token: "IGAA_another")
        #expect(await shop.site.renewals.token(of: read) == nil)
        #expect(shop.log.lines.allSatisfy { !$0.hasPrefix("error") })
    }

    @Test("readiness judges a row by the keyring of the moment in which it was read")
    func readiness() async throws {
        let (shop, _) = try await shop()
        let (user, ring) = try #require(try await shop.store.probe(shop.site.keys))
        _ = try await shop.putInForce(Shop.ring("c", "b"))
        await shop.site.resealing.pass()
        _ = try await shop.putInForce(Shop.ring("c"))
        #expect(try user.token(ring).exposedText() == "IGAA_of_anna")
    }

    @Test("ready is who opens the newest token of a key that is there; where no key opens any, nobody is")
    func newest() async throws {
        let (shop, _) = try await shop()
        _ = try await shop.putInForce(Shop.ring("c", "b"))
        await shop.connect("bert", account: "2")
        try shop.store.close()
        let b = try Shop(in: shop.directory, keys: ["b"])
        #expect(await b.ask("/readyz", as: nil).status == .ok, "bert's key is missing, anna's is not")
        try b.store.close()
        let none = try Shop(in: shop.directory, keys: ["x"])
        #expect(await none.ask("/readyz", as: nil).status == .internalServerError)
    }
}
