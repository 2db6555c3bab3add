// SPDX-License-Identifier: MIT
import Dispatch
import Synchronization

/// Until when callers wait. All wait equally long, so the order of arrival is the order of deadlines, and one timer is
/// enough for all of them. (A timer of libdispatch for each would cost more than the commit that it watches.)
final class Deadlines: Sendable {
    private struct Entry {
        let moment: ContinuousClock.Instant
        let caller: any Waiting
    }

    private struct State {
        var entries: [Entry] = []
        var head = 0
        var isArmed = false

        /// Forgets from the front who has an answer.
        mutating func skip() {
            while head < entries.count, entries[head].caller.isAnswered { head += 1 }
            guard head == entries.count || head > 64 && head * 2 > entries.count else { return }
            entries.removeFirst(head)
            head = 0
        }
    }

    private let patience: Duration
    private let state = Mutex(State())

    init(_ patience: Duration) {
        self.patience = patience
    }

    /// Awaits an answer that a callback gives, for so long.
    func withDeadline<Value: Sendable>(
        _ start: (_ answer: @escaping @Sendable (Result<Value, StoreFailure>) -> Void) -> Void
    ) async -> Result<Value, StoreFailure> {
        await withCheckedContinuation { continuation in
            let first = FirstAnswer(continuation)
            watch(first)
            start { first.answer($0) }
        }
    }

    private func watch(_ caller: any Waiting) {
        let isFirst = state.withLock { state in
            state.skip()
            // The clock is read under the lock, so the queue is in order.
            state.entries.append(Entry(moment: .now + patience, caller: caller))
            defer { state.isArmed = true }
            return !state.isArmed
        }
        if isFirst { arm(in: patience) }
    }

    private func arm(in duration: Duration) {
        let (seconds, attoseconds) = duration.components
        let moment = DispatchTime.now() + Double(seconds) + Double(attoseconds) * 1e-18
        DispatchQueue.global().asyncAfter(deadline: moment) { self.look() }
    }

    private func look() {
        let now = ContinuousClock.now
        let (overdue, next) = state.withLock { state in
            var overdue: [any Waiting] = []
            while state.head < state.entries.count, state.entries[state.head].moment <= now {
                overdue.append(state.entries[state.head].caller)
                state.head += 1
            }
            state.skip()
            let next = state.entries.isEmpty ? nil : state.entries[state.head].moment
            state.isArmed = next != nil
            return (overdue, next)
        }
        for caller in overdue { caller.giveUp() }
        if let next { arm(in: next - now) }
    }
}

protocol Waiting: AnyObject, Sendable {
    var isAnswered: Bool { get }
    func giveUp()
}

/// Resumes once, with whatever comes first.
final class FirstAnswer<Value: Sendable>: Waiting {
    private let continuation: Mutex<CheckedContinuation<Result<Value, StoreFailure>, Never>?>

    init(_ continuation: CheckedContinuation<Result<Value, StoreFailure>, Never>) {
        self.continuation = Mutex(continuation)
    }

    var isAnswered: Bool { continuation.withLock { $0 == nil } }

    func answer(_ answer: Result<Value, StoreFailure>) {
        let waiting = continuation.withLock { $0.take() }
        waiting?.resume(returning: answer)
    }

    func giveUp() { answer(.failure(.deadline)) }
}
