// SPDX-License-Identifier: MIT
import Synchronization

/// Tasks that wait for a condition, for time, or for the end of the server, whichever comes first.
final class Waiters: Sendable {
    fileprivate struct Waiter {
        let holds: @Sendable () -> Bool
        let resume: CheckedContinuation<Bool, Never>
        let timer: Task<Void, Never>
    }

    private struct State {
        var next = 0
        var waiting: [Int: Waiter] = [:]
        var isClosed = false
    }

    private let state = Mutex(State())

    /// True: the condition holds. It is looked at now and at every `look()`, and must not call back.
    @discardableResult
    func wait(atMost limit: Duration, until holds: @escaping @Sendable () -> Bool) async -> Bool {
        await withCheckedContinuation { continuation in
            let isClosed = state.withLock { state in
                if state.isClosed { return true }
                let number = state.next
                state.next += 1
                let timer = Task.detached {
                    try? await Task.sleep(for: limit)
                    self.end(number)
                }
                state.waiting[number] = Waiter(holds: holds, resume: continuation, timer: timer)
                return false
            }
            if isClosed { continuation.resume(returning: false) } else { look() }
        }
    }

    /// Something changed: lets those go whose condition holds.
    func look() {
        for waiter in take(where: { $0.holds() }) { waiter.finish(true) }
    }

    /// Lets all go, and everyone who comes later.
    func close() {
        state.withLock { $0.isClosed = true }
        for waiter in take(where: { _ in true }) { waiter.finish(false) }
    }

    private func end(_ number: Int) {
        state.withLock { $0.waiting.removeValue(forKey: number) }?.finish(false)
    }

    private func take(where passes: (Waiter) -> Bool) -> [Waiter] {
        state.withLock { state in
            let numbers = state.waiting.filter { passes($0.value) }.map(\.key)
            return numbers.compactMap { state.waiting.removeValue(forKey: $0) }
        }
    }
}

extension Waiters.Waiter {
    fileprivate func finish(_ held: Bool) {
        timer.cancel()
        resume.resume(returning: held)
    }
}
