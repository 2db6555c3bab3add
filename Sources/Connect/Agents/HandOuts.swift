// SPDX-License-Identifier: MIT
import Synchronization

/// A token that an agent got, counted by the hour.
struct HandOut: Hashable, Sendable {
    let agent: String
    let user: String
    let generation: Int64
    /// Since 1970.
    let hour: Int64

    init(agent: String, user: String, generation: Int64, at now: UnixTime) {
        self.agent = agent
        self.user = user
        self.generation = generation
        hour = now.seconds / 3_600
    }
}

/// The hand-outs that this process has written down. The first of each kind is committed before the token leaves;
/// those after it are counted here and written together.
final class HandOuts: Sendable {
    /// Kinds that are remembered. With more than that, all are written down and known again by their next first.
    private static let bound = 100_000

    private struct State {
        /// How many are not written yet, of each kind whose first is.
        var counts: [HandOut: Int] = [:]
        /// Of all kinds.
        var untold = 0
    }

    private let state = Mutex(State())
    /// Rung when there is something to write.
    private let bell: Bell

    init(bell: Bell) {
        self.bell = bell
    }

    /// Counts it, if its first is written down; else that is the caller's to do.
    func count(_ handOut: HandOut) -> Bool {
        let (isKnown, isFirst) = state.withLock { state in
            guard let count = state.counts[handOut] else { return (false, false) }
            state.counts[handOut] = count + 1
            defer { state.untold += 1 }
            return (true, state.untold == 0)
        }
        if isFirst { bell.ring() }
        return isKnown
    }

    /// Its first is written down.
    func began(_ handOut: HandOut) {
        state.withLock { state in
            guard state.counts.count < Self.bound else { return }
            state.counts[handOut, default: 0] += 0
        }
    }

    /// What is not written yet; who takes it writes it, or gives it back. Hours that are over are forgotten.
    func take(now: UnixTime) -> [HandOut: Int] {
        let hour = now.seconds / 3_600
        return state.withLock { state in
            let untold = state.counts.filter { $0.value > 0 }
            state.counts = state.counts.filter { $0.key.hour == hour }.mapValues { _ in 0 }
            state.untold = 0
            return untold
        }
    }

    func forget(_ user: String) {
        state.withLock { state in
            state.counts = state.counts.filter { !$0.key.user.utf8.elementsEqual(user.utf8) }
            state.untold = state.counts.values.reduce(0, +)
        }
    }

    var areUntold: Bool { state.withLock { $0.untold > 0 } }

    func giveBack(_ untold: [HandOut: Int]) {
        state.withLock { state in
            state.counts.merge(untold) { $0 + $1 }
            state.untold += untold.values.reduce(0, +)
        }
    }
}
