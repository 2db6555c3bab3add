// SPDX-License-Identifier: MIT
import Instagram

/// What the answers for many accounts say about the one app behind them: whether it may call, and whether accounts that
/// fail do so by themselves. A value over time.
struct AppHealth: Sendable {
    enum Change: Sendable, Equatable {
        case failing(String)
        case recovered
    }

    /// Accounts that fail alike, with no success between them, before it is the app.
    static let alike = 3
    /// Accounts that get no answer, for an hour without a success, before it is the app.
    private static let stumbling = 5
    private static let stumblingSeconds: Int64 = 3_600
    /// Seconds for which the app is given the blame. What accounts are told after that counts for each of them again.
    static let blamed: Int64 = 86_400
    /// No pause is longer: a clock that was set makes nobody wait for years.
    private static let longestPause: Int64 = 86_400

    /// Instagram limits the app until then.
    private(set) var pausedUntil: UnixTime?
    private(set) var failing: (since: UnixTime, cause: String)?
    private(set) var lastSuccess: UnixTime?
    private var limits = 0
    private var losses: (loss: Loss, accounts: Set<String>, since: UnixTime)?
    private var stumbles: (accounts: Set<String>, since: UnixTime)?
    private var probe: (next: UnixTime, delay: Int64)?

    init(pausedUntil: UnixTime? = nil, failing: (since: UnixTime, cause: String)? = nil) {
        self.pausedUntil = pausedUntil
        self.failing = failing
    }

    /// Seconds until the next call may be made for no particular reason; nil: now.
    func wait(at now: UnixTime) -> Int64? {
        let pauses = [pausedUntil, failing == nil ? nil : probe?.next].compactMap { $0.map { $0 - now } }
        return pauses.filter { (1...Self.longestPause).contains($0) }.max()
    }

    /// Whether an account that is lost is lost by itself.
    func believes(_ loss: Loss, at now: UnixTime) -> Bool {
        guard let failing, failing.cause != Self.unreachable else { return true }
        return !(0..<Self.blamed).contains(now - failing.since)
    }

    /// Whether what accounts are told now says more about the app than about them: nothing is final meanwhile.
    var isToBlame: Bool { failing.map { $0.cause != Self.unreachable } ?? false }

    static let unreachable = "unreachable"
    static let misconfigured = "misconfigured"

    mutating func succeeded(at now: UnixTime) -> Change? {
        lastSuccess = now
        (losses, stumbles, probe, limits) = (nil, nil, nil, 0)
        guard failing != nil else { return nil }
        failing = nil
        return .recovered
    }

    /// - Parameter chance: 0 to 1.
    mutating func failed(_ judgement: Judgement, of account: String, at now: UnixTime, chance: Double) -> Change? {
        defer {
            // Answers that were on their way together count once.
            if failing != nil, probe.map({ now >= $0.next }) ?? true {
                let delay = min((probe?.delay ?? 30) * 2, 1_800)
                probe = (now + delay / 2 + Int64(chance * Double(delay) / 2), delay)
            }
        }
        switch judgement {
        case .untold, .limited(.account, _): return nil
        case .limited(.app, let seconds):
            let isNew = pausedUntil.map { now >= $0 } ?? true
            let usual = Int64(900) << Int64(min(isNew ? limits : max(limits - 1, 0), 3))
            let asked = min(max(seconds.map(Int64.init) ?? usual, 60), Self.longestPause)
            if isNew { limits += 1 }
            let until = now + min(asked + Int64(chance * Double(asked) / 10), Self.longestPause)
            pausedUntil = max(pausedUntil ?? until, until)
            return nil
        case .transient, .unknown:
            if stumbles == nil { stumbles = ([], now) }
            if stumbles!.accounts.count < Self.stumbling { stumbles!.accounts.insert(account) }
            let isLong = now - stumbles!.since >= Self.stumblingSeconds
            return stumbles!.accounts.count >= Self.stumbling && isLong ? fail(as: Self.unreachable, at: now) : nil
        case .misconfigured: return fail(as: Self.misconfigured, at: now)
        case .lost(let loss):
            if losses?.loss != loss || now - (losses?.since ?? now) > Self.blamed { losses = (loss, [], now) }
            if losses!.accounts.count < Self.alike { losses!.accounts.insert(account) }
            return losses!.accounts.count >= Self.alike ? fail(as: loss.rawValue, at: now) : nil
        }
    }

    private mutating func fail(as cause: String, at now: UnixTime) -> Change? {
        // A worse cause takes the place of a lighter one, without a second event.
        let isNew = failing == nil
        if isNew || failing?.cause == Self.unreachable && cause != Self.unreachable { failing = (now, cause) }
        return isNew ? .failing(cause) : nil
    }
}
