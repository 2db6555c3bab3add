// SPDX-License-Identifier: MIT
import Glibc
import TestSupport
import Testing

/// Crashes and restarts under load, with the socket made beforehand as systemd makes it.
@Suite(.serialized, .stage(Stage.Options(isSocketHandedOver: true)))
struct LoadTests {
    private let stage = Stage.current!

    init() async throws {
        try await stage.standIn.reset()
    }

    @Test(
        "kill -9 among forty callbacks: what was acknowledged is kept, no row half, no code sent twice (checklist 48)"
    )
    func crashes() async throws {
        var acknowledged: Set<String> = []
        let rounds = Soak.times(4)
        for round in 0..<rounds {
            try await stage.standIn.set(#"{"faults": [{"endpoint": "extend-token", "latency_ms": 30}]}"#)
            let before = try await stage.standIn.calls()
            let flows = try await started(40)
            let answers = Task {
                try await withThrowingTaskGroup(of: (String, Response).self) { group in
                    for (browser, callback) in flows {
                        group.addTask { (try callback.value(of: "state"), try await browser.fetch(callback.request)) }
                    }
                    return try await group.reduce(into: [(String, Response)]()) { $0.append($1) }
                }
            }
            // Somewhere in the middle of them, elsewhere in each round.
            try await stage.standIn.wait(for: "read-profile", count: before.profiles + 1 + round % 10 * 4)
            try await stage.crashResponder()
            for (state, answer) in try await answers.value {
                #expect(answer.status == 200 || answer.error?.error == "interrupted", "\(answer.status) \(answer.text)")
                if answer.status == 200 { acknowledged.insert(state) }
            }
            try await stage.ready()
            for (browser, callback) in flows where acknowledged.contains(try callback.value(of: "state")) {
                #expect(try await browser.fetch(callback.request).status == 200, "acknowledged, and still connected")
            }
        }
        #expect(!acknowledged.isEmpty)
        let kept = stage.kept
        for state in acknowledged {
            let flow = try #require(try kept.flow(state))
            #expect(flow.phase == "done" && flow.outcome == "connected")
        }
        let issued = Set(try await stage.standIn.tokens().map(\.accessToken))
        for row in try kept.users() { #expect(issued.contains(try row.token(kept.keyring()))) }
        #expect(try kept.integrity() == "ok")
        #expect(try await stage.standIn.calls().repeatedCodes == 0)
        Soak.record(
            "callbacks with `kill -9` among them, \(rounds) times", rounds * 40,
            "\(acknowledged.count) acknowledged, none lost, no code sent twice")
    }

    @Test("A restart under load loses no request")
    func restarts() async throws {
        let end = Flag()
        try await withThrowingTaskGroup(of: (answered: Int, failed: [String]).self) { group in
            for number in 0..<12 {
                group.addTask {
                    let browser = Browser()
                    var answered = 0
                    var failed: [String] = []
                    while !end.isRaised {
                        let answer =
                            switch number % 4 {
                            case 0: try await browser.fetch(stage.status)
                            case 1: try await browser.fetch(stage.start)
                            case 2: try await browser.fetch(stage.start, .post)
                            default: try await stage.connect(browser)
                            }
                        answered += 1
                        if answer.status != 200 { failed.append("\(answer.status) \(answer.text)") }
                    }
                    return (answered, failed)
                }
            }
            let restarts = Soak.times(5)
            for _ in 0..<restarts {
                try await Task.sleep(for: .milliseconds(200))
                try await stage.restartResponder()
                try await stage.ready()
            }
            end.raise()
            let total = try await group.reduce(into: (answered: 0, failed: [String]())) {
                $0.answered += $1.answered
                $0.failed += $1.failed
            }
            #expect(total.failed.isEmpty, "of \(total.answered)")
            #expect(total.answered > 200)
            Soak.record("requests during \(restarts) restarts", total.answered, "\(total.failed.count) failed")
        }
        #expect(try await stage.standIn.calls().repeatedCodes == 0)
    }

    @Test("SIGTERM while Instagram is slow: others are answered, and a new callback by the next process, unasked twice")
    func draining() async throws {
        let (browser, other) = (Browser(), Browser())
        let callback = try await stage.consented(browser)
        let later = try await stage.consented(other)
        let before = try await stage.standIn.calls()
        func stops() throws -> Int { try stage.journal().count { $0["event"] == "stopping" } }
        let stopsBefore = try stops()
        try await stage.standIn.set(
            #"{"faults": [{"endpoint": "extend-token", "count": 1, "latency_ms": 3000}]}"#)
        let answer = Task { try await browser.fetch(callback.request) }
        try await stage.standIn.wait(for: "exchange-code", count: before.exchanges + 1)
        stage.responder?.signal(SIGTERM)
        _ = try await eventually("the stop") { try stops() > stopsBefore ? () : nil }
        let laterAnswer = Task { try await other.fetch(later.request) }
        for _ in 0..<20 { #expect(try await other.fetch(stage.status).status == 200) }
        #expect(stage.responder?.isRunning == true, "the flow is still under way")
        #expect(try await answer.value.status == 200)
        #expect(await stage.responder?.end() == .exit(0))
        try stage.startResponder()
        #expect(try await laterAnswer.value.status == 200)
        #expect(try await stage.standIn.calls().repeatedCodes == before.repeatedCodes)
    }

    private func started(_ count: Int) async throws -> [(Browser, WebURL)] {
        try await withThrowingTaskGroup(of: (Browser, WebURL).self) { group in
            for number in 0..<count {
                group.addTask {
                    let browser = Browser()
                    let account = number % 2 == 0 ? "acme_shop" : "bloom.ceramics"
                    return (browser, try await stage.consented(browser, account: account))
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
    }
}
