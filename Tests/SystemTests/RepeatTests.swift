// SPDX-License-Identifier: MIT
import TestSupport
import Testing

/// A callback that comes more than once: reloaded, pressed twice, tried again by nginx.
@Suite(.serialized, .stage)
struct RepeatTests {
    private let stage = Stage.current!
    private let browser = Browser()

    init() async throws {
        try await stage.standIn.reset()
    }

    @Test("Fifty identical callbacks at once cost one exchange and get fifty equal answers (checklist 5)")
    func storm() async throws {
        let rounds = Soak.times(2)
        for _ in 0..<rounds {
            try await stage.standIn.reset()
            // Slow enough that all of them are there while the first is under way.
            try await stage.standIn.fail("extend-token", nil, latency: 300)
            let callback = try await stage.consented(browser)
            let answers = try await withThrowingTaskGroup(of: Response.self) { group in
                for _ in 0..<50 { group.addTask { try await browser.fetch(callback.request) } }
                return try await group.reduce(into: [Response]()) { $0.append($1) }
            }
            #expect(answers.count == 50)
            #expect(Set(answers.map(\.status)) == [200])
            #expect(Set(answers.map(\.body)).count == 1)
            #expect(Set(answers.map { $0.header("set-cookie") }).count == 1, "one session")
            let calls = try await stage.standIn.calls()
            #expect(calls.exchanges == 1 && calls.extensions == 1 && calls.profiles == 1 && calls.repeatedCodes == 0)
        }
        Soak.record("identical callbacks, 50 at once", rounds * 50, "\(rounds) exchanges, equal answers")
    }

    @Test("More than sixty-four that wait are told to come back, and cost nothing")
    func crowd() async throws {
        try await stage.standIn.fail("extend-token", nil, latency: 500)
        let callback = try await stage.consented(browser)
        let answers = try await withThrowingTaskGroup(of: Response.self) { group in
            for _ in 0..<80 { group.addTask { try await browser.fetch(callback.request) } }
            return try await group.reduce(into: [Response]()) { $0.append($1) }
        }
        #expect(answers.filter { $0.status == 200 }.count >= 65)
        #expect(answers.allSatisfy { $0.status == 200 || $0.error?.error == "busy" })
        #expect(try await stage.standIn.calls().exchanges == 1)
    }

    @Test("A spent state is answered with its outcome, not spent again: after a success, and after a failure")
    func outcome() async throws {
        let callback = try await stage.consented(browser)
        let first = try await browser.fetch(callback.request)
        let second = try await browser.fetch(callback.request)
        #expect(first.status == 200 && first.body == second.body)

        let denied = try await stage.consented(browser, granted: "instagram_business_basic")
        #expect(try await browser.fetch(denied.request).error?.error == "permission_missing")
        #expect(try await browser.fetch(denied.request).error?.error == "permission_missing")
        #expect(try await stage.standIn.calls().exchanges == 2)
        #expect(try await stage.standIn.calls().repeatedCodes == 0)
    }

    @Test("A spent state does not take another code")
    func otherCode() async throws {
        let callback = try await stage.consented(browser)
        _ = try await browser.fetch(callback.request)
        let code = try #require(callback.parameter("code"))
        let answer = try await browser.fetch(callback.request.replacing(code, with: code + "x"))
        #expect(answer.status == 400)
        #expect(answer.error?.error == "invalid_state")
        #expect(try await stage.standIn.calls().exchanges == 1)
    }

    @Test("Another browser's callback, a forged or a missing state never reach Instagram (checklist 2, 3, 14, 15)")
    func strangers() async throws {
        let callback = try await stage.consented(browser)
        let state = try #require(callback.parameter("state"))
        let path = stage.callback
        #expect(try await Browser().fetch(callback.request).error?.error == "invalid_state")
        let cases = [
            ("?code=abc", "invalid_state"), ("?code=abc&state=", "invalid_state"),
            ("?code=abc&state=\(String(repeating: "A", count: 43))", "invalid_state"),
            ("?code=abc&state=\(state.dropLast())", "invalid_state"),
            ("?code=a&code=b&state=\(state)", "invalid_request"),
            ("?code=a&error=access_denied&state=\(state)", "invalid_request"),
            ("?code=a&state=\(state)&state=\(state)", "invalid_request"),
            ("?code=a%00b&state=\(state)", "invalid_request"), ("?code=a%0d%0ab&state=\(state)", "invalid_request"),
            ("?code=%ff&state=\(state)", "invalid_request"), ("?code=%zz&state=\(state)", "invalid_request"),
            ("?state=\(state)", "missing_code"), ("", "invalid_state"),
        ]
        for (query, code) in cases {
            let answer = try await browser.fetch(path + query)
            #expect(answer.status == 400, "\(query)")
            #expect(answer.error?.error == code, "\(query)")
        }
        #expect(try await stage.standIn.calls().exchanges == 0)
        #expect(try await browser.fetch(callback.request).status == 200, "and the flow is still good")
    }
}
