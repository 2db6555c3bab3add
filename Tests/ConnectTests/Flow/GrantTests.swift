// SPDX-License-Identifier: MIT
import Connect
import GRDB
import HTTPTypes
import Instagram
import Testing

@Suite struct GrantTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let call: Call.Name
        let answer: Result<Reply, TransportFailure>
        let error: String
        let status: Int
        var retryAfter: String?
        var calls: [Call.Name]?

        init(
            _ call: Call.Name, _ answer: Result<Reply, TransportFailure>, _ error: String, _ status: Int,
            retryAfter: String? = nil
        ) {
            (self.call, self.answer, self.error, self.status) = (call, answer, error, status)
            self.retryAfter = retryAfter
        }

        var testDescription: String { "\(call) \(answer) -> \(error)" }
    }

    private static func limit(_ code: Int, _ headers: HTTPFields) -> Result<Reply, TransportFailure> {
        let graph = Reply.graph(400, code: code)
        return .success(Reply(status: 400, headers: headers, body: graph.body))
    }

    private static let usage: HTTPFields = [
        HTTPField.Name("X-Business-Use-Case-Usage")!: #"{"1":[{"estimated_time_to_regain_access":19}]}"#
    ]

    static let rows: [Row] =
        Call.Name.ofFlow.flatMap { call -> [Row] in
            let final = call == .readProfile ? "user_info_failed" : "token_exchange_failed"
            return [
                Row(call, .failure(.deadline), "provider_unavailable", 504),
                Row(call, .failure(.unconnected), "provider_unavailable", 504),
                Row(call, .failure(.tooLarge), "provider_unavailable", 503),
                Row(call, .failure(.stopped), "interrupted", 502),
                Row(call, .failure(.busy), "busy", 503),
                Row(call, limit(4, [:]), "provider_unavailable", 503),
                Row(call, limit(80002, usage), "provider_unavailable", 503, retryAfter: "1140"),
                Row(call, limit(17, [.retryAfter: "30"]), "provider_unavailable", 503, retryAfter: "30"),
                Row(call, .success(.graph(400, code: 190)), final, 502),
                Row(call, .success(.graph(400, code: 190, subcode: 459)), final, 502),
                Row(call, .success(.graph(400, code: 190, subcode: 463)), final, 502),
                Row(call, .success(.graph(400, code: 101)), final, 502),
                Row(call, .success(.graph(400, code: 10)), "permission_missing", 422),
                Row(call, .success(.graph(403, code: 200)), "permission_missing", 422),
                Row(call, .success(.graph(400, code: 100, type: "IGApiException")), "account_not_eligible", 422),
                Row(call, .success(.flatRefusal), final, 502),
            ]
        } + [
            Row(.exchangeCode, .failure(.broken("reset")), "provider_unavailable", 503),
            Row(.exchangeCode, .success(.ok("<html>")), "provider_unavailable", 503),
            Row(.exchangeCode, .success(.graph(500, code: 2)), "provider_unavailable", 503),
            Row(.exchangeCode, .success(.graph(400, code: 98_765)), "provider_unavailable", 503),
            Row(.exchangeCode, .success(.graph(400, code: 1)), "token_exchange_failed", 502),
            Row(.extendToken, .success(.graph(400, code: 1)), "token_exchange_failed", 502),
        ]

    @Test(
        "each way to fail has its code, status and Retry-After, and ends at that call (checklist 47, 49)",
        arguments: rows)
    func failure(row: Row) async throws {
        let shop = try Shop()
        shop.instagram.answer(row.call, row.answer)
        var browser = Browser()
        let answer = await shop.connect(&browser)
        #expect(answer.json["error"] as? String == row.error && answer.status.code == row.status)
        #expect(answer.fields[.retryAfter] == row.retryAfter)
        #expect(Set(answer.json.keys) == ["status", "error", "message", "request_id"])
        #expect(answer.json["request_id"] as? String == Request.id)
        #expect(!answer.everything.contains("canary"))
        let all = Call.Name.ofFlow
        #expect(shop.instagram.names == Array(all.prefix(all.firstIndex(of: row.call)! + 1)))
        #expect(try shop.committed("SELECT * FROM users").isEmpty && answer.cookies.isEmpty)
        #expect(!shop.log.lines.joined().contains("canary"))
    }

    @Test(
        "extending and reading are tried once more after a stumble",
        arguments: [Call.Name.extendToken, .readProfile],
        [
            Result<Reply, TransportFailure>.failure(.broken("reset")), .success(.graph(500, code: 2)),
            .success(Reply(status: 502, headers: [:], body: Array("<html>".utf8))), .success(.ok("{}")),
            .success(.graph(400, code: 98_765)), .success(.graph(400, code: 10, subcode: 2_534_022)),
        ])
    func stumble(name: Call.Name, answer: Result<Reply, TransportFailure>) async throws {
        let shop = try Shop()
        shop.instagram.answer(name, answer)
        var browser = Browser()
        #expect(await shop.connect(&browser).status == .ok)
        #expect(shop.instagram.count(name) == 2 && shop.instagram.calls.count == 4)

        shop.instagram.answer(name, answer, answer)
        var other = Browser()
        #expect(await shop.connect(&other).json["status"] as? String == "error")
        #expect(shop.instagram.count(name) == 4, "twice, and no more")
    }

    @Test("a permission that is missing drops the new token; an existing connection stays")
    func permissionMissing() async throws {
        let shop = try Shop()
        var browser = Browser()
        await shop.connect(&browser)
        let before = try shop.committed("SELECT * FROM users")
        let grants = [
            (#"["instagram_business_basic"]"#, "manage messages"),
            (#""instagram_business_manage_messages""#, "see the account's profile"),
            (#"["other"]"#, "see the account's profile"), ("[]", "see the account's profile"),
        ]
        for (permissions, missing) in grants {
            shop.instagram.answer(.exchangeCode, .success(.ok(#"{"access_token":"T","permissions":\#(permissions)}"#)))
            let calls = shop.instagram.calls.count
            let answer = await shop.connect(&browser)
            #expect(answer.status.code == 422 && answer.json["error"] as? String == "permission_missing")
            #expect((answer.json["message"] as? String)?.contains(missing) == true, "which one, it says")
            #expect(shop.instagram.calls.count == calls + 1, "it ends with the exchange")
        }
        #expect(try shop.committed("SELECT * FROM users") == before)
        #expect(await shop.status(browser).json["state"] as? String == "connected")
    }

    @Test(
        "an answer without permissions means unknown, not missing",
        arguments: ["", #","permissions":null"#, #","permissions":7"#, #","permissions":"""#])
    func permissionsUnknown(member: String) async throws {
        let shop = try Shop()
        shop.instagram.answer(.exchangeCode, .success(.ok(#"{"access_token":"T"\#(member)}"#)))
        var browser = Browser()
        #expect(await shop.connect(&browser).status == .ok)
        #expect(await shop.status(browser).text.contains(#""scopes":null"#))
    }

    @Test("messages are needed only where they were asked for (checklist 22)")
    func basicOnly() async throws {
        let shop = try Shop(scopes: [Scope.basic])
        shop.instagram.answer(
            .exchangeCode, .success(.ok(#"{"access_token":"T","permissions":["instagram_business_basic"]}"#)))
        var browser = Browser()
        #expect(await shop.connect(&browser).status == .ok)
    }

    @Test("a personal account connects nothing")
    func personal() async throws {
        let shop = try Shop()
        shop.instagram.answer(.readProfile, .success(.ok(#"{"user_id":"1","account_type":"Personal"}"#)))
        var browser = Browser()
        let answer = await shop.connect(&browser)
        #expect(answer.status.code == 422 && answer.json["error"] as? String == "account_not_eligible")
        #expect(try shop.committed("SELECT * FROM users").isEmpty)
    }

    @Test("whose token it is says the profile, never the exchange (checklist 19)")
    func accountID() async throws {
        let shop = try Shop()
        let anonymous = Reply.ok(#"{"id":"27640875392278831","username":"x"}"#)
        shop.instagram.answer(.readProfile, .success(anonymous), .success(anonymous))
        var browser = Browser()
        #expect(await shop.connect(&browser).json["error"] as? String == "user_info_failed")
    }

    @Test("the life of a token runs from the exchange; one that is not stated is short")
    func expiry() async throws {
        let shop = try Shop()
        var browser = Browser()
        await shop.connect(&browser)
        let row = try #require(
            try shop.committed("SELECT token_issued_at AS i, token_expires_at AS e FROM users").first)
        #expect(row["i"] == Shop.begin.seconds && row["e"] == Shop.begin.seconds + 5_183_944)
        shop.instagram.answer(.extendToken, .success(.ok(#"{"access_token":"T"}"#)))
        await shop.connect(&browser)
        let unstated = try #require(try shop.committed("SELECT token_expires_at AS e FROM users").first)
        #expect(unstated["e"] == Shop.begin.seconds + 2 * 86_400)
    }
}
