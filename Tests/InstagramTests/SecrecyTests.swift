// SPDX-License-Identifier: MIT
import HTTPTypes
import Instagram
import Testing
import Vault

@Suite struct SecrecyTests {
    private static let canary = "hunter2"

    private static func printed(_ value: Any) -> String {
        "\(value)" + String(describing: value) + String(reflecting: value)
    }

    @Test("a call prints its name and nothing else (checklist 34)")
    func calls() async throws {
        let app = App(id: "1", secret: AppSecret(utf8: Self.canary), redirectURI: "https://x.example/cb")
        let instagram = Answering(#"{"access_token":"T","user_id":"1","data":[],"success":true}"#)
        _ = try await instagram.api(app).exchange(AuthorizationCode(utf8: Self.canary))
        _ = try await instagram.api(app).extend(ShortLivedToken(utf8: Self.canary))
        _ = try await instagram.api(app).profile(LongLivedToken(utf8: Self.canary))
        _ = try await instagram.api(app).refresh(LongLivedToken(utf8: Self.canary))
        _ = try await instagram.api(app).subscribedFields(LongLivedToken(utf8: Self.canary))
        try await instagram.api(app).subscribe(LongLivedToken(utf8: Self.canary), to: ["messages"])
        try await instagram.api(app).unsubscribe(LongLivedToken(utf8: Self.canary))
        #expect(
            instagram.calls.map(\.description) == [
                "exchange-code", "extend-token", "read-profile", "refresh-token", "read-subscription", "subscribe",
                "unsubscribe",
            ])
        for call in instagram.calls {
            #expect(call.text.contains(Self.canary))
            var dumped = ""
            dump(call, to: &dumped)
            #expect(!(Self.printed(call) + dumped).contains(Self.canary))
            #expect(!call.url.contains(Self.canary))
        }
    }

    @Test("a reply and a grant print no byte of the body (checklist 34)")
    func replies() async throws {
        let body = #"{"access_token":"\#(Self.canary)"}"#
        let reply = Reply(status: 200, headers: [:], body: Array(body.utf8))
        #expect(Self.printed(reply).hasPrefix("200, \(body.utf8.count) bytes"))
        let instagram = Answering(reply)
        #expect(!Self.printed(try await instagram.exchange()).contains(Self.canary))
        #expect(!Self.printed(try await instagram.extend()).contains(Self.canary))
        #expect(!Self.printed(try await instagram.refresh()).contains(Self.canary))
    }

    @Test(
        "a failure prints no byte of the answer (checklist 34)",
        arguments: [
            #"{"error":{"message":"hunter2","type":"hunter2","code":190,"fbtrace_id":"hunter2"}}"#,
            #"{"error_type":"hunter2","code":400,"error_message":"hunter2"}"#, "hunter2",
            #"{"access_token":"hunter2 "}"#,
        ])
    func failures(body: String) async {
        for status in [200, 400, 502] {
            do throws(InstagramFailure) {
                _ = try await Answering(status, body).exchange()
                #expect(Bool(false), "no failure")
            } catch {
                #expect(!Self.printed(error).contains(Self.canary))
            }
        }
    }
}
