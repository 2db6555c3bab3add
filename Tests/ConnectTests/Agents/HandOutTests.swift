// SPDX-License-Identifier: MIT
import GRDB
import HTTPTypes
import Instagram
import Testing

@testable import Connect

/// A token leaves: which, how long it lives, and who gets none.
@Suite struct HandOutTests {
    private static let week = "?min_valid_for=604800"

    @Test("The token is the user's own, with its account, its scopes and its true end")
    func whose() async throws {
        let shop = try Shop.forAgents()
        let names = ["anna", "bert", "42/shop-a"]
        for (index, name) in names.enumerated() {
            await shop.connect(name, account: "1784140000000000\(index)", token: "IGAA_of_\(index)")
        }
        for (index, name) in names.enumerated() {
            let answer = await shop.token(name.replacing("/", with: "%2F"))
            #expect(answer.status == .ok && answer.json["token_type"] as? String == "bearer")
            #expect(answer.accessToken == "IGAA_of_\(index)")
            #expect(answer.json.count == 8 && answer.json["status"] as? String == "success")
        }
        let answer = await shop.token("42%2Fshop-a", as: "shop-a")
        #expect(answer.accessToken == "IGAA_of_2")
        #expect(answer.json["instagram_user_id"] as? String == "17841400000000002")
        #expect(answer.json["instagram_username"] as? String == ScriptedInstagram.username)
        #expect(
            answer.json["scopes"] as? [String] == ["instagram_business_basic", "instagram_business_manage_messages"])
        #expect(answer.json["expires_at"] as? String == (Shop.begin + 5_183_944).description)
    }

    @Test(
        "min_valid_for is a number of seconds up to a week, once, in digits; anything else is 400 and hands out nothing",
        arguments: [
            ("", true), ("?min_valid_for=0", true), ("?min_valid_for=604800", true), ("?min_valid_for=00604800", true),
            ("?min_valid_for=1&other=x", true), ("?min_valid_for=604801", false), ("?min_valid_for=-1", false),
            ("?min_valid_for=1.5", false), ("?min_valid_for=", false), ("?min_valid_for", false),
            ("?min_valid_for=%201", false), ("?min_valid_for=+1", false), ("?min_valid_for=1e3", false),
            ("?min_valid_for=1&min_valid_for=1", false), ("?min_valid_for=%D9%A1", false),
            ("?min_valid_for=0x10", false), ("?min_valid_for=99999999999999999999", false),
            ("?min_valid_for=1%00", false), ("?min_valid_for=%zz", false),
        ])
    func wish(query: String, isGood: Bool) async throws {
        let shop = try Shop.forAgents()
        await shop.connect("anna")
        let answer = await shop.token("anna", query)
        #expect(answer.status == (isGood ? .ok : .badRequest), "\(answer.text)")
        if !isGood { #expect(answer.errorCode == "invalid_request") }
        #expect(try shop.handOuts().count == (isGood ? 1 : 0))
        #expect(shop.instagram.count(.refreshToken) == 0)
    }

    @Test("A token with less life than is asked for is renewed with one call, however many ask; the id is another")
    func renewed() async throws {
        let shop = try Shop.forAgents()
        await shop.connect("anna")
        shop.now = Shop.begin + 54 * 86_400
        let before = await shop.token("anna", "?min_valid_for=518344")
        #expect(before.accessToken == ScriptedInstagram.longToken && shop.instagram.count(.refreshToken) == 0)
        let tokens = await withTaskGroup(of: Answer.self) { group in
            for _ in 0..<50 { group.addTask { await shop.token("anna", Self.week) } }
            return await group.reduce(into: [Answer]()) { $0.append($1) }
        }
        #expect(shop.instagram.count(.refreshToken) == 1)
        #expect(Set(tokens.map(\.accessToken)) == [ScriptedInstagram.longToken + "_1"])
        #expect(Set(tokens.map(\.tokenID)).count == 1 && tokens[0].tokenID != before.tokenID)
        #expect(tokens[0].json["expires_at"] as? String == (shop.now + 5_127_758).description)
    }

    @Test("A token younger than a day is not renewed, whatever is asked; a day later it is")
    func young() async throws {
        let shop = try Shop.forAgents()
        await shop.connect("anna", token: "IGAA_short_life", life: 2 * 86_400)
        for seconds: Int64 in [0, 3_600, 86_400] {
            shop.now = Shop.begin + seconds
            let answer = await shop.token("anna", Self.week)
            #expect(answer.accessToken == "IGAA_short_life" && shop.instagram.count(.refreshToken) == 0)
            #expect(answer.json["expires_at"] as? String == (Shop.begin + 2 * 86_400).description)
        }
        shop.now = Shop.begin + 86_460
        #expect(await shop.token("anna", Self.week).accessToken == ScriptedInstagram.longToken + "_1")
    }

    @Test("A renewal that fails costs nobody a good token: the old one, with its true end, and no second call at once")
    func failing() async throws {
        let shop = try Shop.forAgents()
        await shop.connect("anna")
        shop.now = Shop.begin + 58 * 86_400
        let failures: [Result<Reply, TransportFailure>] = [
            .success(.graph(500, code: 2)), .failure(.deadline), .success(.ok("<html>")),
        ]
        for (index, failure) in failures.enumerated() {
            shop.instagram.answer(.refreshToken, failure)
            for _ in 0..<2 {
                let answer = await shop.token("anna", Self.week)
                #expect(answer.status == .ok && answer.accessToken == ScriptedInstagram.longToken)
                #expect(answer.json["expires_at"] as? String == (Shop.begin + 5_183_944).description)
                #expect(shop.instagram.count(.refreshToken) == index + 1)
            }
            // Longer than any back-off of so short a life.
            shop.now = shop.now + 21_600
        }
        #expect(await shop.token("anna", Self.week).accessToken == ScriptedInstagram.longToken + "_1")
    }

    @Test("One answer alone takes nobody's connection: a token that cannot be renewed and works is handed out")
    func oneAnswer() async throws {
        let shop = try Shop.forAgents()
        await shop.connect("anna")
        shop.now = Shop.begin + 58 * 86_400
        shop.instagram.answer(.refreshToken, .success(.graph(400, code: 190, subcode: 460)))
        #expect(await shop.token("anna", Self.week).accessToken == ScriptedInstagram.longToken)
        #expect(try shop.committed("SELECT state FROM users")[0]["state"] == "connected")
    }

    @Test("A renewal that finds the token dead is 409, with the reason and where a person connects again")
    func dead() async throws {
        let shop = try Shop.forAgents()
        await shop.connect("anna")
        shop.now = Shop.begin + 58 * 86_400
        for call in [Call.Name.refreshToken, .readProfile] {
            shop.instagram.answer(call, .success(.graph(400, code: 190, subcode: 460)))
        }
        let answer = await shop.token("anna", Self.week)
        #expect(answer.status == .conflict && answer.errorCode == "reconnect_required")
        #expect(answer.json["reason"] as? String == "password_changed")
        #expect(answer.json["connect_url"] as? String == Shop.origin + Route.settings)
        #expect(answer.json["request_id"] as? String == Request.id && answer.json.count == 6)
        #expect(!answer.text.contains("IGAA"))
        #expect(try shop.handOuts() == [])
        await shop.connect("anna", token: "IGAA_again")
        #expect(await shop.token().accessToken == "IGAA_again")
    }

    @Test("Each reason to connect again is 409 and told", arguments: Loss.allCases)
    func reasons(loss: Loss) async throws {
        let shop = try Shop.forAgents()
        await shop.connect("anna")
        try shop.execute("UPDATE users SET state = 'reconnect_required', reason = ?", [loss.rawValue])
        let answer = await shop.token("anna", Self.week)
        #expect(answer.status == .conflict && answer.json["reason"] as? String == loss.rawValue)
        #expect(shop.instagram.count(.refreshToken) == 0)
    }

    @Test("Its time being over is 409 as well; a row that does not open is 500, and loud")
    func unusable() async throws {
        let shop = try Shop.forAgents()
        await shop.connect("anna")
        shop.now = Shop.begin + 5_183_943
        #expect(await shop.token().status == .ok)
        shop.now = Shop.begin + 5_183_944
        #expect(await shop.token().json["reason"] as? String == "expired")
        #expect(shop.instagram.count(.refreshToken) == 0)

        await shop.connect("anna")
        try shop.execute("UPDATE users SET generation = generation + 1")
        let answer = await shop.token()
        #expect(answer.status == .internalServerError && answer.errorCode == "internal_error")
        #expect(shop.log.lines.contains { $0.hasPrefix("error unreadable row") && $0.contains("user=anna") })
        #expect(await shop.samples()["ig_shop_auth_unreadable_rows_total"] == 1)
        #expect(await shop.token("nobody").status == .notFound)
    }

    @Test("A token whose key is lost is 409 as well")
    func keyMissing() async throws {
        let shop = try Shop.forAgents()
        await shop.connect("anna")
        try shop.store.close()
        let other = try Shop.forAgents(in: shop.directory, keys: ["c"])
        let answer = await other.token()
        #expect(answer.status == .conflict && answer.json["reason"] as? String == "key_missing")
    }

    @Test("A user who has let go is 404 like one who never came")
    func notConnected() async throws {
        let shop = try Shop.forAgents()
        await shop.connect("anna")
        try shop.execute("UPDATE users SET state = 'not_connected', instagram_access_token = NULL")
        let answer = await shop.token()
        #expect(answer.status == .notFound)
        let nobody = await shop.token("nobody")
        #expect(answer.everything == nobody.everything)
        #expect(await shop.ask("/agent/v1/users/anna").json["state"] as? String == "not_connected")
    }

    @Test("Each grant has a token_id of its own: connected, renewed, connected again")
    func ids() async throws {
        let shop = try Shop.forAgents()
        var ids: [String] = []
        func note() async { ids.append(await shop.token("anna", Self.week).tokenID ?? "none") }
        await shop.connect("anna")
        await note()
        await note()
        shop.now = Shop.begin + 55 * 86_400
        await note()
        await shop.connect("anna")
        await note()
        #expect(ids[0] == ids[1] && Set(ids).count == 3 && !ids.contains("none"))
        #expect(ids.compactMap { Int64($0) } == ids.compactMap { Int64($0) }.sorted())
    }

    @Test("A hand-out that meets a newer grant on its way hands out the newer one")
    func overtaken() async throws {
        let shop = try Shop.forAgents()
        await shop.connect("anna", token: "IGAA_first")
        let stale = try #require(try await shop.store.user("anna"))
        await shop.connect("anna", token: "IGAA_second")
        let agent = try #require(shop.site.agents.current.all.first)
        let request = Request.making(.get, "/agent/v1/users/anna/token", surface: .private)
        let answer = try await shop.site.handOut(request, stale, agent)
        #expect(answer.accessToken == "IGAA_second")
        #expect(try shop.handOuts() == ["bot anna 1"])
    }
}
