// SPDX-License-Identifier: MIT
import Instagram
import Synchronization
import Vault

/// How an import ends.
enum ImportEnding: Sendable, Equatable {
    /// Committed. The answer is the row as it is now.
    case connected
    case failed(ErrorCode, retryAfter: Int? = nil)
    case refused(TokenRefusal)
}

/// A token that Instagram renewed for an import, and what to keep it with.
struct ImportedGrant: Sendable {
    let user: String
    let grant: Grant
    /// The counter when the import began.
    let began: Int64
}

/// What imports have in common: their share of the calls, what is under way, and what the store did not take yet.
final class Imports: Sendable {
    /// How long an import waits for a turn.
    static let patience: Duration = .seconds(5)
    /// Calls of an import.
    private static let calls = 2
    /// Imports have one of so many turns at most. What is due goes on beside them, and what they connect is subscribed.
    private static let share = 2
    /// Grants that are held for a store that failed.
    private static let held = 1_000

    let flights = SingleFlight<ImportEnding>()
    private let pace: Mutex<Pace>
    /// What imports were told of the app. It says nothing to others: the token may be another app's.
    private let health = Mutex(AppHealth())
    private let grants = Mutex<[FlowID: (grant: ImportedGrant, at: Uptime)]>([:])

    /// - Parameters:
    ///   - callsPerMinute: Of all; nil: as many as can be.
    ///   - now: Of a clock that nobody sets.
    init(callsPerMinute: Int?, now: Duration) {
        pace = Mutex(
            Pace(interval: Pace(perMinute: callsPerMinute, now: now).interval * Self.calls * Self.share, now: now))
    }

    /// Takes the place of an import.
    ///
    /// - Returns: How long to wait for it, or in how many seconds to ask again.
    func begin(at now: Duration) -> Result<Duration, Later> {
        pace.withLock { pace in
            if let wait = pace.turn(at: now, atMost: Self.patience) { return .success(wait) }
            return .failure(Later(after: pace.wait(at: now) - Self.patience))
        }
    }

    /// Seconds until a call may be made; nil: now.
    func wait(at now: UnixTime) -> Int64? { health.withLock { $0.wait(at: now) } }

    /// Instagram limits the app of a token.
    func limited(_ judgement: Judgement, of user: String, at now: UnixTime, chance: Double) {
        health.withLock { _ = $0.failed(judgement, of: user, at: now, chance: chance) }
    }

    func succeeded(at now: UnixTime) { health.withLock { _ = $0.succeeded(at: now) } }

    // MARK: What the store did not take

    /// A token that Instagram gave is not lost to a disk that is full: a repeat offers it to the store again. After the
    /// time for which an import is known, it is forgotten.
    func hold(_ grant: ImportedGrant, as id: FlowID, now: Uptime) {
        grants.withLock { grants in
            grants = grants.filter { Self.isFresh($0.value.at, now) }
            if grants.count < Self.held || grants[id] != nil { grants[id] = (grant, now) }
        }
    }

    func held(_ id: FlowID, now: Uptime) -> ImportedGrant? {
        grants.withLock { grants in
            grants = grants.filter { Self.isFresh($0.value.at, now) }
            return grants[id]?.grant
        }
    }

    func drop(_ id: FlowID) { grants.withLock { $0[id] = nil } }

    /// The user was let go.
    func drop(_ user: String) {
        grants.withLock { $0 = $0.filter { !$0.value.grant.user.utf8.elementsEqual(user.utf8) } }
    }

    private static func isFresh(_ then: Uptime, _ now: Uptime) -> Bool {
        now.seconds(since: then).map { (0..<Store.remembered).contains($0) } ?? false
    }
}

/// There was no turn.
struct Later: Error, Equatable {
    /// Whole, and at least one.
    let seconds: Int

    init(after wait: Duration) {
        let (seconds, rest) = wait.components
        self.seconds = max(1, Int(seconds) + (rest > 0 ? 1 : 0))
    }
}
