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

    /// The table of error codes (instagram-api.md, 3.2), each row under the statuses that were seen.
    static let rows: [Row] = {
        var rows: [Row] = []
        for status in [400, 401, 403, 500] {
            for code in [4, 17, 32, 341, 368, 613, 80002, 80006] {
                rows.append(
                    Row(status: status, code: code, isTransient: status == 500, verdict: .limited(seconds: nil)))
            }
            rows.append(Row(status: status, code: 613, subcode: 2_534_040, verdict: .limited(seconds: nil)))
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
            for code in [3, 100, 101] { rows.append(Row(status: status, code: code, verdict: .refused)) }
            rows += [
                Row(status: status, code: 452, verdict: .dead(.revoked)),
                Row(status: status, code: 100, type: "IGApiException", verdict: .notEligible),
                Row(status: status, code: 190, type: "IGApiException", verdict: .dead(.revoked)),
                Row(status: status, code: 2, isTransient: true, verdict: .unavailable),
                Row(status: status, code: 2, verdict: .unavailable),
                Row(status: status, code: 1, isTransient: true, verdict: .unavailable),
                Row(status: status, code: 1, calls: [.readProfile], verdict: .unavailable),
                Row(
                    status: status, code: 1, calls: [.exchangeCode, .extendToken],
                    verdict: status < 500 ? .refused : .unavailable),
            ]
            for code in [0, -1, 5, 199, 300, 999_999] {
                rows.append(Row(status: status, code: code, verdict: .unavailable))
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
        #expect(await Answering(200, Self.rows[0].body).verdict(of: .readProfile) == .limited(seconds: nil))
        let flat = #"{"error_type":"OAuthException","code":400,"error_message":"Invalid authorization code"}"#
        #expect(await Answering(200, flat).verdict(of: .exchangeCode) == .refused)
    }

    @Test("the flat shape's code repeats the status: 190 in it is no dead token (3.1)")
    func flatCode() async {
        let body = #"{"error_type":"OAuthException","code":190,"error_message":"m"}"#
        #expect(await Answering(400, body).verdict(of: .exchangeCode) == .refused)
        #expect(await Answering(500, body).verdict(of: .exchangeCode) == .unavailable)
        #expect(await Answering(400, #"{"error_message":"m"}"#).verdict(of: .exchangeCode) == .refused)
    }

    @Test(
        "fields of an error may be missing or odd",
        arguments: [
            #"{"error":{}}"#, #"{"error":{"code":null}}"#, #"{"error":{"code":"x","type":7}}"#,
            #"{"error":{"code":1e300,"error_subcode":[],"is_transient":"yes"}}"#, #"{"error":"invalid_grant"}"#,
            #"{"error":[]}"#, #"{"error":null}"#,
        ])
    func oddErrors(body: String) async {
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
            #expect(await Answering(status, body).verdict(of: .extendToken) == .unavailable)
            #expect(await Answering(status, body).verdict(of: .readProfile) == .unavailable)
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
        let row = Row(status: 401, code: 190, subcode: 460, verdict: .dead(.passwordChanged))
        let failure = InstagramFailure.answer(
            .extendToken, status: 401, code: 190, subcode: 460, .dead(.passwordChanged))
        await #expect(throws: failure) { _ = try await Answering(401, row.body).extend() }
    }
}
