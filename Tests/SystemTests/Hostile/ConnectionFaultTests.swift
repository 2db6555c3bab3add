// SPDX-License-Identifier: MIT
import TestSupport
import Testing

/// An Instagram that cannot be reached, from whichever of the three calls on (checklist 47, 49).
@Suite struct ConnectionFaultTests {
    typealias Step = HostileInstagram.Step

    @Test("Refused, or reset before the request: nothing kept, and no code twice")
    func unreachable() async throws {
        let instagram = try HostileInstagram(keepsConnections: false)
        let front = try Front(.pass(instagram.port))
        try await Stage.run(Stage.Options(settings: HostileInstagram.settings(front.url))) { stage in
            for turn in [Front.Turn.refuse, .reset] {
                for step in Step.allCases {
                    try await fails(at: step, turn, front, instagram, stage, status: 503)
                }
            }
            #expect(instagram.seen.codes.values.allSatisfy { $0 == 1 })
        }
    }

    /// Three programs at once, so that their deadline is paid for once.
    @Test("A black hole ends at the connect deadline, and nobody else waits for it")
    func blackHole() async throws {
        try await withThrowingTaskGroup { group in
            for step in Step.allCases {
                group.addTask {
                    let instagram = try HostileInstagram(keepsConnections: false)
                    let front = try Front(.pass(instagram.port))
                    try await Stage.run(Stage.Options(settings: HostileInstagram.settings(front.url))) { stage in
                        try await fails(at: step, .ignore, front, instagram, stage, status: 504)
                        #expect(instagram.seen.codes.values.allSatisfy { $0 == 1 })
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    /// One flow whose connections end at a call, and what is left of it once Instagram is there again.
    private func fails(
        at step: Step, _ turn: Front.Turn, _ front: Front, _ instagram: HostileInstagram, _ stage: Stage, status: Int
    ) async throws {
        let before = try stage.kept.users().count
        let good = Step.allCases.firstIndex(of: step)!
        try front.plan(Array(repeating: .pass(instagram.port), count: good) + [turn])
        let browser = Browser()
        let code = HostileInstagram.code()
        let callback = try await stage.callback(browser, code: code)
        let began = ContinuousClock.now
        async let pending = browser.fetch(callback.request)
        try await stage.otherRoutes(20)
        let others = ContinuousClock.now - began
        let answer = try await pending
        if status == 504 { #expect(others < ContinuousClock.now - began, "they did not wait") }
        #expect(answer.status == status && answer.error?.error == "provider_unavailable", "\(step) \(turn)")
        #expect(try stage.kept.users().count == before)
        #expect(instagram.seen.codes[code] == (step == .exchange ? nil : 1), "\(step) \(turn)")

        try front.plan(.pass(instagram.port))
        let again = try await browser.fetch(callback.request)
        // A code that never left is good still. Of a reset nobody knows: without TLS the request may have been on its way.
        let isUnspent = step == .exchange && turn != .reset
        if again.status != 200 || isUnspent {
            #expect(again.status == (isUnspent ? 200 : status), "\(step) \(turn): \(again.text)")
        }
        #expect(again.status != 200 || step == .exchange)
    }
}
