// SPDX-License-Identifier: MIT
import Synchronization

/// The flows that this process is finishing right now. The first callback of a flow does the work, repeats wait for it.
final class FlowsInFlight: Sendable {
    /// Repeats of one callback that may wait.
    static let maximumWaiters = 64

    private enum Turn {
        case first
        case ended(FlowEnding)
    }

    private struct Entry {
        let decisionHash: [UInt8]
        var waiters: [CheckedContinuation<Turn, Never>] = []
    }

    private let bound: Int
    private let entries = Mutex<[FlowID: Entry]>([:])
    private let isClosed = Atomic<Bool>(false)

    /// - Parameter bound: Flows at once; one more is answered `busy`.
    init(bound: Int) {
        self.bound = bound
    }

    /// Runs `work` once for all that ask for this flow while it runs. Every step of the work has a deadline, so those
    /// who wait are told when it is over.
    func finish(_ id: FlowID, decisionHash: [UInt8], _ work: () async -> FlowEnding) async -> FlowEnding {
        let turn = await withCheckedContinuation { continuation in
            let now: Turn? = entries.withLock { entries in
                guard let entry = entries[id] else {
                    if isClosed.load(ordering: .relaxed) { return .ended(.left) }
                    if entries.count >= bound { return .ended(.failed(.busy)) }
                    entries[id] = Entry(decisionHash: decisionHash)
                    return .first
                }
                if entry.decisionHash != decisionHash { return .ended(.failed(.invalidState)) }
                if entry.waiters.count >= Self.maximumWaiters { return .ended(.failed(.busy)) }
                entries[id]?.waiters.append(continuation)
                return nil
            }
            if let now { continuation.resume(returning: now) }
        }
        switch turn {
        case .ended(let ending): return ending
        case .first:
            let ending = await work()
            let waiters = entries.withLock { $0.removeValue(forKey: id)?.waiters ?? [] }
            for waiter in waiters { waiter.resume(returning: .ended(ending)) }
            return ending
        }
    }

    /// From now on only what is under way is finished, and waited for; a new callback is left and spends nothing.
    func close() { isClosed.store(true, ordering: .relaxed) }

    var isStopping: Bool { isClosed.load(ordering: .relaxed) }

    var count: Int { entries.withLock { $0.count } }
}
