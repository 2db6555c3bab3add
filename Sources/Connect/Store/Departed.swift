// SPDX-License-Identifier: MIT
import Synchronization

/// Users who were let go a moment ago. A request that read their row before the commit hands nothing out after it.
final class Departed: Sendable {
    /// Only requests under way are concerned; with more than that the older half is long over.
    private static let bound = 10_000

    private let generations = Mutex<[String: Int64]>([:])

    func note(_ user: String, generation: Int64) {
        generations.withLock { generations in
            if generations.count >= Self.bound {
                let middle = generations.values.sorted()[generations.count / 2]
                generations = generations.filter { $0.value > middle }
            }
            generations[user] = max(generation, generations[user] ?? generation)
        }
    }

    /// Whether the user was let go after their row had this generation.
    func isOutdated(_ user: User) -> Bool {
        generations.withLock { $0[user.id].map { $0 > user.generation } ?? false }
    }
}
