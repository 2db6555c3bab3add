// SPDX-License-Identifier: MIT
import Foundation
import GRDB
import HTTPTypes
import Instagram
import Testing
import Vault

@testable import Connect

@Suite struct PhaseTests {
    @Test("when the code leaves, `sent` is committed already; `done` comes with the row (checklist 48)")
    func phases() async throws {
        let shop = try Shop()
        let seen = Tally<String>()
        for name in Call.Name.ofFlow {
            shop.instagram.before(name) { [unowned shop] in
                let phases = (try? shop.phases()) ?? ["unreadable"]
                let users = (try? shop.committed("SELECT * FROM users").count) ?? -1
                seen.add("\(name) \(phases.joined()) \(users)")
            }
        }
        var browser = Browser()
        #expect(await shop.connect(&browser).status == .ok)
        #expect(seen.all == ["exchangeCode sent 0", "extendToken sent 0", "readProfile sent 0"])
        #expect(try shop.phases() == ["done"])
    }

    @Test("nothing but hashes, codes and the user's id is kept of a flow")
    func kept() async throws {
        let shop = try Shop()
        var browser = Browser()
        let state = try #require(await shop.start(&browser).state)
        _ = await shop.callback(browser, state: state)
        let row = try #require(try shop.committed("SELECT * FROM flows").first)
        #expect(row["id"] as Data == Data(Digest.sha256(state.utf8)))
        #expect((row["decision_hash"] as Data).count == 32)
        #expect(row["outcome"] as String == "connected")
        #expect(row["user"] as String? == (try shop.committed("SELECT id FROM users").first?["id"]))
        let printed = "\(row)"
        for canary in [state, Shop.code, ScriptedInstagram.username, "17841458366137975"] {
            #expect(!printed.contains(canary))
        }
    }

    /// A row as a dead process left it.
    private static func leave(_ phase: String, of state: String, code: String = Shop.code, in shop: Shop) throws {
        let id = FlowID(state: state)
        let decision = CallbackParameters.Decision.allowed(AuthorizationCode(utf8: code)).hash(with: id)
        try shop.execute(
            "INSERT INTO flows (id, phase, decision_hash, forget_at_uptime) VALUES (?, ?, ?, ?)",
            [id.data, phase, Data(decision), (shop.clock.now.uptime + 900).bits])
    }

    @Test("what was left `claimed` goes on with its code, and with no other")
    func claimed() async throws {
        let shop = try Shop()
        var browser = Browser()
        let state = try #require(await shop.start(&browser).state)
        try Self.leave("claimed", of: state, in: shop)
        #expect(await shop.callback(browser, state: state, code: "other").json["error"] as? String == "invalid_state")
        #expect(shop.instagram.calls.isEmpty)
        #expect(await shop.callback(browser, state: state).status == .ok)
        #expect(shop.instagram.count(.exchangeCode) == 1)
    }

    @Test("what was left `sent` never sends its code again: JSON hears `interrupted`")
    func sentJSON() async throws {
        let shop = try Shop()
        var browser = Browser()
        let state = try #require(await shop.start(&browser).state)
        try Self.leave("sent", of: state, in: shop)
        for _ in 0..<2 {
            let answer = await shop.callback(browser, state: state)
            #expect(answer.status == .badGateway && answer.json["error"] as? String == "interrupted")
            #expect(answer.cookies.isEmpty)
        }
        #expect(shop.instagram.calls.isEmpty)
    }

    @Test("what was left `sent` gives a page one fresh flow; the second time in a row it is a failure")
    func sentPage() async throws {
        let shop = try Shop()
        var browser = Browser()
        let state = try #require(await shop.start(&browser, query: "?return_to=/a").state)
        try Self.leave("sent", of: state, in: shop)
        let restart = await shop.callback(browser, state: state, page: true)
        browser.take(restart)
        let fresh = try #require(restart.state)
        #expect(restart.status == .seeOther && restart.location?.hasPrefix("https://www.instagram.com/") == true)
        #expect(fresh != state && restart.cookies.count == 1)
        let payload = shop.keyring.verify(Array(restart.cookies[0].value.utf8), for: .flow)
        #expect(try #require(payload.flatMap { FlowTicket(payload: $0) }).isRestart)

        try Self.leave("sent", of: fresh, in: shop)
        let second = await shop.callback(browser, state: fresh, page: true)
        #expect(second.location?.hasPrefix(Shop.origin + "/a?instagram_error=interrupted&") == true)
        #expect(second.cookies.isEmpty && shop.instagram.calls.isEmpty)
    }

    @Test("the fresh flow asks for credentials if the first one did")
    func restartSwitchesAccount() async throws {
        let shop = try Shop()
        var browser = Browser()
        let state = try #require(await shop.start(&browser, query: "?switch_account=1").state)
        try Self.leave("sent", of: state, in: shop)
        let restart = await shop.callback(browser, state: state, page: true)
        #expect(restart.location?.hasSuffix("&force_reauth=true") == true)
    }

    @Test(
        "a code of which no byte was sent is good still: the repeat goes on with it",
        arguments: [TransportFailure.unreachable("refused"), .unconnected, .busy])
    func unspent(failure: TransportFailure) async throws {
        let shop = try Shop()
        var browser = Browser()
        let state = await shop.start(&browser).state
        shop.instagram.answer(.exchangeCode, .failure(failure))
        let first = await shop.callback(browser, state: state)
        #expect(first.status == (failure == .unconnected ? .gatewayTimeout : .serviceUnavailable))
        #expect(await shop.callback(browser, state: state).status == .ok)
        #expect(shop.instagram.count(.exchangeCode) == 2)
    }

    @Test(
        "a code that may have arrived is not sent again, whatever became of it (checklist 47)",
        arguments: [TransportFailure.broken("reset"), .deadline, .tooLarge, .stopped])
    func spent(failure: TransportFailure) async throws {
        let shop = try Shop()
        var browser = Browser()
        let state = await shop.start(&browser).state
        shop.instagram.answer(.exchangeCode, .failure(failure))
        for _ in 0..<3 { #expect(await shop.callback(browser, state: state).json["status"] as? String == "error") }
        #expect(shop.instagram.count(.exchangeCode) == 1)
    }

    @Test("the fresh flow connects, and remembers where to go")
    func restartConnects() async throws {
        let shop = try Shop()
        var browser = Browser()
        let state = try #require(await shop.start(&browser, query: "?return_to=/a").state)
        try Self.leave("sent", of: state, in: shop)
        let restart = await shop.callback(browser, state: state, page: true)
        browser.take(restart)
        let answer = await shop.callback(browser, state: restart.state, code: "new", page: true)
        #expect(answer.location == Shop.origin + "/a#instagram=connected")
    }

    @Test(
        "stopped in the middle: the visitor hears `interrupted`, the flow stays `sent`", arguments: Call.Name.ofFlow)
    func stopped(name: Call.Name) async throws {
        let shop = try Shop()
        shop.instagram.answer(name, .failure(.stopped))
        var browser = Browser()
        let answer = await shop.connect(&browser)
        #expect(answer.status == .badGateway && answer.json["error"] as? String == "interrupted")
        #expect(try shop.phases() == ["sent"])
        #expect(try shop.committed("SELECT * FROM users").isEmpty)
    }

    @Test("the sealed token opens for its row, is the one Instagram gave, and lies nowhere in the clear (checklist 43)")
    func sealed() async throws {
        let shop = try Shop()
        var browser = Browser()
        await shop.connect(&browser)
        let user = try #require(try shop.committed("SELECT * FROM users").first.map(User.init))
        #expect(try user.token(shop.keyring) == LongLivedToken(utf8: ScriptedInstagram.longToken))
        #expect(user.box?.keyID == KeyID("a"))
        for (column, value) in [("generation", "generation + 1"), ("id", "'other'"), ("instagram_user_id", "'1'")] {
            try shop.execute("UPDATE users SET \(column) = \(value)")
            let moved = try #require(try shop.committed("SELECT * FROM users").first.map(User.init))
            #expect(throws: OpenFailure.notAuthentic) { try moved.token(shop.keyring) }
        }
        for file in ["", "-wal"] {
            // Opening the file ourselves costs SQLite its locks: the last thing that happens to this store.
            let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: shop.directory.database + file)))
            for canary in [ScriptedInstagram.longToken, ScriptedInstagram.shortToken, Shop.code, Shop.appSecret] {
                #expect(bytes.firstRange(of: Array(canary.utf8)) == nil, "\(canary) in the clear")
            }
        }
    }
}
