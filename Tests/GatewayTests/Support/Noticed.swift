// SPDX-License-Identifier: MIT
import Dispatch
import Synchronization

/// Values that other threads leave here, and a wait for them.
final class Noticed<Value: Sendable>: Sendable {
    private let values = Mutex<[Value]>([])
    private let arrived = DispatchSemaphore(value: 0)

    /// The place that it has in `all`.
    @discardableResult
    func add(_ value: Value) -> Int {
        defer { arrived.signal() }
        return values.withLock {
            $0.append(value)
            return $0.count - 1
        }
    }

    var all: [Value] { values.withLock(\.self) }

    /// Everything so far, which is forgotten here.
    func take() -> [Value] {
        values.withLock { values in
            defer { values = [] }
            return values
        }
    }

    /// Blocks until so many have come; false when they have not in time. For one waiting thread.
    func wait(count: Int = 1, milliseconds: Int = 10_000) -> Bool {
        let deadline = DispatchTime.now() + .milliseconds(milliseconds)
        while all.count < count {
            if arrived.wait(timeout: deadline) == .timedOut { return all.count >= count }
        }
        return true
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
