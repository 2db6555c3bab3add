// SPDX-License-Identifier: MIT
import TestSupport
import Testing

/// Instagram hangs, and hundreds are on their way back from it.
@Suite
struct CrowdTests {
    @Test("Hundreds of flows that hang are told so in time, starts do not feel it, and no code is sent twice")
    func hanging() async throws {
        try await Stage.run { stage in
            let rounds = Soak.times(1)
            for _ in 0..<rounds { try await round(of: 200, stage) }
            Soak.record(
                "flows that hang, 200 at once", rounds * 200, "told in time, starts answered, no code sent twice")
        }
    }

    private func round(of count: Int, _ stage: Stage) async throws {
        try await stage.standIn.fail("exchange-code", "hang")
        let flows = try await withThrowingTaskGroup(of: (Browser, WebURL).self) { group in
            for _ in 0..<count {
                group.addTask {
                    let browser = Browser()
                    return (browser, try await stage.consented(browser))
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        let hasEnded = Flag()
        let answers = Task {
            try await withThrowingTaskGroup(of: Response.self) { group in
                for (browser, callback) in flows {
                    group.addTask {
                        let answer = try await browser.fetch(callback.request)
                        if answer.error?.error != "busy" { hasEnded.raise() }
                        return answer
                    }
                }
                return try await group.reduce(into: [Response]()) { $0.append($1) }
            }
        }
        try await stage.standIn.wait(for: "exchange-code", count: 32)
        for _ in 0..<20 { #expect(try await Browser().fetch(stage.start).status == 200) }
        #expect(!hasEnded.isRaised, "all of them while the flows hang")

        for answer in try await answers.value {
            #expect([503, 504].contains(answer.status), "\(answer.text)")
            #expect(["provider_unavailable", "busy"].contains(answer.error?.error))
        }
        try await stage.standIn.set(#"{"faults": []}"#)
        #expect(try await stage.connect(Browser()).status == 200, "and then it works again")
        #expect(try await stage.standIn.calls().repeatedCodes == 0)
    }
}
