// SPDX-License-Identifier: MIT
import GRDB
import HTTPTypes
import Testing

@testable import Connect

/// No token leaves without a line about it.
@Suite struct HandOutAuditTests {
    @Test("The first of an agent, user, generation and hour is committed before the answer; later ones are counted")
    func first() async throws {
        let time = VirtualTime()
        let shop = try Shop.forAgents(time: time)
        await shop.connect("anna", account: "1")
        await shop.connect("42/shop-a", account: "2")
        for _ in 0..<5 { #expect(await shop.token().status == .ok) }
        #expect(try shop.handOuts() == ["bot anna 1"])
        for _ in 0..<3 { #expect(await shop.token("42%2Fshop-a", as: "shop-a").status == .ok) }
        #expect(await shop.token("42%2Fshop-a").status == .ok)
        #expect(try shop.handOuts() == ["bot anna 1", "shop-a 42/shop-a 1", "bot 42/shop-a 1"])
        let row = try shop.committed("SELECT * FROM audit WHERE action = 'hand-out' ORDER BY id")[0]
        #expect(row["request_id"] == Request.id && row["at"] == Shop.begin.seconds)
        let id = await shop.token().tokenID
        #expect(row["generation"] as Int64? == id.flatMap { Int64($0) })

        // The engine's own time: within a minute it has written them down, without being stopped in between.
        await time.run(shop.site.renewals, until: .seconds(60))
        #expect(try shop.handOuts() == ["bot anna 6", "shop-a 42/shop-a 3", "bot 42/shop-a 1"])
    }

    @Test("Another hour and another grant are rows of their own")
    func apart() async throws {
        let shop = try Shop.forAgents()
        await shop.connect("anna")
        for seconds: Int64 in [0, 3_599, 3_600] {
            shop.now = Shop.begin + seconds
            #expect(await shop.token().status == .ok)
        }
        await shop.connect("anna")
        #expect(await shop.token().status == .ok)
        #expect(try shop.handOuts() == ["bot anna 1", "bot anna 1", "bot anna 1"])
        shop.site.renewals.stop()
        await shop.site.renewals.run()
        #expect(
            try shop.handOuts() == ["bot anna 2", "bot anna 1", "bot anna 1"], "what was counted is written at a stop")
    }

    @Test("A store that cannot write hands out nothing: 503 and no token; it works again by itself")
    func unwritable() async throws {
        let shop = try Shop.forAgents()
        await shop.connect("anna")
        try shop.execute("CREATE TRIGGER t BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'no'); END")
        for _ in 0..<2 {
            let answer = await shop.token()
            #expect(answer.status == .serviceUnavailable && answer.errorCode == "storage_unavailable")
            #expect(!answer.everything.contains("IGAA"))
        }
        #expect(shop.log.lines.contains { $0.hasPrefix("error storage") && $0.contains("hand-out") })
        try shop.execute("DROP TRIGGER t")
        #expect(await shop.token().status == .ok)
        #expect(try shop.handOuts() == ["bot anna 1"])
    }

    @Test("What was counted while the store cannot write is kept until it can")
    func keptBack() async throws {
        let time = VirtualTime()
        let shop = try Shop.forAgents(time: time)
        await shop.connect("anna")
        for _ in 0..<4 { #expect(await shop.token().status == .ok) }
        try shop.execute("CREATE TRIGGER t BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'no'); END")
        await time.run(shop.site.renewals, until: .seconds(60))
        #expect(try shop.handOuts() == ["bot anna 1"])
        try shop.execute("DROP TRIGGER t")
        // A stopped engine writes what is left.
        shop.site.renewals.stop()
        await shop.site.renewals.run()
        #expect(try shop.handOuts() == ["bot anna 4"])
    }
}
