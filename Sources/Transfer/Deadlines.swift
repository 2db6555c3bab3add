// SPDX-License-Identifier: MIT

/// When each call must have ended. All calls have the same time, so the order of arrival is the order of deadlines.
struct Deadlines {
    private var queue: [(moment: ContinuousClock.Instant, ticket: UInt64)] = []
    private var head = 0

    mutating func append(_ ticket: UInt64, at moment: ContinuousClock.Instant) {
        queue.append((moment, ticket))
    }

    /// Forgets from the front what is over, so that the next moment is one that matters.
    mutating func skip(while isOver: (UInt64) -> Bool) {
        while head < queue.count, isOver(queue[head].ticket) { head += 1 }
        guard head > 64, head * 2 > queue.count else { return }
        queue.removeFirst(head)
        head = 0
    }

    var next: ContinuousClock.Instant? { head < queue.count ? queue[head].moment : nil }

    /// The first whose moment has come; call until nil.
    mutating func due(at now: ContinuousClock.Instant) -> UInt64? {
        guard head < queue.count, queue[head].moment <= now else { return nil }
        defer { head += 1 }
        return queue[head].ticket
    }
}
