// SPDX-License-Identifier: MIT
import HTTPTypes
import Instagram
import Testing

@testable import Connect

@Suite struct EveryAnswerTests {
    /// An answer of each kind that there is.
    private static func all(_ shop: Shop) async throws -> [Answer] {
        let ours = ["Sec-Fetch-Site": "same-origin"]
        var answers: [Answer] = []
        for page in [false, true] {
            var browser = Browser()
            answers.append(await shop.start(&browser))
            for failure in [Reply.flatRefusal, .graph(400, code: 190), .ok("nonsense")] {
                shop.instagram.answer(.exchangeCode, .success(failure))
                answers.append(await shop.connect(&browser, page: page))
            }
            answers.append(await shop.connect(&browser, page: page))
            answers.append(await shop.callback(browser, state: "forged-canary", page: page))
            answers.append(await shop.callback(browser, state: nil, code: nil, page: page, more: "error=reflected"))
            let make = page ? Request.page : Request.json
            for path in [
                Route.start, Route.start + "?return_to=//x", Route.status, Route.settings, Route.openAPI,
                Route.callback, Route.connectScript,
                "/nowhere", Route.settings + "?instagram_error=busy",
            ] {
                for method in [HTTPRequest.Method.get, .post, .head, .put] {
                    answers.append(await shop.answer(make(method, path, browser, [:])))
                }
            }
            answers.append(await shop.answer(make(.post, Route.signOut, browser, [:])))
            answers.append(await shop.answer(make(.post, Route.signOut, browser, ours)))
        }
        for path in ["/healthz", "/readyz", "/metrics", "/nowhere"] {
            answers.append(await shop.answer(.making(.get, path, surface: .private)))
        }
        return answers
    }

    @Test("every answer carries no-store, nosniff and a referrer policy (checklist 36, 37, 38)")
    func fields() async throws {
        for answer in try await Self.all(try Shop()) {
            #expect(answer.fields[values: .cacheControl] == ["no-store"])
            #expect(answer.fields[values: .xContentTypeOptions] == ["nosniff"])
            let isPage = answer.contentType?.hasPrefix("text/html") ?? false
            #expect(
                answer.fields[values: HTTPField.Name("Referrer-Policy")!] == [isPage ? "same-origin" : "no-referrer"])
            #expect(answer.body.isEmpty == (answer.contentType == nil))
            #expect(answer.contentType?.contains("charset=utf-8") ?? true)
            #expect(answer.headerBytes < 4_096)
        }
    }

    @Test("every redirect is a 303, to us or to Instagram (checklist 33)")
    func redirects() async throws {
        for answer in try await Self.all(try Shop()) {
            #expect((300..<400).contains(answer.status.code) == (answer.location != nil))
            guard let location = answer.location else { continue }
            #expect(answer.status == .seeOther)
            #expect(
                location.hasPrefix(Shop.origin + "/")
                    || location.hasPrefix("https://www.instagram.com/oauth/authorize?"))
        }
    }

    @Test("no token, code, secret or foreign text is in any answer or log line (checklist 34, 38)")
    func canaries() async throws {
        let shop = try Shop()
        var secrets = ["canary", "attacker.example", "reflected"]
        let answers = try await Self.all(shop)
        secrets += shop.instagram.calls.map(\.secret)
        let lines = shop.log.lines.joined(separator: "\n")
        #expect(!lines.isEmpty)
        for secret in secrets {
            #expect(!lines.contains(secret))
            for answer in answers { #expect(!answer.everything.contains(secret)) }
        }
        // A state is in the authorize URL, where it belongs, and nowhere else.
        for state in answers.compactMap(\.state) {
            #expect(!lines.contains(state))
            #expect(answers.count { $0.everything.contains(state) } == 1)
        }
    }

    @Test("errors as JSON have one shape and fixed texts", arguments: ErrorCode.allCases)
    func errors(error: ErrorCode) {
        let answer = Answer.failure(error, requestID: Request.id, retryAfter: 7)
        #expect(Set(answer.json.keys) == ["status", "error", "message", "request_id"])
        #expect(answer.json["status"] as? String == "error" && answer.json["error"] as? String == error.publicCode)
        #expect((answer.json["message"] as? String)?.hasSuffix(".") == true)
        #expect(answer.fields[.retryAfter] == "7")
    }

    @Test("each code has the status of the contract")
    func statuses() {
        let contract: [String: [Int]] = [
            "invalid_request": [400], "invalid_state": [400], "missing_code": [400], "access_denied": [403],
            "forbidden": [403], "login_required": [401], "unauthorized": [401], "reconnect_required": [409],
            "gone": [410], "token_refused": [422],
            "account_in_use": [409], "account_mismatch": [409],
            "account_not_eligible": [422], "permission_missing": [422], "token_exchange_failed": [502],
            "user_info_failed": [502],
            "interrupted": [502], "provider_unavailable": [503, 504], "storage_unavailable": [503], "busy": [503],
            "not_found": [404], "method_not_allowed": [405], "payload_too_large": [413], "too_many_requests": [429],
            "internal_error": [500],
        ]
        var found: [String: Set<Int>] = [:]
        for error in ErrorCode.allCases { found[error.publicCode, default: []].insert(error.status.code) }
        #expect(found.mapValues { $0.sorted() } == contract)
    }

    @Test("only a code that we show is read from an address", arguments: ErrorCode.allCases)
    func publicCodes(error: ErrorCode) {
        #expect(ErrorCode(publicCode: error.publicCode)?.publicCode == error.publicCode)
        if error.rawValue != error.publicCode { #expect(ErrorCode(publicCode: error.rawValue) == nil) }
    }
}
