// SPDX-License-Identifier: MIT
import Dispatch
import Synchronization

/// Values that other threads leave here, and a wait for the first that fits.
final class Noticed<Value: Sendable>: Sendable {
    private let values = Mutex<[Value]>([])
    private let arrived = DispatchSemaphore(value: 0)

    func add(_ value: Value) {
        values.withLock { $0.append(value) }
        arrived.signal()
    }

    var all: [Value] { values.withLock(\.self) }

    /// Blocks until what is here satisfies the condition; false after ten seconds. For one waiting thread.
    func wait(for condition: ([Value]) -> Bool) -> Bool {
        let deadline = DispatchTime.now() + 10
        while !condition(all) {
            if arrived.wait(timeout: deadline) == .timedOut { return condition(all) }
        }
        return true
    }

    func wait(count: Int = 1) -> Bool {
        wait { $0.count >= count }
    }
}

/// Holds handlers back until it is opened.
final class Gate: Sendable {
    private let waiting = Mutex<[CheckedContinuation<Void, Never>]?>([])

    func passed() async {
        await withCheckedContinuation { continuation in
            let open = waiting.withLock { waiting in
                waiting?.append(continuation)
                return waiting == nil
            }
            if open { continuation.resume() }
        }
    }

    func open() {
        for continuation in waiting.withLock({ $0.take() }) ?? [] { continuation.resume() }
    }
}
