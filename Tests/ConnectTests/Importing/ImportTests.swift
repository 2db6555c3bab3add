// SPDX-License-Identifier: MIT
import GRDB
import HTTPTypes
import Instagram
import Testing
import Vault

@testable import Connect

/// A token that another program kept so far.
@Suite struct ImportTests {
    private static let ask = "read-profile refresh-token"

    @Test("An imported token is stored like one that was granted here: sealed, handed out, due, told and written down")
    func imported() async throws {
        let shop = try Shop.forAgents(renewal: RenewalSettings(callsPerMinute: nil))
        let answer = await shop.importToken()
        #expect(answer.status == .ok, "\(answer.text)")
        #expect(answer.json["user"] as? String == "anna" && answer.json["state"] as? String == "connected")
        #expect(answer.json["instagram_username"] as? String == "acme_shop")
        #expect(shop.asked(Self.ask), "it is never exchanged")
        #expect(shop.instagram.calls.allSatisfy { $0.secret.hasSuffix("access_token=\(Shop.importedToken)") })

        let row = try #require(try shop.userRows().first)
        #expect(row["token_issued_at"] == Shop.begin.seconds)
        #expect(row["token_expires_at"] == Shop.begin.seconds + 5_127_758)
        #expect((row["next_renewal_at"] as Int64? ?? 0) > Shop.begin.seconds + 25 * 86_400)
        #expect(row["next_webhooks_at"] == Shop.begin.seconds)
        #expect(row["scopes"] == "instagram_business_basic,instagram_business_manage_messages")
        let token = await shop.token()
        #expect(token.accessToken == ScriptedInstagram.longToken + "_1", "what the renewal gave")
        #expect(await shop.events().eventTypes == ["connected anna"])
        let audit = try shop.committed("SELECT * FROM audit WHERE action <> 'hand-out'")
        #expect(
            audit.map { "\($0["action"] as String) \($0["user"] as String) \($0["agent"] as String)" }
                == ["import anna bot"])
        #expect(audit[0]["generation"] as Int64? == row["generation"] && audit[0]["request_id"] == Request.id)
    }

    @Test("A form is as good as JSON; garbage is 400, another's user 404, and Instagram is not asked")
    func forms() async throws {
        let shop = try Shop.forAgents()
        let path = "/agent/v1/users/anna/import"
        let form = "application/x-www-form-urlencoded"
        let long = String(repeating: "a", count: 4_097)
        let bad: [(String?, String)] = [
            (nil, ""), (nil, "{}"), (nil, "null"), (nil, #"{"access_token":null}"#), (nil, #"{"access_token":5}"#),
            (nil, #"{"access_token":""}"#), (nil, #"{"access_token":"a b"}"#), (nil, #"{"access_token":"é"}"#),
            (nil, #"{"access_token":"a\n"}"#), (nil, #"{"access_token":"\#(long)"}"#), (nil, "access_token=a"),
            (nil, #"{"access_token":"a","switch_account":"1"}"#), (form, ""), (form, "access_token="),
            (form, "access_token=a&access_token=a"), (form, "access_token=a&switch_account=2"),
            (form, "access_token=a%20b"), (form, "access_token=%zz"), (form, "access_token=\(long)"),
            (form, #"{"access_token":"a"}"#),
        ]
        for (type, body) in bad {
            let answer = await shop.ask(path, .post, type: type, body: body)
            #expect(answer.status == .badRequest && answer.errorCode == "invalid_request", "\(body.prefix(60))")
        }
        let foreign = await shop.importToken(as: "shop-a")
        #expect(foreign.status == .notFound && foreign.errorCode == "not_found")
        #expect(shop.instagram.calls.isEmpty)

        let token = String(repeating: "%2B", count: 4_096)
        for body in ["access_token=\(token)&x=y", "access_token=a&switch_account=1"] {
            let answer = await shop.ask(path, .post, type: form + "; charset=utf-8", body: body)
            #expect(answer.status == .ok, "\(answer.text)")
        }
    }

    @Test("An agent imports for its own users, whoever else it may not ask for, with identity session as well")
    func users() async throws {
        let shop = try Shop.forAgents()
        #expect(await shop.importToken(for: "42%2Fshop-a", as: "shop-a").status == .ok)
        #expect(try shop.userRows().map { $0["id"] as String } == ["42/shop-a"])

        let visitors = try Shop(agents: Shop.agentsText)
        #expect(await visitors.importToken(for: "anna").json["user"] as? String == "anna")
        // Who signs in with the account is that user.
        var browser = Browser()
        await visitors.connect(&browser)
        #expect(try visitors.userRows().map { $0["id"] as String } == ["anna"])
        #expect(await visitors.status(browser).json["connected"] as? Bool == true)
    }

    /// What Instagram says to the first call and to the second, and what the agent hears.
    struct Refusal: Sendable, CustomTestStringConvertible {
        let call: Call.Name
        let reply: Reply
        let status: Int
        let word: String

        init(_ call: Call.Name, _ reply: Reply, _ word: String, _ status: Int = 422) {
            (self.call, self.reply, self.word, self.status) = (call, reply, word, status)
        }

        var testDescription: String { "\(call.rawValue): \(String(decoding: reply.body, as: UTF8.self)): \(word)" }
    }

    private static func graph(_ code: Int, _ subcode: Int? = nil, type: String = "OAuthException") -> Reply {
        .graph(400, code: code, subcode: subcode, type: type)
    }

    private static let refusals: [Refusal] = [
        .init(.readProfile, graph(190, 463), "expired"), .init(.readProfile, graph(190, 460), "password_changed"),
        .init(.readProfile, graph(190, 458), "removed_in_instagram"),
        .init(.readProfile, graph(190, 459), "checkpoint"),
        .init(.readProfile, graph(190, 467), "revoked"), .init(.readProfile, graph(452), "revoked"),
        .init(.readProfile, graph(190), "foreign"), .init(.readProfile, graph(100), "foreign"),
        .init(.readProfile, graph(101), "foreign"), .init(.readProfile, .flatRefusal, "foreign"),
        .init(.refreshToken, graph(100, type: "IGApiException"), "not_renewable"),
        .init(.refreshToken, graph(190), "not_renewable"), .init(.refreshToken, graph(452), "not_renewable"),
        .init(.refreshToken, graph(100), "not_renewable"), .init(.refreshToken, graph(190, 463), "expired"),
        .init(.refreshToken, graph(190, 460), "password_changed"),
        .init(.readProfile, graph(100, type: "IGApiException"), "account_not_eligible"),
        .init(.readProfile, .ok(#"{"id":"1","user_id":"2","account_type":"PERSONAL"}"#), "account_not_eligible"),
        .init(.readProfile, graph(10), "permission_missing"), .init(.refreshToken, graph(10), "permission_missing"),
        .init(
            .refreshToken, .ok(#"{"access_token":"x","expires_in":5000000,"permissions":"instagram_business_basic"}"#),
            "permission_missing"),
        .init(
            .refreshToken,
            .ok(#"{"access_token":"x","expires_in":5000000,"permissions":["instagram_business_manage_messages"]}"#),
            "permission_missing"),
        .init(.readProfile, .ok("{}"), "user_info_failed", 502),
        .init(.readProfile, .graph(500, code: 2), "provider_unavailable", 503),
        .init(.refreshToken, .graph(500, code: 2), "provider_unavailable", 503),
        .init(.refreshToken, graph(98_765), "provider_unavailable", 503),
        .init(.refreshToken, .ok("{}"), "provider_unavailable", 503),
    ]

    @Test(
        "What Instagram refuses is refused with its reason, changes nothing, says nothing of the app, and is not remembered",
        arguments: refusals)
    func refused(refusal: Refusal) async throws {
        let shop = try Shop.forAgents()
        for _ in 0..<2 * AppHealth.alike {
            shop.instagram.answer(refusal.call, .success(refusal.reply))
            let answer = await shop.importToken()
            #expect(answer.status.code == refusal.status, "\(answer.text)")
            #expect((answer.reason ?? answer.errorCode) == refusal.word)
            #expect((answer.errorCode == "token_refused") == (answer.reason != nil))
            #expect((answer.json["message"] as? String)?.hasSuffix(".") == true)
        }
        #expect(try shop.userRows().isEmpty && shop.committed("SELECT * FROM events").isEmpty)
        #expect(try shop.committed("SELECT * FROM audit").isEmpty)
        #expect(!shop.site.renewals.isAppToBlame && shop.site.renewals.appWait() == nil)
        let calls = refusal.call == .readProfile ? 1 : 2
        #expect(shop.instagram.calls.count == 2 * AppHealth.alike * calls)
        #expect(await shop.importToken().status == .ok, "tried anew")
    }

    @Test("Each reason has a sentence, and is what the description lists")
    func reasons() async throws {
        let described = await (try Shop()).answer(.making(.get, Route.openAPI)).text
        for refusal in TokenRefusal.allCases {
            #expect(refusal.message.hasSuffix(".") && described.contains(refusal.rawValue))
        }
        #expect(Set(TokenRefusal.allCases.map(\.message)).count == TokenRefusal.allCases.count)
        let lost = Loss.allCases.map(\.rawValue)
        #expect(
            Set(TokenRefusal.allCases.map(\.rawValue)).subtracting(lost) == ["not_renewable", "foreign"],
            "the others are words of the status")
    }

    @Test("An account that is connected here by another app-scoped id shows a token of another app")
    func otherApp() async throws {
        let shop = try Shop.forAgents()
        await shop.connect("anna")
        let before = try shop.userRows()
        shop.instagram.answer(
            .readProfile, .success(.ok(#"{"id":"77","user_id":17841458366137975,"username":"acme_shop"}"#)))
        let answer = await shop.importToken()
        #expect(answer.status == .unprocessableContent && answer.reason == "foreign")
        #expect(try shop.userRows() == before && shop.instagram.count(.refreshToken) == 0)
        // Instagram does not have to tell it.
        shop.instagram.answer(.readProfile, .success(.ok(#"{"user_id":17841458366137975}"#)))
        #expect(await shop.importToken().status == .ok)
    }

    @Test("Whose account it may be is as with a connection, and a token that is refused for it is not renewed")
    func owners() async throws {
        let shop = try Shop.forAgents()
        await shop.connect("anna", account: "17841400000000001")
        await shop.connect("berta", account: "17841400000000002")
        let before = try shop.userRows()
        let mismatch = await shop.importToken(for: "anna")
        #expect(mismatch.status == .conflict && mismatch.errorCode == "account_mismatch")
        let inUse = await shop.importToken(for: "anna", switching: true)
        #expect(inUse.status == .conflict && inUse.errorCode == "account_in_use")
        #expect(try shop.userRows() == before && shop.instagram.count(.refreshToken) == 0)

        shop.instagram.account = "17841400000000003"
        #expect(await shop.importToken(for: "anna").errorCode == "account_mismatch")
        #expect(await shop.importToken(for: "anna", switching: true).status == .ok)
        #expect(try shop.userRows()[0]["instagram_user_id"] == "17841400000000003")
        shop.instagram.account = "17841400000000002"
        #expect(await shop.importToken("IGAA_newer", for: "berta").status == .ok, "the same account, another token")
    }

    @Test("A token whose scopes or end Instagram does not say is kept, for as long as it takes to ask")
    func unstated() async throws {
        let shop = try Shop.forAgents()
        shop.instagram.answer(.refreshToken, .success(.ok(#"{"access_token":"x"}"#)))
        let answer = await shop.importToken()
        #expect(answer.status == .ok && answer.json["scopes"] is String == false)
        #expect(try shop.userRows()[0]["token_expires_at"] == Shop.begin.seconds + 2 * 86_400)
    }

    @Test("An answer, the journal and the database have no byte of a token, whatever comes of it")
    func canaries() async throws {
        let shop = try Shop.forAgents()
        var answers = [await shop.importToken(), await shop.importToken("IGAA_\(Shop.importedToken)", for: "b")]
        let outcomes: [Result<Reply, TransportFailure>] = [
            .success(.graph(400, code: 190)), .success(.graph(500, code: 2)), .failure(.deadline),
            .success(.graph(403, code: 80_002)), .success(.ok("{}")),
        ]
        for call in [Call.Name.readProfile, .refreshToken] {
            for outcome in outcomes {
                shop.instagram.answer(call, outcome)
                answers.append(await shop.importToken("IGAA_\(answers.count)_canary", for: "c"))
            }
        }
        answers.append(await shop.ask("/agent/v1/users/anna/import", .post, body: "access_token=canary"))
        let lines = shop.log.lines.joined(separator: "\n")
        #expect(lines.contains("import failed") && lines.contains("imported") && !lines.contains("canary"))
        #expect(answers.allSatisfy { !$0.everything.contains("canary") })
        for table in ["flows", "users", "audit", "events"] {
            for row in try shop.committed("SELECT * FROM \(table)") { #expect(!"\(row)".contains("canary")) }
        }
    }
}
