// SPDX-License-Identifier: MIT
import Testing

/// Everything that Instagram may do wrong at each of the three calls, and what the visitor hears (checklist 47, 49).
@Suite(.serialized, .stage)
struct FailureTests {
    private let stage = Stage.current!

    init() async throws {
        try await stage.standIn.reset()
    }

    struct Fault: Sendable, CustomTestStringConvertible {
        let endpoint: String
        let kind: String
        let code: String
        let status: Int
        var testDescription: String { "\(endpoint) \(kind)" }
    }

    private static func faults(_ endpoint: String, _ code: String, _ status: Int, _ kinds: [String]) -> [Fault] {
        kinds.map { Fault(endpoint: endpoint, kind: $0, code: code, status: status) }
    }

    private static let broken = [
        "html-502", "html-200", "garbage-json", "empty-200", "huge", "drop", "drop-after-success", "transient",
        "throttled-app", "throttled-user", "throttled-business", "throttled-messages",
    ]
    private static let dead = ["already-long", "expired", "garbage-token", "password-changed", "app-removed"]
    private static let denied = ["permission-removed"]
    /// Of messages: no word about the token.
    private static let messages = ["window-closed", "dm-access-off", "unknown-user"]

    private static let table =
        faults("exchange-code", "provider_unavailable", 503, broken + messages)
        + faults(
            "exchange-code", "token_exchange_failed", 502,
            dead + [
                "code-used", "code-used-variant", "code-invalid", "redirect-mismatch", "wrong-client", "wrong-secret",
                "missing-field", "unknown-code",
            ])
        + faults("exchange-code", "permission_missing", 422, denied)
        + faults("exchange-code", "account_not_eligible", 422, ["unsupported-request"])
        + faults("extend-token", "provider_unavailable", 503, broken + messages + ["unknown-code"])
        + faults("extend-token", "token_exchange_failed", 502, dead + ["wrong-secret", "missing-field"])
        + faults("extend-token", "permission_missing", 422, denied)
        + faults("extend-token", "account_not_eligible", 422, ["unsupported-request"])
        + faults("read-profile", "provider_unavailable", 503, broken + messages + ["unknown-code", "wrong-secret"])
        + faults("read-profile", "user_info_failed", 502, dead + ["missing-field"])
        + faults("read-profile", "permission_missing", 422, denied)
        + faults("read-profile", "account_not_eligible", 422, ["unsupported-request"])

    @Test("Each failure has its code and status, keeps nothing and costs one exchange", arguments: table)
    func failure(_ fault: Fault) async throws {
        try await stage.standIn.fail(fault.endpoint, fault.kind)
        let browser = Browser()
        let callback = try await stage.consented(browser)
        let answer = try await browser.fetch(callback.request)
        #expect(answer.status == fault.status)
        #expect(answer.error?.error == fault.code)
        #expect(answer.header("retry-after") == (fault.kind == "throttled-business" ? "1140" : nil))
        #expect(try stage.kept.users().isEmpty)

        // Instagram is well again: the same callback has the same answer and sends nothing.
        try await stage.standIn.set(#"{"faults": []}"#)
        let before = try await stage.standIn.calls()
        let repeated = try await browser.fetch(callback.request)
        #expect(repeated.error?.error == fault.code)
        #expect((repeated.header("retry-after") != nil) == (fault.kind == "throttled-business"))
        let after = try await stage.standIn.calls()
        #expect(after.exchanges == 1 && before.extensions == after.extensions && before.profiles == after.profiles)
        #expect(after.repeatedCodes == 0)
    }
}
