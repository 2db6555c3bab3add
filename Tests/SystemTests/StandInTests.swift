// SPDX-License-Identifier: MIT
import Instagram
import Testing
import Transfer
import Vault

@testable import ig_shop_auth

/// The calls of a token's later life, by the program's own transport, against the stand-in behind nginx.
@Suite(.serialized, .stage(Stage.Options(settings: ["META_WEBHOOK_FIELDS": "none"])))
struct StandInTests {
    private let stage = Stage.current!
    private let token: LongLivedToken
    private static let day = 86_400

    init() async throws {
        try await stage.standIn.reset()
        _ = try await stage.connect(Browser())
        token = LongLivedToken(utf8: try #require(try await stage.standIn.tokens().last).accessToken)
    }

    @Test("A refresh gives another token, its life and its permissions, and is a GET whose query is all there is (7.4)")
    func refresh() async throws {
        try await stage.standIn.set(#"{"clock_offset": \#(Self.day)}"#)
        try await withInstagram { instagram in
            let grant = try await instagram.refresh(token)
            #expect(grant.token != token && grant.expiresIn == 5_127_758)
            #expect(grant.scopes == [Scope.basic, Scope.messages])
            #expect(try await instagram.profile(grant.token).username == "acme_shop")
            #expect(try await instagram.profile(token).username == "acme_shop", "the old one is good still")

            try await stage.standIn.set(#"{"refresh_same_token": true, "refresh_permissions": false}"#)
            let same = try await instagram.refresh(token)
            #expect(same.token == token && same.scopes == nil)
            let young = await verdict { _ = try await instagram.refresh(token) }
            #expect(young == .notEligible, "a day begins anew")
        }
        #expect(
            try await stage.standIn.parameters("refresh-token").allSatisfy { $0 == ["grant_type", "access_token"] })
    }

    @Test("A token is refreshed from its first day on and until it ends, and not before or after")
    func ages() async throws {
        try await withInstagram { instagram in
            for (age, expected) in [
                (Self.day - 60, Verdict.notEligible), (Self.day, nil), (5_183_944 - 60, nil),
                (5_183_944, .dead(.expired)),
            ] {
                try await stage.standIn.set(#"{"clock_offset": \#(age)}"#)
                let verdict = await verdict { _ = try await instagram.refresh(token) }
                #expect(verdict == expected, "\(age) s")
            }
            try await stage.standIn.set(#"{"subcodes": false, "dead_status": 401}"#)
            let verdict = await verdict { _ = try await instagram.refresh(token) }
            #expect(verdict == .dead(.revoked))
        }
    }

    @Test("Subscribing is a POST without a body; it replaces what was there, and is read back (7.6)")
    func subscription() async throws {
        try await withInstagram { instagram in
            try await instagram.subscribe(token, to: ["comments"])
            #expect(try await instagram.subscribedFields(token) == ["comments"])
            try await instagram.subscribe(token, to: ["messages", "comments"])
            try await instagram.subscribe(token, to: ["messages", "comments"])
            #expect(try await instagram.subscribedFields(token) == ["messages", "comments"])
            try await stage.standIn.fail("subscribed-apps", "not-subscribed")
            let refused = await verdict { try await instagram.subscribe(token, to: ["messages"]) }
            #expect(refused == .incomplete)
        }
        #expect(
            try await stage.standIn.parameters("subscribed-apps") == [
                ["subscribed_fields", "access_token"], ["access_token"], ["subscribed_fields", "access_token"],
                ["subscribed_fields", "access_token"], ["access_token"], ["subscribed_fields", "access_token"],
            ])
    }

    @Test("Unsubscribing is a DELETE without a body; it leaves nothing, also where there was nothing")
    func unsubscription() async throws {
        try await withInstagram { instagram in
            try await instagram.unsubscribe(token)
            try await instagram.subscribe(token, to: ["messages", "comments"])
            try await stage.standIn.fail("unsubscribe", "not-subscribed", count: 1)
            let refused = await verdict { try await instagram.unsubscribe(token) }
            #expect(refused == .incomplete)
            #expect(try await instagram.subscribedFields(token) == ["messages", "comments"])
            try await instagram.unsubscribe(token)
            #expect(try await instagram.subscribedFields(token) == [])

            try await instagram.subscribe(token, to: ["messages"])
            try await stage.standIn.fail("unsubscribe", "drop-after-success")
            await #expect(throws: InstagramFailure.self) { try await instagram.unsubscribe(token) }
            #expect(try await instagram.subscribedFields(token) == [], "it may have been done all the same")
            try await stage.standIn.fail("unsubscribe", "app-removed")
            #expect(await verdict { try await instagram.unsubscribe(token) } == .dead(.removed))
        }
        let calls = try await stage.standIn.parameters("unsubscribe")
        // What was dropped may have been sent again.
        #expect(calls.count >= 5 && calls.allSatisfy { $0 == ["access_token"] })
    }

    /// An error by its numbers, and what it means.
    struct Numbered: Sendable, CustomTestStringConvertible {
        let error: String
        let verdict: Verdict
        var testDescription: String { error }

        init(_ error: String, _ verdict: Verdict) { (self.error, self.verdict) = (error, verdict) }
    }

    @Test(
        "Each error of the table can be had at a refresh and at a subscription, and is understood there",
        arguments: [
            Numbered(#""code": 1"#, .unavailable), Numbered(#""code": 2, "is_transient": true"#, .unavailable),
            Numbered(#""code": 3"#, .refused), Numbered(#""code": 100"#, .refused),
            Numbered(#""code": 100, "type": "IGApiException""#, .notEligible),
            Numbered(#""code": 101"#, .misconfigured),
            Numbered(#""code": 4, "status": 403, "is_transient": true"#, .limited(.app, seconds: nil)),
            Numbered(#""code": 341"#, .limited(.app, seconds: nil)),
            Numbered(#""code": 17, "status": 403"#, .limited(.account, seconds: nil)),
            Numbered(#""code": 32"#, .limited(.account, seconds: nil)),
            Numbered(#""code": 613, "subcode": 2534040"#, .limited(.account, seconds: nil)),
            Numbered(#""code": 80002, "regain_minutes": 19"#, .limited(.account, seconds: 1_140)),
            Numbered(#""code": 80006, "regain_minutes": 1"#, .limited(.account, seconds: 60)),
            Numbered(#""code": 368"#, .limited(.account, seconds: nil)),
            Numbered(#""code": 10"#, .permissionMissing), Numbered(#""code": 200"#, .permissionMissing),
            Numbered(#""code": 299, "status": 403"#, .permissionMissing),
            Numbered(#""code": 10, "subcode": 2534022"#, .unavailable),
            Numbered(#""code": 10, "subcode": 1893063"#, .limited(.account, seconds: nil)),
            Numbered(#""code": 200, "subcode": 2534041"#, .unavailable), Numbered(#""code": 551"#, .unavailable),
            Numbered(#""code": 102"#, .dead(.revoked)), Numbered(#""code": 190"#, .dead(.revoked)),
            Numbered(#""code": 452"#, .dead(.revoked)), Numbered(#""code": 190, "subcode": 458"#, .dead(.removed)),
            Numbered(#""code": 190, "subcode": 459"#, .checkpoint),
            Numbered(#""code": 190, "subcode": 460, "status": 401"#, .dead(.passwordChanged)),
            Numbered(#""code": 190, "subcode": 463"#, .dead(.expired)),
            Numbered(#""code": 190, "subcode": 464"#, .checkpoint),
            Numbered(#""code": 190, "is_transient": true"#, .unavailable), Numbered(#""code": 98765"#, .unknown),
        ])
    func numbered(_ row: Numbered) async throws {
        let faults = ["refresh-token", "subscribed-apps"].map { #"{"endpoint": "\#($0)", "error": {\#(row.error)}}"# }
        try await stage.standIn.set(#"{"faults": [\#(faults.joined(separator: ","))]}"#)
        try await withInstagram { instagram in
            let verdicts = [
                await verdict { _ = try await instagram.refresh(token) },
                await verdict { _ = try await instagram.subscribedFields(token) },
                await verdict { try await instagram.subscribe(token, to: ["messages"]) },
            ]
            #expect(verdicts == [row.verdict, row.verdict, row.verdict])
        }
    }

    @Test(
        "What lies between reaches these calls too, and latency does",
        arguments: [
            ("html-502", Verdict.unavailable), ("html-200", .unintelligible), ("garbage-json", .unintelligible),
            ("empty-200", .unintelligible), ("transient", .unavailable),
        ])
    func between(kind: String, expected: Verdict) async throws {
        try await stage.standIn.set(
            #"""
            {"faults": [{"endpoint": "refresh-token", "kind": "\#(kind)", "latency_ms": 20},
            {"endpoint": "subscribed-apps", "kind": "\#(kind)", "latency_ms": 20}]}
            """#)
        try await withInstagram { instagram in
            let began = ContinuousClock.now
            let verdicts = [
                await verdict { _ = try await instagram.refresh(token) },
                await verdict { _ = try await instagram.subscribedFields(token) },
                await verdict { try await instagram.subscribe(token, to: ["messages"]) },
            ]
            #expect(verdicts == [expected, expected, expected])
            #expect(began.duration(to: .now) >= .milliseconds(60))
        }
    }

    @Test("A fault that means nothing is refused")
    func meaningless() async throws {
        for fault in [
            #""endpoint": "refresh-token", "kind": "not-subscribed""#,
            #""endpoint": "refresh-token", "kind": "expired", "error": {"code": 190}"#,
            #""endpoint": "refresh-token", "error": {}"#,
            #""endpoint": "refresh-token", "error": {"code": 190, "status": 99}"#,
            #""endpoint": "refresh-token", "error": {"code": 190, "sub_code": 460}"#,
            #""endpoint": "authorize", "error": {"code": 190}"#,
        ] {
            await #expect(throws: Missing.self) { try await stage.standIn.set(#"{"faults": [{\#(fault)}]}"#) }
        }
    }
}

extension StandInTests {
    /// Calls by the program's own transport, which ends with them.
    private func withInstagram(_ body: (InstagramAPI) async throws -> Void) async throws {
        let transfer = Transfer(limits: TransferLimits(allowsPlainHTTP: true))
        async let running: Void = transfer.run()
        defer { transfer.stop() }
        var hosts = App.Hosts()
        (hosts.www, hosts.api, hosts.graph) = (stage.standIn.url, stage.standIn.url, stage.standIn.url)
        let app = App(
            id: "990602627938098", secret: AppSecret(utf8: Stage.appSecret), redirectURI: stage.callback, hosts: hosts)
        try await body(InstagramAPI(app: app, transport: .live(crowd: transfer, alone: transfer)))
        transfer.stop()
        try await running
    }

    /// nil for a success.
    private func verdict(_ call: () async throws -> Void) async -> Verdict? {
        do {
            try await call()
            return nil
        } catch InstagramFailure.answer(_, _, _, _, let verdict) {
            return verdict
        } catch {
            Issue.record("\(error)")
            return nil
        }
    }
}
