// SPDX-License-Identifier: MIT
import Foundation
import GRDB
import HTTPTypes
import Instagram
import Testing
import Vault

@testable import Connect

/// What a link's flow connected counts when the application says that its own user did it.
@Suite struct ClaimTests {
    @Test("A claim of the same user by the same agent connects: sealed, handed out, told and written down")
    func claimed() async throws {
        let shop = try Shop.forAgents()
        var browser = Browser()
        let path = try await shop.linkPath()
        let back = await shop.follow(path, &browser)
        let claim = try #require(back.claim)
        #expect(back.location == Shop.origin + "/account?tab=2#instagram_claim=" + claim)
        #expect(browser.session == nil)

        // Nobody is handed anything, and nobody is told.
        #expect(try shop.users().isEmpty)
        #expect(await shop.token().status == .notFound)
        #expect(try shop.eventTypes().isEmpty && shop.auditActions().isEmpty)
        #expect(try shop.bytes().range(of: Data(ScriptedInstagram.longToken.utf8)) == nil)
        #expect(try shop.bytes().range(of: Data(claim.utf8)) == nil)

        let answer = await shop.claim(claim)
        #expect(answer.status == .ok && answer.json["user"] as? String == "anna", "\(answer.text)")
        #expect(answer.json["connected"] as? Bool == true)
        #expect(await shop.token().accessToken?.hasPrefix(ScriptedInstagram.longToken) == true)
        #expect(await shop.events().eventTypes == ["connected anna"])
        let entry = try #require(try shop.committed("SELECT * FROM audit WHERE action = 'connect'").first)
        #expect(entry["user"] == "anna" && entry["agent"] == "bot" && entry["request_id"] == Request.id)
        #expect(try shop.claims() == 0)
        #expect(!shop.log.lines.joined().contains(claim))
    }

    @Test("A callback that comes twice brings the same claim, as a page and as JSON, and asks Instagram once")
    func repeated() async throws {
        let shop = try Shop.forAgents()
        var browser = Browser()
        let state = await shop.press(try await shop.linkPath(), &browser).state
        let page = await shop.callback(browser, state: state, page: true)
        let json = await shop.callback(browser, state: state)
        #expect(page.claim != nil && page.claim == json.claim && json.json["status"] as? String == "success")
        #expect(json.json["return_to"] as? String == Shop.origin + "/account?tab=2")
        #expect(shop.instagram.count(.exchangeCode) == 1)
        #expect(await shop.claim(try #require(page.claim)).status == .ok)
    }

    @Test("A claim counts once")
    func twice() async throws {
        let shop = try Shop.forAgents()
        let claim = try await shop.newClaim()
        #expect(await shop.claim(claim).status == .ok)
        let again = await shop.claim(claim)
        #expect(again.status == .badRequest && again.errorCode == "invalid_state")
        #expect(await shop.token().status == .ok)
    }

    @Test("Of many at once that bring one claim, one connects")
    func race() async throws {
        let shop = try Shop.forAgents()
        let claim = try await shop.newClaim()
        let answers = await withTaskGroup { group in
            for _ in 0..<16 { group.addTask { await shop.claim(claim).status.code } }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(answers.sorted() == [200] + Array(repeating: 400, count: 15))
        #expect(try shop.auditActions() == ["connect"])
    }

    @Test("A link that was sent to a stranger connects nothing: the stranger's application claims it for the stranger")
    func stranger() async throws {
        let shop = try Shop.forAgents()
        // Mallory's link; Anna presses, and her browser brings the claim to the application, where she is signed in.
        let claim = try await shop.newClaim(for: "mallory")
        let refused = await shop.claim(claim, for: "anna")
        #expect(refused.status == .badRequest && refused.errorCode == "invalid_state")
        // Whatever becomes of the claim after that: nobody has it any more.
        #expect(await shop.claim(claim, for: "mallory").errorCode == "invalid_state")
        #expect(try shop.users().isEmpty && shop.claims() == 0)
        #expect(await shop.site.lettingGo.finishAll(at: .once))
        #expect(try shop.bytes().range(of: Data("17841458366137".utf8)) == nil, "nor has the file")
    }

    @Test("Another agent's claim is no claim, and the one whose it is may still come")
    func anotherAgent() async throws {
        let shop = try Shop.forAgents()
        let claim = try await shop.newClaim(for: "42%2Fshop-a", as: "shop-a")
        for (agent, user) in [("bot", "42/shop-a"), ("many", "42/shop-a"), ("bot", "anna")] {
            #expect(await shop.claim(claim, for: user, as: agent).errorCode == "invalid_state", "\(agent) \(user)")
        }
        #expect(await shop.claim(claim, for: "anna", as: "shop-a").errorCode == "not_found", "not its own user")
        #expect(await shop.claim(claim, for: "42/shop-a", as: "shop-a").status == .ok)
    }

    @Test("Two spellings of one letter are two users")
    func spelling() async throws {
        let shop = try Shop.forAgents()
        let claim = try await shop.newClaim(for: "%C3%A9va")
        #expect(await shop.claim(claim, for: "e\u{301}va").errorCode == "invalid_state")
    }

    @Test("A claim is good for an hour, and then nothing is left of it in the file or its log")
    func tooLate() async throws {
        let shop = try Shop.forAgents()
        let inTime = try await shop.newClaim(for: "bert")
        shop.instagram.account = "17841458366137009"
        let late = try await shop.newClaim()
        let box = try #require(
            try shop.committed("SELECT box FROM claims WHERE user = 'anna'").first?["box"] as Data?)
        shop.now = shop.now + 3_599
        #expect(await shop.claim(inTime, for: "bert").status == .ok)
        #expect(await shop.site.lettingGo.finishAll(at: .once))
        #expect(try shop.claims() == 1)
        shop.now = shop.now + 1
        #expect(await shop.claim(late).errorCode == "invalid_state")

        let other = try await shop.newClaim(for: "carla")
        shop.now = shop.now + 3_600
        #expect(try shop.claims() == 1)
        #expect(await shop.site.lettingGo.finishAll(at: .once))
        #expect(try shop.claims() == 0 && shop.links() == 0)
        let bytes = try shop.bytes()
        #expect(bytes.range(of: box.dropFirst(3).prefix(12)) == nil)
        for trace in ["17841458366137009", "anna", "carla", other] {
            #expect(bytes.range(of: Data(trace.utf8)) == nil, "\(trace)")
        }
        #expect(await shop.claim(other, for: "carla").errorCode == "invalid_state")
    }

    @Test("What nobody claims is forgotten by itself in time, and the process sleeps until then")
    func byItself() async throws {
        let time = VirtualTime()
        let shop = try Shop.forAgents(time: time)
        _ = try await shop.newClaim()
        _ = await shop.link(for: "bert")
        #expect(try shop.claims() == 1 && shop.links() == 1)
        // Whoever waits moves the time on.
        let running = Task { await shop.site.lettingGo.run() }
        while try await shop.store.untilUnclaimed(now: time.moment.uptime) != nil {}
        #expect(try shop.claims() == 0 && shop.links() == 0)
        shop.site.lettingGo.stop()
        await running.value
        let passed = time.elapsed.components.seconds
        #expect(passed >= 3_600, "\(passed)")
    }

    @Test(
        "Whoever was let go while a claim was open is not connected by it",
        arguments: ["disconnect", "deauthorize", "delete", "forget"])
    func letGo(way: String) async throws {
        let shop = try Shop.forAgents()
        let account = "17841458366137005"
        await shop.connect("anna", account: account, token: "FIRST")
        let claim = try await shop.newClaim()
        let open = try await shop.linkPath()
        switch way {
        case "disconnect": #expect(await shop.ask("/agent/v1/users/anna/disconnect", .post).status == .ok)
        case "deauthorize": #expect(await shop.signed(Route.deauthorize, account).status == .ok)
        case "delete": #expect(await shop.signed(Route.dataDeletion, account).status == .ok)
        default: try shop.execute("DELETE FROM users")
        }
        if way == "forget" {
            // Behind the site's back: the account is free, so that the claim is good.
            #expect(await shop.claim(claim).status == .ok)
        } else {
            #expect(try shop.claims() == 0 && shop.links() == 0)
            #expect(await shop.claim(claim).errorCode == "invalid_state")
            #expect(await shop.token().status != .ok)
            #expect(await shop.answer(.page(.get, open)).status == .badRequest)
        }
    }

    @Test("Meta's wish to delete an account that only waits to be claimed is obeyed, and said so")
    func deletedUnclaimed() async throws {
        let shop = try Shop.forAgents()
        shop.instagram.account = "17841458366137005"
        let claim = try await shop.newClaim()
        let answer = await shop.signed(Route.dataDeletion, "17841458366137005")
        let code = try #require(answer.json["confirmation_code"] as? String)
        #expect(await shop.claim(claim).errorCode == "invalid_state")
        #expect(await shop.site.lettingGo.finishAll(at: .once))
        #expect(try shop.bytes().range(of: Data("17841458366137005".utf8)) == nil)
        let page = await shop.answer(.page(.get, Route.dataDeletion + "/" + code)).text
        #expect(page.contains("the access to the account") && page.contains("name and its type"))
    }

    @Test("Another account than the user's, and another user's account, are refused at once, or when they are claimed")
    func ownership() async throws {
        let shop = try Shop.forAgents()
        await shop.connect("anna", account: "17841458366137001", token: "HERS")
        shop.instagram.account = "17841458366137002"
        var browser = Browser()
        let other = await shop.follow(try await shop.linkPath(), &browser)
        #expect(other.location?.contains("/account?tab=2&instagram_error=account_mismatch&") == true)
        shop.instagram.account = "17841458366137001"
        let taken = await shop.follow(try await shop.linkPath(for: "bert"), &browser)
        #expect(taken.location?.contains("instagram_error=account_in_use&") == true)
        #expect(try shop.claims() == 0)

        // Free when it was connected, and another user's when it is claimed.
        shop.instagram.account = "17841458366137003"
        let claim = try await shop.newClaim(for: "bert")
        await shop.connect("carla", account: "17841458366137003", token: "CARLAS")
        let late = await shop.claim(claim, for: "bert")
        #expect(late.status == .conflict && late.errorCode == "account_in_use")
        #expect(try shop.claims() == 0)

        shop.instagram.account = "17841458366137002"
        let switched = try await shop.newClaim(body: #"{"return_to":"/a","switch_account":true}"#)
        #expect(await shop.token().accessToken == "HERS", "until it is claimed")
        #expect(await shop.claim(switched).json["instagram_user_id"] as? String == "17841458366137002")
    }

    @Test("What Meta was told after the grant and before the claim counts, however late it comes")
    func lateOrder() async throws {
        let shop = try Shop.forAgents()
        let account = "17841458366137005"
        shop.instagram.account = account
        let claim = try await shop.newClaim()
        shop.now = shop.now + 120
        let removed = shop.now
        shop.now = shop.now + 600
        #expect(await shop.claim(claim).status == .ok)
        #expect(await shop.signed(Route.deauthorize, account, issuedAt: removed).status == .ok)
        #expect(try shop.users() == ["\(account) not_connected"])
    }

    @Test("A claim does not undo what was connected after it: neither another account nor a newer grant of the same")
    func older() async throws {
        for later in ["17841458366137001", "17841458366137002"] {
            let shop = try Shop.forAgents()
            shop.instagram.account = "17841458366137001"
            let claim = try await shop.newClaim(body: #"{"return_to":"/a","switch_account":true}"#)
            shop.now = shop.now + 60
            await shop.connect("anna", account: later, token: "LATER_\(later)")
            #expect(await shop.claim(claim).errorCode == "interrupted")
            #expect(await shop.token().accessToken == "LATER_\(later)")
            #expect(try shop.claims() == 0)
        }
    }

    @Test("No backup has a link or a claim, nor a byte of them; the keys that are needed count those that wait")
    func backup() async throws {
        let shop = try Shop.forAgents()
        shop.instagram.account = "17841458366137005"
        _ = try await shop.newClaim()
        _ = try await shop.linkPath(for: "bert")
        let box = try #require(try shop.committed("SELECT box FROM claims").first?["box"] as Data?)
        let file = shop.directory.path + "/copy"
        _ = try Backup(of: Records(path: shop.directory.database), as: file)
        let bytes = try Data(contentsOf: URL(fileURLWithPath: file))
        for trace in [
            box.dropFirst(3).prefix(12), Data("17841458366137005".utf8), Data("anna".utf8), Data("bert".utf8),
        ] {
            #expect(bytes.range(of: trace) == nil)
        }
        let signing = shop.keyring.signingID
        #expect(try await shop.store.read { try $0.rows(sealedBy: signing) } == 1)
        #expect(try await shop.store.read { try $0.sealingKeys() } == [signing])
    }

    @Test("A second link of the same user takes the first one's place, claim and all")
    func replaced() async throws {
        let shop = try Shop.forAgents()
        let first = try await shop.newClaim()
        let second = try await shop.newClaim()
        #expect(try shop.claims() == 1)
        #expect(await shop.claim(first).errorCode == "invalid_state")
        #expect(await shop.claim(second).status == .ok)
    }

    @Test("The victim's browser with the attacker's callback: nothing, and the attacker's own flow goes on")
    func foreignCallback() async throws {
        let shop = try Shop.forAgents()
        var (attacker, victim) = (Browser(), Browser())
        let state = await shop.press(try await shop.linkPath(for: "mallory"), &attacker).state
        _ = await shop.press(try await shop.linkPath(for: "anna"), &victim)
        let path = Route.callback + "?code=\(Shop.code)&state=\(state ?? "")"
        for request in [Request.page(.get, path, victim), .json(.get, path, victim)] {
            for (user, error) in [("anna", ErrorCode.invalidState), (nil, .loginRequired)] {
                let answer = await shop.answer(request, as: user)
                #expect(answer.error == error && answer.claim == nil && answer.cookies.isEmpty)
            }
        }
        #expect(shop.instagram.calls.isEmpty)
        #expect(try shop.claims() == 0)
        #expect(await shop.callback(attacker, state: state, page: true).claim != nil)
    }

    @Test("A link's flow needs nobody to be signed in here, and is nobody's who is")
    func nobodySignedIn() async throws {
        let shop = try Shop.forAgents()
        var browser = Browser()
        let state = try #require(await shop.press(try await shop.linkPath(), &browser).state)
        let request = Request.page(.get, Route.callback + "?code=\(Shop.code)&state=\(state)", browser)
        let answer = await shop.answer(request, as: "mallory")
        #expect(answer.claim != nil && answer.cookies.isEmpty)
        #expect(try shop.users().isEmpty)
        #expect(await shop.callback(Browser(), state: state).error == .loginRequired)
    }

    @Test("A process that dies between the callback and the claim loses nothing; a reboot ends the claim")
    func restart() async throws {
        let directory = try TemporaryDirectory()
        var claims: [String] = []
        do {
            let shop = try Shop.forAgents(in: directory)
            claims.append(try await shop.newClaim())
            shop.instagram.account = "17841458366137009"
            claims.append(try await shop.newClaim(for: "bert"))
            try shop.store.close()
        }
        let shop = try Shop.forAgents(in: directory)
        #expect(await shop.claim(claims[0]).status == .ok)
        shop.clock.reboot(after: 60)
        #expect(await shop.claim(claims[1], for: "bert").errorCode == "invalid_state")
        #expect(await shop.site.lettingGo.finishAll(at: .once))
        #expect(try shop.claims() == 0)
    }

    @Test("A claim whose box was changed, or whose key is gone, is told to begin again and hands out nothing")
    func tampered() async throws {
        let shop = try Shop.forAgents()
        let claim = try await shop.newClaim()
        try shop.execute("UPDATE claims SET user = 'mallory'")
        #expect(await shop.claim(claim, for: "mallory").errorCode == "interrupted")
        #expect(try shop.users().isEmpty)
    }

    @Test(
        "What is no claim is 400, and nothing is used up",
        arguments: ["", "{}", #"{"claim":"x"}"#, "[]", "nonsense"])
    func garbage(body: String) async throws {
        let shop = try Shop.forAgents()
        let claim = try await shop.newClaim()
        let answer = await shop.ask("/agent/v1/claims", .post, type: "application/json", body: body)
        #expect(answer.status == .badRequest && answer.errorCode == "invalid_request")
        for text in ["", "x", claim + "A", String(claim.dropLast())] {
            #expect(await shop.claim(text).errorCode == "invalid_state")
        }
        let form = "claim=\(claim)&user=anna"
        let answered = await shop.ask("/agent/v1/claims", .post, type: "application/x-www-form-urlencoded", body: form)
        #expect(answered.status == .ok)
    }

    @Test("A link works with identity session, too, and signs nobody in")
    func sessions() async throws {
        let shop = try Shop(agents: Shop.agentsText)
        var browser = Browser()
        let back = await shop.follow(try await shop.linkPath(), &browser)
        #expect(browser.session == nil)
        #expect(await shop.claim(try #require(back.claim)).json["user"] as? String == "anna")
    }
}
