// SPDX-License-Identifier: MIT
import Foundation
import GRDB
import HTTPTypes
import Instagram
import TestSupport
import Testing
import Vault

@testable import Connect

@Suite struct DeletionTests {
    private static let account = "17841458366137975"

    @Test("deauthorize lets the account go, by its app-scoped id or its own", arguments: [false, true])
    func deauthorizes(appScoped: Bool) async throws {
        let shop = try Shop()
        var browser = Browser()
        await shop.connect(&browser)
        let id = appScoped ? Shop.appScoped(Self.account) : Self.account
        let answer = await shop.signed(Route.deauthorize, id)
        #expect(answer.status == .ok && answer.text == "{\"status\":\"success\"}\n")
        #expect(await shop.status(browser).json["connected"] as? Bool == false)
        #expect(try shop.users() == ["\(Self.account) not_connected"])
        #expect(try shop.eventTypes() == ["connected", "disconnected"])
        #expect(try shop.auditActions().suffix(1) == ["deauthorize"])
        #expect(await shop.signed(Route.deauthorize, id).body == answer.body)
        #expect(await shop.signed(Route.deauthorize, "1").body == answer.body, "an id that nobody knows")
    }

    @Test("a deletion erases the row and every id, tells the agent whose it was, and shows what it did")
    func deletes() async throws {
        let shop = try Shop.forAgents()
        await shop.connect("anna")
        #expect(await shop.token().status == .ok)
        let answer = await shop.signed(Route.dataDeletion, Shop.appScoped(Self.account))
        #expect(answer.status == .ok)
        let code = try #require(answer.json["confirmation_code"] as? String)
        #expect(code.utf8.count == 22 && answer.json.count == 2)
        #expect(answer.json["url"] as? String == Shop.origin + Route.dataDeletion + "/" + code)
        #expect(try shop.users().isEmpty)
        #expect(await shop.token().status == .notFound)
        #expect(await shop.events("?after=1").eventTypes == ["deleted anna"])
        let someone = try shop.committed("SELECT DISTINCT user FROM audit").map { $0["user"] as String }
        #expect(someone.count == 1 && someone != ["anna"], "one random id in the place of the user")
        #expect(try shop.auditActions() == ["connect", "hand-out", "delete"])
        #expect(try shop.committed("SELECT 1 FROM events WHERE instagram_user_id NOT NULL").isEmpty)

        let path = Route.dataDeletion + "/" + code
        #expect(await shop.answer(.json(.get, path)).json["done_at"] is NSNull)
        #expect(await shop.answer(.page(.get, path)).text.contains("Your data is being deleted"))
        #expect(await shop.site.lettingGo.finishAll(at: .once))
        let record = await shop.answer(.json(.get, path))
        #expect(record.json["erased"] as? [String] == ["token", "account", "history"])
        #expect(record.json["done_at"] as? String == shop.now.description)
        let page = await shop.answer(.page(.get, Route.dataDeletion + "/" + code)).text
        #expect(page.contains("Your data is deleted") && !page.contains(Self.account))
        #expect(await shop.answer(.json(.get, Route.dataDeletion + "/AAAAAAAAAAAAAAAAAAAAAA")).status == .notFound)
        #expect(try shop.committed("SELECT 1 FROM signed_requests WHERE code = ?", [Data(code.utf8)]).isEmpty)

        let bytes = try shop.bytes()
        for trace in [Self.account, ScriptedInstagram.username, "Acme"] {
            #expect(bytes.range(of: Data(trace.utf8)) == nil, "\(trace)")
        }
        #expect(await shop.signed(Route.dataDeletion, Shop.appScoped(Self.account)).body == answer.body)
        let unknown = await shop.signed(Route.dataDeletion, "1")
        #expect(unknown.status == .ok && Set(unknown.json.keys) == Set(answer.json.keys))
        let nothing = await shop.answer(
            .json(.get, Route.dataDeletion + "/" + (unknown.json["confirmation_code"] as? String ?? "")))
        #expect(nothing.json["erased"] as? [String] == [] && nothing.json["done_at"] as? String != nil)
    }

    @Test("after a disconnect a deletion still finds what is left, and after a switch who had the account")
    func former() async throws {
        let shop = try Shop.forAgents()
        await shop.connect("anna", account: "17841458366137001")
        await shop.connect("anna", account: "17841458366137002")
        await shop.connect("bert", account: "17841458366137003")
        _ = await shop.ask("/agent/v1/users/bert/disconnect", .post)
        #expect(await shop.signed(Route.dataDeletion, "17841458366137003").status == .ok)
        #expect(await shop.signed(Route.dataDeletion, Shop.appScoped("17841458366137001")).status == .ok)
        #expect(await shop.token("anna").json["instagram_user_id"] as? String == "17841458366137002")
        #expect(await shop.site.lettingGo.finishAll(at: .once))
        let bytes = try shop.bytes()
        #expect(bytes.range(of: Data("17841458366137003".utf8)) == nil)
        #expect(bytes.range(of: Data("17841458366137001".utf8)) == nil)
        let connects = try shop.committed("SELECT user FROM audit WHERE action = 'connect' ORDER BY id")
        #expect(connects[0]["user"] != "anna" && connects[1]["user"] == "anna")
    }

    @Test("what Meta did not sign, or not like this, is refused and changes nothing")
    func forged() async throws {
        let shop = try Shop()
        var browser = Browser()
        await shop.connect(&browser)
        let good = MetaSignature.signedRequest(
            userID: Self.account, issuedAt: shop.now.seconds, secret: Shop.appSecret)
        let forged = MetaSignature.signedRequest(userID: Self.account, issuedAt: shop.now.seconds, secret: "another")
        let future = MetaSignature.signedRequest(
            userID: Self.account, issuedAt: shop.now.seconds + 301, secret: Shop.appSecret)
        let before = try shop.committed("SELECT * FROM users")
        for path in [Route.deauthorize, Route.dataDeletion] {
            for text in [
                forged, future, "", "x.y", good + ".", "." + good, String(good.dropLast()),
                good + "&signed_request=" + good,
            ] {
                let answer = await shop.post(path, text)
                #expect(answer.status == .badRequest && answer.errorCode == "invalid_request")
            }
            for type in ["application/json", "text/plain", "multipart/form-data"] {
                #expect(await shop.post(path, good, type: type).status == .badRequest)
            }
            #expect(await shop.answer(.making(.get, path)).status == .methodNotAllowed)
        }
        #expect(try shop.committed("SELECT * FROM users") == before)
        #expect(try shop.committed("SELECT 1 FROM signed_requests").isEmpty)
    }

    @Test("a request from before the connection changes nothing; one from just before it counts, once")
    func stale() async throws {
        let shop = try Shop()
        var browser = Browser()
        let before = shop.now
        shop.now = shop.now + 61
        await shop.connect(&browser)
        let stale = await shop.signed(Route.dataDeletion, Self.account, issuedAt: before)
        #expect(stale.status == .ok && stale.json.count == 2)
        #expect(await shop.signed(Route.deauthorize, Self.account, issuedAt: before).status == .ok)
        #expect(try shop.users() == ["\(Self.account) connected"])
        let record = await shop.answer(
            .json(.get, Route.dataDeletion + "/" + (stale.json["confirmation_code"] as? String ?? "")))
        #expect(record.json["erased"] as? [String] == [])
        let path = Route.dataDeletion + "/" + (stale.json["confirmation_code"] as? String ?? "")
        #expect(await shop.answer(.page(.get, path)).text.contains("connected again after this was asked for"))

        let at = before + 1
        _ = await shop.signed(Route.deauthorize, Self.account, issuedAt: at)
        #expect(try shop.users() == ["\(Self.account) not_connected"])
        await shop.connect(&browser)
        _ = await shop.signed(Route.deauthorize, Self.account, issuedAt: at)
        #expect(try shop.users() == ["\(Self.account) connected"], "the same request again, after a reconnect")
    }

    @Test("a second secret signs as well, as for two apps of one family")
    func extraSecret() async throws {
        let shop = try Shop(extraSecrets: ["meta-secret-canary"])
        var browser = Browser()
        await shop.connect(&browser)
        #expect(await shop.signed(Route.deauthorize, Self.account, secret: "third").status == .badRequest)
        #expect(await shop.signed(Route.deauthorize, Self.account, secret: "meta-secret-canary").status == .ok)
        #expect(try shop.users() == ["\(Self.account) not_connected"])
    }

    @Test("the same request signed anew by another secret leads to the same page, and does nothing again")
    func signedAnew() async throws {
        let shop = try Shop(extraSecrets: ["meta-secret-canary"])
        var browser = Browser()
        await shop.connect(&browser)
        let at = shop.now
        let first = await shop.signed(Route.dataDeletion, Self.account, issuedAt: at)
        #expect(await shop.site.lettingGo.finishAll(at: .once))
        await shop.connect(&browser)
        let second = await shop.signed(Route.dataDeletion, Self.account, issuedAt: at, secret: "meta-secret-canary")
        let pages = try [first, second].map { try #require($0.json["confirmation_code"] as? String) }
        #expect(pages[0] != pages[1])
        var records: [[UInt8]] = []
        for code in pages { records.append(await shop.answer(.json(.get, Route.dataDeletion + "/" + code)).body) }
        #expect(records[0] == records[1])
        #expect(try shop.users() == ["\(Self.account) connected"])
    }

    @Test("a connection that a wrong clock dated into the future is let go all the same")
    func wrongClock() async throws {
        let shop = try Shop()
        var browser = Browser()
        let now = shop.now
        shop.clock.set(now + 86_400)
        await shop.connect(&browser)
        shop.clock.set(now + 60)
        _ = await shop.signed(Route.deauthorize, Self.account, issuedAt: now + 60)
        #expect(try shop.users() == ["\(Self.account) not_connected"])
    }

    @Test("a flow that takes the place of one whose process died is as old as that one")
    func restarted() async throws {
        let shop = try Shop()
        var (one, two) = (Browser(), Browser())
        await shop.connect(&one)
        let state = await shop.start(&two).state
        _ = await shop.disconnect(one)
        // Its code was sent by a process that died.
        shop.now = shop.now + 590
        let id = FlowID(state: try #require(state))
        let decision = CallbackParameters.Decision.allowed(AuthorizationCode(utf8: Shop.code))
        _ = try await shop.store.claim(id, decisionHash: decision.hash(with: id), now: shop.clock.now.uptime)
        try await shop.store.markSent(id)
        let again = await shop.callback(two, state: state, page: true)
        two.take(again)
        let fresh = try #require(again.state, "a fresh flow at once")
        // Nobody who was let go meanwhile makes the mark go.
        shop.now = shop.now + 590
        _ = await shop.signed(Route.deauthorize, "1")
        #expect(await shop.callback(two, state: fresh).errorCode == "interrupted")
        #expect(try shop.users() == ["\(Self.account) not_connected"])
    }

    @Test("a callback in flight does not bring a deleted account back, nor does its repeat")
    func inFlight() async throws {
        let shop = try Shop()
        var (one, two) = (Browser(), Browser())
        let first = await shop.start(&one).state
        one.take(await shop.callback(one, state: first))
        let state = await shop.start(&two).state
        let (arrived, release) = shop.instagram.hold(.readProfile)
        async let late = shop.callback(two, state: state)
        await arrived.wait()
        _ = await shop.signed(Route.dataDeletion, Self.account)
        release.fire()
        #expect(await late.errorCode == "interrupted")
        #expect(await shop.callback(one, state: first).errorCode == "invalid_state")
        #expect(try shop.users().isEmpty)
    }
}
