// SPDX-License-Identifier: MIT
import Testing
import Transfer
import Vault

extension TransferTests {
    @Suite("Nothing secret prints (checklist 34)") struct Printing {
        @Test func aRequestPrintsItsPrintableHalfHoweverItIsPrinted() {
            let request = OutboundRequest(
                name: "extend-token", method: .get, url: "https://graph.example/access_token?url-secret",
                query: QueryString(utf8: "query-secret"), form: FormBody(utf8: "form-secret"),
                bearer: LongLivedToken(utf8: "bearer-secret"), headers: [("X", "header-secret")],
                body: Array("body-secret".utf8), replay: .safe)
            var dumped = ""
            dump(request, to: &dumped)
            let optional = "\(Optional(request) as Any)"
            for text in ["\(request)", String(reflecting: request), "\([request])", optional, dumped] {
                #expect(text.contains("extend-token: GET https://graph.example/access_token"))
                #expect(!text.contains("secret"))
            }
        }

        @Test func aReplyPrintsStatusAndSize() {
            let reply = OutboundReply(status: 200, headers: [("a", "header-secret")], body: Array("secret".utf8))
            var dumped = ""
            dump(reply, to: &dumped)
            for text in ["\(reply)", String(reflecting: reply), "\([reply])", dumped] {
                #expect(text.contains("status 200, 6 bytes"))
                #expect(!text.contains("secret") && !text.contains("115"))
            }
        }

        @Test func aFailurePrintsItsKindAndLibcurlsNumber() {
            #expect("\(TransferFailure.interrupted(code: 52))" == "interrupted (curl 52)")
        }
    }
}
