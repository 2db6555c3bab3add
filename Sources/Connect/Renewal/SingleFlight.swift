// SPDX-License-Identifier: MIT
import Synchronization

/// What is done once for all that ask for it while it is done: the first does the work, the others wait. Every step of
/// the work has a deadline, so they are told when it is over.
final class SingleFlight<Value: Sendable>: Sendable {
    /// Who may wait for one result.
    private static var waiting: Int { 4_096 }

    private enum Turn {
        case mine, crowded
        case told(Value)
    }

    private let waiters = Mutex<[String: [CheckedContinuation<Turn, Never>]]>([:])

    /// What is under way.
    var keys: Set<String> { waiters.withLock { Set($0.keys) } }

    /// - Returns: nil: too many wait for it already.
    func run(_ key: String, _ work: () async -> Value) async -> Value? {
        let turn = await withCheckedContinuation { continuation in
            let now: Turn? = waiters.withLock { waiters in
                guard let others = waiters[key]?.count else {
                    waiters[key] = []
                    return .mine
                }
                if others >= Self.waiting { return .crowded }
                waiters[key]?.append(continuation)
                return nil
            }
            if let now { continuation.resume(returning: now) }
        }
        switch turn {
        case .told(let value): return value
        case .crowded: return nil
        case .mine:
            let value = await work()
            let others = waiters.withLock { $0.removeValue(forKey: key) ?? [] }
            for other in others { other.resume(returning: .told(value)) }
            return value
        }
    }
}
