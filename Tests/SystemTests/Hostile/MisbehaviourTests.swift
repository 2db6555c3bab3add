// SPDX-License-Identifier: MIT
import Foundation
import Synchronization
import TestSupport
import Testing

/// Instagram at its worst, at each of the three calls, through the real nginx and the real program (checklist 47, 49).
@Suite struct MisbehaviourTests {
    private struct Flow: Sendable {
        let wanted: Misbehaviour
        let step: HostileInstagram.Step
        let code: String
        let browser = Browser()

        /// Codes and texts of product.md, section 2.
        func isRight(_ answer: Response) -> Bool {
            guard let error = answer.error?.error else { return false }
            if error == "provider_unavailable" { return answer.status == wanted.status }
            let refusal = step == .profile ? "user_info_failed" : "token_exchange_failed"
            return wanted.mayBeRefused && answer.status == 502 && error == refusal
        }
    }

    /// Of one call, Transfer's default.
    private static let deadline = Duration.seconds(8)

    /// All at once, so that the deadline is paid for once. Fewer than the 64 connections to a host hang.
    @Test(
        "The right code in time, nothing kept, no code sent twice, and all else goes on meanwhile, whatever comes back")
    func matrix() async throws {
        let trap = try HostileServer { $0.waitForClose() }
        let all = Misbehaviour.all(redirectingTo: trap.url)
        let instagram = try HostileInstagram(Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0.script) }))
        try await Stage.run(Stage.Options(settings: instagram.settings)) { stage in
            let flows = all.flatMap { wanted in
                HostileInstagram.Step.allCases.map {
                    Flow(wanted: wanted, step: $0, code: HostileInstagram.code(wanted.name, at: $0))
                }
            }
            let memory = try Memory.peak(stage)
            let began = ContinuousClock.now
            let slow = flows.filter(\.wanted.isSlow)
            let slowAnswers = Mutex(0)
            async let pending = Self.answers(to: slow, at: stage) { slowAnswers.withLock { $0 += 1 } }
            _ = try await eventually("the slow calls") {
                slow.allSatisfy { instagram.seen.calls["\($0.step) \($0.code)"] == 1 } ? () : nil
            }
            // Meanwhile: everybody else, a whole connection among them.
            let bystander = Browser()
            let good = try await stage.callback(bystander, code: HostileInstagram.code())
            #expect(try await bystander.fetch(good.request).status == 200)
            #expect(slowAnswers.withLock { $0 } == 0, "nobody has waited for those that hang")
            try await stage.otherRoutes(20)

            let quick = try await Self.answers(to: flows.filter { !$0.wanted.isSlow }, at: stage)
            let answered = try await quick + pending
            let took = ContinuousClock.now - began
            #expect(took >= Self.deadline && took < Self.deadline * 4, "\(took)")
            #expect(answered.count == flows.count)
            for (flow, callback, answer) in answered {
                #expect(flow.isRight(answer), "\(flow.step) \(flow.wanted.name): \(answer.status) \(answer.text)")
                #expect(answer.header("set-cookie") == nil)
                let again = try await flow.browser.fetch(callback.request)
                #expect(again.status == answer.status && again.error?.error == answer.error?.error)
            }
            #expect(try stage.kept.users().count == 1, "the bystander's")
            let seen = instagram.seen
            #expect(seen.codes.count == flows.count + 1 && seen.codes.values.allSatisfy { $0 == 1 }, "\(seen.codes)")
            #expect(seen.strange == [] && trap.connections == 0)
            #expect(stage.responder?.isRunning == true)
            #expect(try Memory.peak(stage) - memory < 64 << 10, "KiB: no answer is kept or unpacked")
            Soak.record(
                "ways to misbehave, at each of the three calls", all.count,
                "the right code, nothing kept, no code twice")
        }
    }

    private static func answers(
        to flows: [Flow], at stage: Stage, _ onAnswer: @escaping @Sendable () -> Void = {}
    ) async throws -> [(Flow, WebURL, Response)] {
        try await withThrowingTaskGroup(of: (Flow, WebURL, Response).self) { group in
            for flow in flows {
                group.addTask {
                    let callback = try await stage.callback(flow.browser, code: flow.code)
                    let answer = try await flow.browser.fetch(callback.request)
                    onAnswer()
                    return (flow, callback, answer)
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
    }
}

/// The responder's memory.
enum Memory {
    /// The most that it ever had, in KiB (`VmHWM`, proc(5)).
    static func peak(_ stage: Stage) throws -> Int {
        guard let pid = stage.responder?.pid,
            let status = try? String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8),
            let found = status.firstMatch(of: /VmHWM:\s*(\d+) kB/), let peak = Int(found.1)
        else { throw Missing("no memory of the responder") }
        return peak
    }
}
