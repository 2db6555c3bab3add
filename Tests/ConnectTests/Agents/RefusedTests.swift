// SPDX-License-Identifier: MIT
import GRDB
import HTTPTypes
import Instagram
import Testing

@testable import Connect

/// An agent says that a token does not work. Instagram decides.
@Suite struct RefusedTests {
    private static func verdict(_ answer: Answer) -> String {
        "\(answer.json["verdict"] as? String ?? answer.errorCode ?? "?") \(answer.json["state"] as? String ?? "-")"
    }

    /// A shop with `anna` connected, and her token's id; profiles are counted from here on.
    private static func connected(
        _ time: VirtualTime? = nil
    ) async throws -> (shop: Shop, id: String, calls: @Sendable () -> Int) {
        let shop = try Shop.forAgents(time: time)
        await shop.connect("anna")
        let id = try #require(await shop.token().tokenID)
        let before = shop.instagram.count(.readProfile)
        return (shop, id, { shop.instagram.count(.readProfile) - before })
    }

    @Test(
        "A report without a token_id, or with a garbled one, is 400, and Instagram is not asked",
        arguments: [
            "", "{}", "[]", "null", #"{"token_id":null}"#, #"{"token_id":5}"#, #"{"token_id":""}"#,
            #"{"token_id":"-1"}"#, #"{"token_id":"1.0"}"#, #"{"token_id":" 1"}"#, #"{"token_id":"x"}"#,
            #"{"token_id":"9999999999999999999999"}"#, #"{"token_id":"1"#, "token_id=1", "\u{0}",
        ])
    func garbage(body: String) async throws {
        let (shop, _, calls) = try await Self.connected()
        for type in [nil, "application/json", "text/plain", "application/x-www-form-urlencoded"] {
            if type == "application/x-www-form-urlencoded", body == "token_id=1" { continue }
            let answer = await shop.ask("/agent/v1/users/anna/token/refused", .post, type: type, body: body)
            #expect(answer.status == .badRequest && answer.errorCode == "invalid_request", "\(type ?? "no type")")
        }
        #expect(calls() == 0)
    }

    @Test(
        "A form twice or garbled is 400; a form is as good as JSON, by user and by account, whatever else stands in it")
    func forms() async throws {
        let (shop, id, calls) = try await Self.connected()
        let path = "/agent/v1/users/anna/token/refused"
        let form = "application/x-www-form-urlencoded"
        for body in ["token_id=\(id)&token_id=\(id)", "token_id=%zz", "token_id", "other=1", "token_id=%00"] {
            #expect(await shop.ask(path, .post, type: form, body: body).status == .badRequest, "\(body)")
        }
        let good = [
            (form, "token_id=\(id)&x=y"), ("Application/X-WWW-Form-Urlencoded; charset=utf-8", "token_id=\(id)"),
            ("application/json; charset=utf-8", #"{"a":[1],"token_id":"\#(id)"}"#),
        ]
        for (type, body) in good {
            for subject in ["users/anna", "accounts/17841458366137975"] {
                let answer = await shop.ask("/agent/v1/\(subject)/token/refused", .post, type: type, body: body)
                #expect(answer.status == .ok && answer.json.count == 3, "\(answer.text)")
                #expect(Self.verdict(answer) == "good connected")
            }
        }
        #expect(calls() == 1)
    }

    @Test("An older token's id is superseded, and costs no call")
    func superseded() async throws {
        let (shop, id, _) = try await Self.connected()
        await shop.connect("anna")
        let before = shop.instagram.calls.count
        for old in [id, "0", "999999"] {
            #expect(Self.verdict(await shop.report(old)) == "superseded connected")
        }
        #expect(shop.instagram.calls.count == before)
    }

    @Test("Only what Instagram says changes the state: good, unknown, dead")
    func verdicts() async throws {
        let time = VirtualTime()
        let (shop, id, calls) = try await Self.connected(time)
        #expect(Self.verdict(await shop.report(id)) == "good connected")
        let unsure: [Result<Reply, TransportFailure>] = [
            .success(.graph(500, code: 2)), .failure(.deadline), .success(.graph(400, code: 98_765)),
            .success(.graph(400, code: 190, subcode: 463)),
        ]
        let verdicts = ["unknown connected", "unknown connected", "unknown connected", "dead reconnect_required"]
        for (index, answer) in unsure.enumerated() {
            time.pass(.seconds(61))
            shop.instagram.answer(.readProfile, answer)
            #expect(Self.verdict(await shop.report(id)) == verdicts[index])
            #expect(calls() == index + 2)
        }
        time.pass(.seconds(61))
        #expect(Self.verdict(await shop.report(id)) == "dead reconnect_required")
        #expect(calls() == 5, "who is dead is not asked about")
        #expect(await shop.token().json["reason"] as? String == "expired")
        #expect(await shop.events().eventTypes == ["connected anna", "reconnect_required anna"])
    }

    @Test("1,000 reports at once are one call and one line in the audit; again within a minute none, after it one more")
    func crowd() async throws {
        let time = VirtualTime()
        let (shop, id, calls) = try await Self.connected(time)
        let held = shop.instagram.hold(.readProfile)
        let verdicts = await withTaskGroup(of: String.self) { group in
            for _ in 0..<1_000 { group.addTask { Self.verdict(await shop.report(id)) } }
            await held.arrived.wait()
            held.release.fire()
            return await group.reduce(into: [String]()) { $0.append($1) }
        }
        #expect(verdicts.count == 1_000 && Set(verdicts) == ["good connected"])
        func lines() throws -> [String] {
            try shop.committed("SELECT * FROM audit WHERE action = 'refused'").map { row in
                "\(row["user"] as String) \(row["agent"] as String) \(row["reason"] as String) \(row["generation"] as Int64)"
            }
        }
        #expect(calls() == 1)
        #expect(try lines() == ["anna bot good \(id)"])
        time.pass(.seconds(59))
        #expect(Self.verdict(await shop.report(id)) == "good connected")
        #expect(calls() == 1)
        time.pass(.seconds(2))
        #expect(Self.verdict(await shop.report(id)) == "good connected")
        #expect(calls() == 2)
        #expect(try lines().count == 2)
    }

    @Test("A new grant is asked about at once, though the old one was asked about a moment ago")
    func newGrant() async throws {
        let (shop, id, calls) = try await Self.connected()
        #expect(Self.verdict(await shop.report(id)) == "good connected")
        await shop.connect("anna")
        let next = try #require(await shop.token().tokenID)
        #expect(Self.verdict(await shop.report(next)) == "good connected")
        #expect(calls() == 3, "one for each report and one for the connection")
    }

    @Test("A verdict that cannot be stored is unknown, and the token stays as it was")
    func unwritable() async throws {
        let (shop, id, _) = try await Self.connected()
        try shop.execute("CREATE TRIGGER t BEFORE UPDATE ON users BEGIN SELECT RAISE(ABORT, 'no'); END")
        shop.instagram.answer(.readProfile, .success(.graph(400, code: 190, subcode: 460)))
        #expect(Self.verdict(await shop.report(id)) == "unknown connected")
        #expect(await shop.token().status == .ok)
    }
}
