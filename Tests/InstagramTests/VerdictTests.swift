// SPDX-License-Identifier: MIT
import Instagram
import Testing

@Suite struct VerdictTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let status: Int
        let code: Int
        var subcode: Int?
        var type = "OAuthException"
        var isTransient: Bool?
        var calls = Call.Name.allCases
        let verdict: Verdict

        var testDescription: String { "\(status) \(code)/\(subcode.map(String.init) ?? "-") \(type) -> \(verdict)" }

        var body: String {
            let more = [
                subcode.map { "\"error_subcode\":\($0)" }, isTransient.map { "\"is_transient\":\($0)" },
            ].compactMap(\.self).map { "," + $0 }.joined()
            return #"{"error":{"message":"m","type":"\#(type)","code":\#(code)\#(more),"fbtrace_id":"A"}}"#
        }
    }

    private static let limits: [(Int, Verdict.Limit)] = [
        (4, .app), (341, .app), (17, .account), (32, .account), (368, .account), (613, .account), (80002, .account),
        (80006, .account),
    ]

    /// What says nothing about a token: of messages (5.2), under codes that otherwise cost a connection.
    private static let passing: [(Int, Int?)] = [
        (10, 2_534_022), (10, 2_018_278), (200, 2_534_041), (100, 2_534_014), (100, 2_534_029), (551, nil),
        (551, 1_545_041),
    ]

    /// The table of error codes (instagram-api.md, 3.2), each row under the statuses that were seen.
    static let rows: [Row] = {
        var rows: [Row] = []
        for status in [400, 401, 403, 500] {
            for (code, limit) in limits {
                rows.append(
                    Row(status: status, code: code, isTransient: status == 500, verdict: .limited(limit, seconds: nil)))
            }
            for code in [613, 4] {
                let limit: Verdict.Limit = code == 4 ? .app : .account
                rows.append(
                    Row(status: status, code: code, subcode: 2_534_040, verdict: .limited(limit, seconds: nil)))
            }
            for code in [190, 102] {
                rows += [
                    Row(status: status, code: code, subcode: 458, verdict: .dead(.removed)),
                    Row(status: status, code: code, subcode: 459, verdict: .checkpoint),
                    Row(status: status, code: code, subcode: 460, verdict: .dead(.passwordChanged)),
                    Row(status: status, code: code, subcode: 463, verdict: .dead(.expired)),
                    Row(status: status, code: code, subcode: 464, verdict: .checkpoint),
                    Row(status: status, code: code, subcode: 467, verdict: .dead(.revoked)),
                    Row(status: status, code: code, subcode: 492, verdict: .dead(.revoked)),
                    Row(status: status, code: code, verdict: .dead(.revoked)),
                ]
            }
            for code in [10, 200, 203, 299] {
                rows.append(Row(status: status, code: code, verdict: .permissionMissing))
            }
            for code in [3, 100] { rows.append(Row(status: status, code: code, verdict: .refused)) }
            rows += [
                Row(status: status, code: 101, verdict: .misconfigured),
                Row(status: status, code: 452, verdict: .dead(.revoked)),
                Row(status: status, code: 100, type: "IGApiException", verdict: .notEligible),
                Row(status: status, code: 190, type: "IGApiException", verdict: .dead(.revoked)),
                Row(status: status, code: 2, isTransient: true, verdict: .unavailable),
                Row(status: status, code: 2, verdict: .unavailable),
                Row(status: status, code: 1, isTransient: true, verdict: .unavailable),
                Row(status: status, code: 1, calls: Call.Name.secretless, verdict: .unavailable),
                Row(
                    status: status, code: 1, calls: Call.Name.secretive,
                    verdict: status < 500 ? .misconfigured : .unavailable),
            ]
            for code in [0, -1, 5, 199, 300, 999_999] {
                rows.append(Row(status: status, code: code, verdict: .unknown))
            }
            rows += passing.map { Row(status: status, code: $0, subcode: $1, verdict: .unavailable) }
            rows.append(
                Row(status: status, code: 10, subcode: 1_893_063, verdict: .limited(.account, seconds: nil)))
            for code in [190, 102, 452, 10, 200, 203, 299, 100, 3, 101] {
                for (subcode, type) in [(459, "OAuthException"), (nil, "OAuthException"), (nil, "IGApiException")] {
                    rows.append(
                        Row(
                            status: status, code: code, subcode: subcode, type: type, isTransient: true,
                            verdict: .unavailable))
                }
            }
        }
        return rows
    }()

    @Test("codes decide, whatever the status (3.2)", arguments: rows)
    func graph(row: Row) async {
        for call in row.calls {
            #expect(await Answering(row.status, row.body).verdict(of: call) == row.verdict)
        }
    }

    @Test("an error that comes as a success is still an error")
    func errorWithStatus200() async {
        #expect(await Answering(200, Self.rows[0].body).verdict(of: .readProfile) == .limited(.app, seconds: nil))
        let flat = #"{"error_type":"OAuthException","code":400,"error_message":"Invalid authorization code"}"#
        #expect(await Answering(200, flat).verdict(of: .exchangeCode) == .refused)
    }

    @Test("the flat shape's code repeats the status: 190 in it is no dead token (3.1)")
    func flatCode() async {
        let body = #"{"error_type":"OAuthException","code":190,"error_message":"m"}"#
        #expect(await Answering(400, body).verdict(of: .exchangeCode) == .refused)
        #expect(await Answering(500, body).verdict(of: .exchangeCode) == .unavailable)
        #expect(await Answering(400, #"{"error_message":"m"}"#).verdict(of: .exchangeCode) == .refused)
        for call in [Call.Name.refreshToken, .readSubscription, .subscribe, .unsubscribe] {
            #expect(await Answering(400, body).verdict(of: call) == .unknown, "not where this shape is known")
            #expect(await Answering(500, body).verdict(of: call) == .unavailable)
        }
    }

    @Test("a code is a number, also where it comes as a text; and so is a sub-code")
    func codesAsText() async {
        func answer(_ code: String, _ more: String = "") -> Answering {
            Answering(400, #"{"error":{"message":"m","type":"OAuthException","code":\#(code)\#(more)}}"#)
        }
        #expect(await answer(#""190""#).verdict(of: .refreshToken) == .dead(.revoked))
        #expect(
            await answer(#""190""#, #","error_subcode":"460""#).verdict(of: .refreshToken) == .dead(.passwordChanged))
        #expect(await answer("190.0").verdict(of: .refreshToken) == .dead(.revoked))
        #expect(await answer(#""10""#, #","error_subcode":"2534022""#).verdict(of: .refreshToken) == .unavailable)
        #expect(await answer("190", #","is_transient":"true""#).verdict(of: .refreshToken) == .unavailable)
        for odd in [#""190 ""#, #""x""#, "190.5", "null", "[190]", #""""#] {
            #expect(await answer(odd).verdict(of: .refreshToken) == .unknown, "\(odd)")
        }
    }

    @Test("429 is a limit of the app, unless a code says whose it is or that something else is wrong")
    func tooMany() async {
        func verdict(_ code: String) async -> Verdict? {
            await Answering(429, #"{"error":{"message":"m","type":"OAuthException"\#(code)}}"#).verdict(
                of: .refreshToken)
        }
        for code in ["", #","code":98765"#, #","code":2"#, #","code":1"#, #","code":190,"is_transient":true"#] {
            #expect(await verdict(code) == .limited(.app, seconds: nil), "\(code)")
        }
        #expect(await verdict(#","code":17"#) == .limited(.account, seconds: nil))
        #expect(await verdict(#","code":190"#) == .dead(.revoked))
    }

    @Test(
        "fields of an error may be missing or odd",
        arguments: [
            #"{"error":{}}"#, #"{"error":{"code":null}}"#, #"{"error":{"code":"x","type":7}}"#,
            #"{"error":{"code":1e300,"error_subcode":[],"is_transient":"yes"}}"#, #"{"error":"invalid_grant"}"#,
            #"{"error":[]}"#, #"{"error":null}"#,
        ])
    func oddErrors(body: String) async {
        #expect(await Answering(400, body).verdict(of: .extendToken) == .unknown)
        #expect(await Answering(500, body).verdict(of: .extendToken) == .unavailable)
    }

    @Test(
        "a body that is no JSON is an outage under an error status, and nonsense under a success",
        arguments: [
            "", " ", "<html>bad gateway</html>", "null", "7", "\"x\"", "[]", "{", "{\"access_token\":\"T\"", "\u{0}",
            String(repeating: "[", count: 200_000), String(repeating: "{\"data\":", count: 50_000),
            #"{"data":"# + String(repeating: "[", count: 600) + String(repeating: "]", count: 600) + "}",
        ])
    func garbage(body: String) async {
        for call in Call.Name.allCases {
            #expect(await Answering(200, body).verdict(of: call) == .unintelligible)
            #expect(await Answering(302, body).verdict(of: call) == .unavailable)
            #expect(await Answering(502, body).verdict(of: call) == .unavailable)
        }
    }

    @Test(
        "a refusal that explains nothing spends the code of an exchange, and is an outage elsewhere",
        arguments: 400...428)
    func unexplained(status: Int) async {
        for body in ["", "<html>no</html>", #"{"x":1}"#] {
            #expect(await Answering(status, body).verdict(of: .exchangeCode) == .refused)
            for call in Call.Name.allCases where call != .exchangeCode {
                let verdict: Verdict = body.hasPrefix("{") ? .unknown : .unavailable
                #expect(await Answering(status, body).verdict(of: call) == verdict)
            }
        }
    }

    @Test("bytes that are no UTF-8 are no token")
    func invalidUTF8() async {
        let bytes = Array(#"{"access_token":"T"#.utf8) + [0xff, 0xfe] + Array(#""}"#.utf8)
        #expect(await Answering(bytes: bytes).verdict(of: .exchangeCode) == .incomplete)
    }

    @Test(
        "what the transport says is passed on",
        arguments: [TransportFailure.deadline, .broken("x"), .tooLarge, .stopped, .busy])
    func transport(failure: TransportFailure) async {
        await #expect(throws: InstagramFailure.transport(.exchangeCode, failure)) {
            _ = try await Answering(failing: failure).exchange()
        }
        await #expect(throws: InstagramFailure.transport(.readProfile, failure)) {
            _ = try await Answering(failing: failure).profile()
        }
    }

    @Test("a failure names the call, the status and the codes")
    func context() async {
        let limit = InstagramFailure.answer(
            .refreshToken, status: 403, code: 4, subcode: nil, .limited(.app, seconds: 60))
        #expect("\(limit)" == "refresh-token: 403, code 4, limited(app, 60 s)")
        let row = Row(status: 401, code: 190, subcode: 460, verdict: .dead(.passwordChanged))
        let failure = InstagramFailure.answer(
            .extendToken, status: 401, code: 190, subcode: 460, .dead(.passwordChanged))
        await #expect(throws: failure) { _ = try await Answering(401, row.body).extend() }
        #expect("\(failure)" == "extend-token: 401, code 190/460, dead(password_changed)")
    }
}
