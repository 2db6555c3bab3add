// SPDX-License-Identifier: MIT
import Testing

@testable import Connect

@Suite(.timeLimit(.minutes(1))) struct FlowsInFlightTests {
    private static let id = FlowID(state: "a")

    @Test("work runs once for all that ask while it runs, and again for who comes later")
    func once() async {
        let flows = FlowsInFlight(bound: 10)
        let runs = Tally<Void>()
        for _ in 0..<3 {
            let ending = await flows.finish(Self.id, decisionHash: [1]) {
                runs.add(())
                return .failed(.busy, retryAfter: 3)
            }
            #expect(ending == .failed(.busy, retryAfter: 3))
        }
        #expect(runs.all.count == 3 && flows.count == 0)
    }

    @Test("many askers of many flows, at random: never two workers on one flow, nobody is forgotten")
    func storm() async {
        let flows = FlowsInFlight(bound: 10_000)
        let steps = Tally<(flow: Int, begins: Bool)>()
        let answered = Tally<Int>()
        await withTaskGroup { group in
            for task in 0..<2_000 {
                let flow = task % 40
                group.addTask {
                    let ending = await flows.finish(FlowID(state: "\(flow)"), decisionHash: [1]) {
                        steps.add((flow, true))
                        for _ in 0..<5 { await Task.yield() }
                        steps.add((flow, false))
                        return .connected(user: "\(flow)", generation: 1)
                    }
                    #expect(ending == .connected(user: "\(flow)", generation: 1) || ending == .failed(.busy))
                    answered.add(task)
                }
            }
        }
        #expect(answered.all.count == 2_000 && flows.count == 0)
        for flow in 0..<40 {
            let begins = steps.all.filter { $0.flow == flow }.map(\.begins)
            #expect(begins.enumerated().allSatisfy { $1 == $0.isMultiple(of: 2) })
        }
    }

    @Test("a caller that is cancelled does not take the others with it")
    func cancelled() async {
        let flows = FlowsInFlight(bound: 10)
        let (arrived, release) = (Signal(), Signal())
        let worker = Task {
            await flows.finish(Self.id, decisionHash: [1]) {
                arrived.fire()
                await release.wait()
                return .connected(user: "u", generation: 2)
            }
        }
        await arrived.wait()
        let waiter = Task { await flows.finish(Self.id, decisionHash: [1]) { .failed(.internalError) } }
        waiter.cancel()
        worker.cancel()
        release.fire()
        #expect(await worker.value == .connected(user: "u", generation: 2))
        // It waited, or it came after the end and did the work itself: both are an ending.
        #expect([.connected(user: "u", generation: 2), .failed(.internalError)].contains(await waiter.value))
        #expect(flows.count == 0)
    }

    @Test("once closed, what is under way ends and is waited for; what is new is left")
    func closed() async {
        let flows = FlowsInFlight(bound: 10)
        let (arrived, release) = (Signal(), Signal())
        let worker = Task {
            await flows.finish(Self.id, decisionHash: [1]) {
                arrived.fire()
                await release.wait()
                return .lost
            }
        }
        await arrived.wait()
        flows.close()
        let waiter = Task.immediate { await flows.finish(Self.id, decisionHash: [1]) { .failed(.internalError) } }
        let new = await flows.finish(FlowID(state: "new"), decisionHash: [1]) { .failed(.internalError) }
        #expect(new == .left)
        release.fire()
        #expect(await worker.value == .lost)
        #expect(await waiter.value == .lost)
        #expect(flows.count == 0)
    }

    @Test("a bound of none lets nobody in")
    func noRoom() async {
        let ending = await FlowsInFlight(bound: 0).finish(Self.id, decisionHash: []) { .lost }
        #expect(ending == .failed(.busy))
    }
}
