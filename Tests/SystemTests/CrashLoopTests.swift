// SPDX-License-Identifier: MIT
import Synchronization
import TestSupport
import Testing

/// kill -9, again and again, while visitors go on connecting.
@Suite(.stage(Stage.Options(isSocketHandedOver: true)))
struct CrashLoopTests {
    private let stage = Stage.current!

    @Test(
        "kill -9 at any point of callbacks: no acknowledged one is lost, none is corrupt, no code goes twice (checklist 48)"
    )
    func crashes() async throws {
        let kills = Soak.times(100)
        let acknowledged = States()
        let end = Flag()
        var numbers = SeededNumbers(9)
        try await withThrowingTaskGroup { group in
            for number in 0..<6 {
                group.addTask {
                    while !end.isRaised {
                        if let state = try await visit(number % 2 == 0 ? "acme_shop" : "bloom.ceramics") {
                            acknowledged.insert(state)
                        }
                    }
                }
            }
            for _ in 0..<kills {
                // A few calls further, and then somewhere between two of them.
                let seen = try await stage.standIn.calls()
                let (endpoint, count) = [
                    ("exchange-code", seen.exchanges), ("extend-token", seen.extensions),
                    ("read-profile", seen.profiles),
                ].randomElement(using: &numbers)!
                try await stage.standIn.wait(for: endpoint, count: count + Int.random(in: 1...4, using: &numbers))
                try await Task.sleep(for: .microseconds(Int.random(in: 0...2_000, using: &numbers)))
                try await stage.crashResponder()
            }
            end.raise()
            try await group.waitForAll()
        }
        try await stage.ready()
        let states = acknowledged.all
        #expect(states.count > kills / 10)
        let kept = stage.kept
        let flows = try kept.flows()
        let lost = states.filter { !flows.isConnected($0) }
        #expect(lost.isEmpty)
        #expect(try await stage.everyTokenIsGood())
        #expect(try kept.integrity() == "ok")
        #expect(try await stage.standIn.calls().repeatedCodes == 0)
        Soak.record(
            "`kill -9` at any point of callbacks", kills,
            "\(states.count) acknowledged, none lost, no row corrupt, no code sent twice")
    }

    private final class States: Sendable {
        private let states = Mutex<Set<String>>([])
        var all: Set<String> { states.withLock { $0 } }
        func insert(_ state: String) { states.withLock { _ = $0.insert(state) } }
    }

    /// One visitor, who reloads what failed; the state of the flow if they heard "connected".
    private func visit(_ account: String) async throws -> String? {
        let browser = Browser()
        // The start may have met a kill as well.
        guard let callback = try? await stage.consented(browser, account: account) else { return nil }
        for _ in 0..<4 {
            let answer = try await browser.fetch(callback.request)
            if answer.status == 200 { return try callback.value(of: "state") }
            #expect(answer.status == 502 || answer.status == 504, "\(answer.text)")
        }
        return nil
    }
}
