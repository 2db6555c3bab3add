// SPDX-License-Identifier: MIT
import Synchronization

/// Wakes who waits for something to happen. Nobody misses a ring between looking and waiting: who waits says which ring
/// they have heard.
final class Bell: Sendable {
    private struct State {
        var rings = 0
        var waiters: [Int: CheckedContinuation<Void, Never>] = [:]
        var nextWaiter = 0
    }

    /// Waiters at once; one more does not wait.
    private let bound: Int
    private let state = Mutex(State())

    init(bound: Int = 4_096) {
        self.bound = bound
    }

    var rings: Int { state.withLock { $0.rings } }
    var waiting: Int { state.withLock { $0.waiters.count } }

    func ring() {
        let waiters = state.withLock { state in
            state.rings += 1
            defer { state.waiters = [:] }
            return state.waiters.values
        }
        for waiter in waiters { waiter.resume() }
    }

    /// Returns at the first ring after `heard`, or when the time is over.
    func wait(after heard: Int, atMost duration: Duration) async {
        _ = await waitIfRoom(after: heard, atMost: duration)
    }

    /// - Returns: false: too many wait already, and this one did not.
    func waitIfRoom(after heard: Int, atMost duration: Duration) async -> Bool {
        guard duration > .zero else { return true }
        var timer: Task<Void, Never>?
        var isCrowded = false
        await withCheckedContinuation { continuation in
            let number: Int? = state.withLock { state in
                guard state.rings == heard else { return nil }
                isCrowded = state.waiters.count >= bound
                if isCrowded { return nil }
                state.nextWaiter += 1
                state.waiters[state.nextWaiter] = continuation
                return state.nextWaiter
            }
            guard let number else { return continuation.resume() }
            timer = Task {
                try? await Task.sleep(for: duration)
                state.withLock { $0.waiters.removeValue(forKey: number) }?.resume()
            }
        }
        timer?.cancel()
        return !isCrowded
    }
}
