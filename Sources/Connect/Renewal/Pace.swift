// SPDX-License-Identifier: MIT

/// Calls to Instagram, evenly spaced: never more than so many in any minute, also across restarts, because nothing is
/// saved up and the first call waits as long as any other.
struct Pace: Sendable {
    let interval: Duration
    private var next: Duration

    /// - Parameters:
    ///   - perMinute: nil: as fast as it goes.
    ///   - now: Of a clock that nobody sets.
    init(perMinute: Int?, now: Duration) {
        self.init(interval: perMinute.map { .seconds(60) / $0 } ?? .zero, now: now)
    }

    init(interval: Duration, now: Duration) {
        self.interval = interval
        next = now + interval
    }

    /// At least one.
    func turns(in time: Duration) -> Int { interval == .zero ? .max : max(1, Int(time / interval)) }

    /// How long to wait for a turn that is taken herewith; nil, and none is taken, where that is too long.
    mutating func turn(at now: Duration, atMost patience: Duration) -> Duration? {
        let turn = max(now, next)
        guard turn - now <= patience else { return nil }
        next = turn + interval
        return turn - now
    }

    /// Until the turn that is free.
    func wait(at now: Duration) -> Duration { max(.zero, next - now) }
}

/// How an engine waits: a seam, so that years pass in a test as they pass in life.
package struct Pause: Sendable {
    /// Of a clock that nobody sets.
    package let now: @Sendable () -> Duration
    /// Until the bell has rung more often than `heard`, and so long at most.
    let wait: @Sendable (_ bell: Bell, _ heard: Int, _ duration: Duration) async -> Void

    package static var real: Pause {
        let begin = ContinuousClock.now
        return Pause(now: { begin.duration(to: .now) }, wait: { await $0.wait(after: $1, atMost: $2) })
    }
}
