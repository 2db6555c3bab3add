// SPDX-License-Identifier: MIT
import Synchronization

@testable import Connect

/// An engine and callers beside it in one virtual time, which goes on when all of them wait, and then to the first moment
/// that somebody waits for.
final class Crowd: Sendable {
    private struct Sleeper {
        let bell: Bell
        let heard: Int
        let end: Duration
        let continuation: CheckedContinuation<Void, Never>
    }

    private struct State {
        var sleepers: [Int: Sleeper] = [:]
        var next = 0
        var callers = 0
    }

    /// The engine looks at the database after so long, also when there is nothing to do.
    private static let idle: Duration = .seconds(3_600)

    private let state = Mutex(State())
    private let silent = Bell()

    /// What a caller waits with.
    func sleep(_ duration: Duration, _ time: VirtualTime) async {
        await wait(silent, after: silent.rings, until: time.elapsed + duration)
    }

    func wait(_ bell: Bell, after heard: Int, until end: Duration) async {
        await withCheckedContinuation { continuation in
            state.withLock { state in
                state.next += 1
                state.sleepers[state.next] = Sleeper(bell: bell, heard: heard, end: end, continuation: continuation)
            }
        }
    }

    /// Runs the callers to their end, and the engine until it has nothing to do after that.
    func run(_ engine: Renewals, _ time: VirtualTime, _ callers: [@Sendable () async -> Void]) async {
        state.withLock { $0.callers = callers.count }
        await withTaskGroup(of: Bool.self) { group in
            group.addTask {
                await engine.run()
                return true
            }
            for caller in callers {
                group.addTask {
                    await caller()
                    self.state.withLock { $0.callers -= 1 }
                    return false
                }
            }
            let driver = Task { while !Task.isCancelled { if !self.goOn(engine, time) { await Task.yield() } } }
            while let isEngine = await group.next(), !isEngine {}
            driver.cancel()
            await driver.value
        }
    }

    /// Wakes who has something to do; false: nobody has, and somebody is busy.
    private func goOn(_ engine: Renewals, _ time: VirtualTime) -> Bool {
        let (woken, isOver): ([Sleeper], Bool) = state.withLock { state in
            var woken = state.sleepers.filter { $0.value.bell.rings != $0.value.heard || $0.value.end <= time.elapsed }
            if woken.isEmpty, state.sleepers.count == state.callers + 1 + engine.running.users.count,
                let end = state.sleepers.values.map(\.end).min()
            {
                if state.callers == 0, end - time.elapsed >= Self.idle { return ([], true) }
                time.pass(end - time.elapsed)
                woken = state.sleepers.filter { $0.value.end <= end }
            }
            for number in woken.keys { state.sleepers[number] = nil }
            return (Array(woken.values), false)
        }
        if isOver { engine.stop() }
        for sleeper in woken { sleeper.continuation.resume() }
        return !woken.isEmpty
    }
}
