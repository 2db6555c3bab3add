// SPDX-License-Identifier: MIT
import Testing

/// Every shape in which Instagram is known to answer connects.
@Suite(.serialized, .stage)
struct ShapeTests {
    private let stage = Stage.current!

    init() async throws {
        try await stage.standIn.reset()
    }

    @Test(
        "Every shape of a success connects, and ids keep all their digits",
        arguments: [
            #"{"token_shape": "A"}"#, #"{"token_shape": "B"}"#, #"{"token_shape": "C"}"#,
            #"{"user_id": "number"}"#, #"{"user_id": "string"}"#,
            #"{"permissions": "array"}"#, #"{"permissions": "string"}"#, #"{"permissions": "absent"}"#,
            #"{"me_shape": "wrapped"}"#, #"{"me_shape": "wrapped", "user_id": "number", "token_shape": "A"}"#,
            #"{"account_type_case": "title"}"#,
            #"{"me_omits": ["name", "account_type", "id"]}"#, #"{"me_omits": ["username"]}"#,
            #"{"subcodes": false}"#, #"{"dead_status": 401}"#, #"{"clock_offset": 86400}"#,
        ])
    func success(_ switches: String) async throws {
        try await stage.standIn.set(switches)
        let browser = Browser()
        let answer = try await stage.connect(browser)
        #expect(answer.status == 200)
        #expect(try answer.decoded(Account.self).instagramUserId == "17841458366137975")
        let row = try #require(try stage.kept.users().first)
        let issued = try await stage.standIn.tokens().last
        #expect(try row.token(stage.kept.keyring()) == issued?.accessToken)
        #expect((row.scopes == nil) == (switches.contains("absent") || switches.contains("\"C\"")))
        #expect(try await stage.standIn.calls().repeatedCodes == 0)
    }

    @Test("A title-case personal account is a personal account")
    func titleCase() async throws {
        try await stage.standIn.set(#"{"account_type_case": "title", "account": "private.person"}"#)
        #expect(try await stage.connect(Browser()).error?.error == "account_not_eligible")
    }

    @Test("A profile without its account id is no usable profile")
    func noAccountID() async throws {
        try await stage.standIn.set(#"{"me_omits": ["user_id"]}"#)
        let answer = try await stage.connect(Browser())
        #expect([502, 503].contains(answer.status))
        #expect(try await stage.standIn.calls().repeatedCodes == 0)
    }

    @Test(
        "One stumble after the exchange is survived by a second try, and the code is not sent again",
        arguments: ["extend-token", "read-profile"],
        ["html-502", "html-200", "garbage-json", "empty-200", "drop", "drop-after-success", "transient"])
    func stumble(_ endpoint: String, _ kind: String) async throws {
        try await stage.standIn.fail(endpoint, kind, count: 1)
        #expect(try await stage.connect(Browser()).status == 200)
        let calls = try await stage.standIn.calls()
        #expect(calls.exchanges == 1 && calls.repeatedCodes == 0)
        #expect(calls.extensions + calls.profiles == 3)
    }
}
