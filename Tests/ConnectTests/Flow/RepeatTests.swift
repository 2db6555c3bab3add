// SPDX-License-Identifier: MIT
import HTTPTypes
import Instagram
import Testing

@testable import Connect

@Suite(.timeLimit(.minutes(1))) struct RepeatTests {
    @Test("a repeat after a success gets the success, from the row as it is now (checklist 5)")
    func afterSuccess() async throws {
        let shop = try Shop()
        var browser = Browser()
        let state = await shop.start(&browser, query: "?return_to=/a").state
        let first = await shop.callback(browser, state: state)
        try shop.execute("UPDATE users SET instagram_username = 'renamed'")
        for page in [false, true] {
            let again = await shop.callback(browser, state: state, page: page)
            #expect(again.status == (page ? .seeOther : .ok))
            #expect(again.cookies == first.cookies)
        }
        #expect(await shop.callback(browser, state: state).json["instagram_username"] as? String == "renamed")
        #expect(shop.instagram.count(.exchangeCode) == 1)
        #expect(try shop.committed("SELECT * FROM users").count == 1)
    }

    @Test("a repeat after a failure gets the failure (checklist 5)")
    func afterFailure() async throws {
        let shop = try Shop()
        var browser = Browser()
        let state = await shop.start(&browser).state
        shop.instagram.answer(.exchangeCode, .success(.flatRefusal))
        for _ in 0..<3 {
            let answer = await shop.callback(browser, state: state)
            #expect(answer.status == .badGateway && answer.json["error"] as? String == "token_exchange_failed")
        }
        #expect(shop.instagram.names == [.exchangeCode])
    }

    @Test("a repeat hears what is left of the wait that Instagram asked for, also from the next process")
    func retryAfter() async throws {
        let directory = try TemporaryDirectory()
        var browser = Browser()
        var state: String?
        do {
            let shop = try Shop(in: directory)
            state = await shop.start(&browser).state
            let limit = Reply.graph(400, code: 17)
            shop.instagram.answer(
                .exchangeCode, .success(Reply(status: 400, headers: [.retryAfter: "300"], body: limit.body)))
            #expect(await shop.callback(browser, state: state).fields[.retryAfter] == "300")
            #expect(await shop.callback(browser, state: state).fields[.retryAfter] == "300")
            try shop.store.close()
        }
        let next = try Shop(in: directory)
        for (passed, left) in [(60, "240"), (299, "1"), (300, nil)] as [(Int64, String?)] {
            next.now = Shop.begin + passed
            let answer = await next.callback(browser, state: state)
            #expect(answer.status == .serviceUnavailable && answer.fields[.retryAfter] == left)
        }
        #expect(next.instagram.calls.isEmpty)
    }

    @Test("another code under the same state is no repeat (checklist 5)")
    func otherCode() async throws {
        let shop = try Shop()
        var browser = Browser()
        let state = await shop.start(&browser).state
        #expect(await shop.callback(browser, state: state, code: "one").status == .ok)
        #expect(await shop.callback(browser, state: state, code: "two").json["error"] as? String == "invalid_state")
        let refusal = await shop.callback(browser, state: state, code: nil, more: "&error=access_denied")
        #expect(refusal.json["error"] as? String == "invalid_state")
        #expect(await shop.callback(browser, state: state, code: "one").status == .ok)
        #expect(shop.instagram.count(.exchangeCode) == 1)
    }

    @Test("a repeat is a repeat in the next process as well")
    func nextProcess() async throws {
        let directory = try TemporaryDirectory()
        var browser = Browser()
        var state: String?
        do {
            let shop = try Shop(in: directory)
            state = await shop.start(&browser).state
            #expect(await shop.callback(browser, state: state).status == .ok)
            try shop.store.close()
        }
        let next = try Shop(in: directory)
        #expect(await next.callback(browser, state: state).status == .ok)
        #expect(next.instagram.calls.isEmpty)
    }

    @Test("fifty at once: one exchange, fifty equal answers (checklist 5)")
    func fifty() async throws {
        let shop = try Shop()
        var browser = Browser()
        let state = await shop.start(&browser).state
        let held = shop.instagram.hold(.exchangeCode)
        let answers = await withTaskGroup { [browser] group in
            for _ in 0..<50 { group.addTask { await shop.callback(browser, state: state) } }
            await held.arrived.wait()
            held.release.fire()
            return await group.reduce(into: [Answer]()) { $0.append($1) }
        }
        #expect(answers.count == 50 && answers.allSatisfy { $0.everything == answers[0].everything })
        #expect(answers[0].status == .ok)
        #expect(shop.instagram.names == [.exchangeCode, .extendToken, .readProfile])
        #expect(shop.site.flows.count == 0)
    }

    @Test("fifty at once after a failure: one exchange, fifty equal answers (checklist 5)")
    func fiftyFailures() async throws {
        let shop = try Shop()
        var browser = Browser()
        let state = await shop.start(&browser).state
        shop.instagram.answer(.exchangeCode, .success(.flatRefusal))
        let answers = await withTaskGroup { [browser] group in
            for _ in 0..<50 { group.addTask { await shop.callback(browser, state: state) } }
            return await group.reduce(into: [Answer]()) { $0.append($1) }
        }
        #expect(answers.allSatisfy { $0.everything == answers[0].everything && $0.status == .badGateway })
        #expect(shop.instagram.names == [.exchangeCode])
    }

    @Test("64 repeats wait; the 65th and 66th hear `busy`, and so does another code hear `invalid_state` at once")
    func waiters() async throws {
        let shop = try Shop()
        var browser = Browser()
        let state = await shop.start(&browser).state
        let held = shop.instagram.hold(.exchangeCode)
        let answers = await withTaskGroup { [browser] group in
            group.addTask { await shop.callback(browser, state: state) }
            await held.arrived.wait()
            let other = await shop.callback(browser, state: state, code: "other")
            #expect(other.json["error"] as? String == "invalid_state")
            for _ in 0..<66 { group.addTask { await shop.callback(browser, state: state) } }
            // Two cannot wait: they are the only ones that come back before the release.
            var answers: [Answer] = []
            for _ in 0..<2 { if let early = await group.next() { answers.append(early) } }
            held.release.fire()
            for await late in group { answers.append(late) }
            return answers
        }
        #expect(
            answers.prefix(2).allSatisfy { $0.json["error"] as? String == "busy" && $0.status == .serviceUnavailable })
        #expect(answers.count == 67 && answers.dropFirst(2).allSatisfy { $0.status == .ok })
        #expect(shop.instagram.count(.exchangeCode) == 1)
    }

    @Test("beyond the bound of flows a callback hears `busy` and may come again")
    func bound() async throws {
        let shop = try Shop(flowsInFlight: 2)
        let held = shop.instagram.hold(.exchangeCode)
        var browser = Browser()
        var states: [String?] = []
        for _ in 0..<3 { states.append(await shop.start(&browser).state) }
        await withTaskGroup { [browser, states] group in
            for state in states.prefix(2) { group.addTask { await shop.callback(browser, state: state) } }
            await until { shop.site.flows.count == 2 }
            let third = await shop.callback(browser, state: states[2])
            #expect(third.status == .serviceUnavailable && third.json["error"] as? String == "busy")
            // What does not call Instagram does not wait for those that do.
            #expect(await shop.answer(.json(.get, Route.start)).status == .ok)
            #expect(await shop.status(Browser()).status == .ok)
            held.release.fire()
            for await answer in group { #expect(answer.status == .ok) }
        }
        #expect(await shop.callback(browser, state: states[2]).status == .ok)
        #expect(shop.instagram.count(.exchangeCode) == 3)
    }

    @Test("a flow is remembered for fifteen minutes, longer than its cookie is good for")
    func forgotten() async throws {
        let shop = try Shop()
        var browser = Browser()
        await shop.connect(&browser)
        shop.now = shop.now + 900
        var other = Browser()
        await shop.connect(&other)
        #expect(try shop.phases().count == 2)
        shop.now = shop.now + 1
        var third = Browser()
        await shop.connect(&third)
        #expect(try shop.phases().count == 2)
    }
}
