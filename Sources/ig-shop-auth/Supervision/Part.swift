// SPDX-License-Identifier: MIT
import Synchronization

/// A thread, or a queue, for which everybody waits: it has to come round.
final class Part: Sendable {
    let name: String
    private let ask: @Sendable (_ taken: @escaping @Sendable () -> Void) -> Void
    private let isAsked = Atomic<Bool>(false)

    init(_ name: String, ask: @escaping @Sendable (_ taken: @escaping @Sendable () -> Void) -> Void) {
        self.name = name
        self.ask = ask
    }

    /// Not again before the last turn was taken: one that hangs gathers no questions.
    func askForTurn() {
        guard !isAsked.exchange(true, ordering: .sequentiallyConsistent) else { return }
        ask { [self] in isAsked.store(false, ordering: .sequentiallyConsistent) }
    }

    /// Whether it has come round since it was asked.
    var hasAnswered: Bool { !isAsked.load(ordering: .sequentiallyConsistent) }
}
