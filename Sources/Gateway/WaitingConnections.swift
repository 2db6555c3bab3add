// SPDX-License-Identifier: MIT

/// Connections whose request is not whole yet, oldest first. All have the same patience, so that is deadline order too.
struct WaitingConnections {
    private struct Waiting {
        let descriptor: Int32
        let deadline: ContinuousClock.Instant
    }

    private let bound: Int
    /// By token. Tokens grow and are never used twice: an event for a closed connection finds nothing, although the
    /// kernel gives its descriptor number to the next one.
    private var connections: [UInt64: Waiting] = [:]
    private var oldest: UInt64 = 2
    private var next: UInt64 = 2

    init(bound: Int) {
        self.bound = bound
    }

    var count: Int { connections.count }
    var descriptors: [Int32] { connections.values.map(\.descriptor) }
    /// When the oldest one is due; nil when none waits.
    var nextDeadline: ContinuousClock.Instant? {
        connections[oldest]?.deadline
    }

    /// Adds one; gives back the descriptor of the oldest if that is one too many.
    mutating func insert(_ descriptor: Int32, deadline: ContinuousClock.Instant) -> (token: UInt64, pushedOut: Int32?) {
        let pushedOut = connections.count >= bound ? takeOldest() : nil
        defer { next += 1 }
        connections[next] = Waiting(descriptor: descriptor, deadline: deadline)
        return (next, pushedOut)
    }

    func connection(_ token: UInt64) -> Int32? {
        connections[token]?.descriptor
    }

    mutating func remove(_ token: UInt64) {
        connections[token] = nil
        skipGaps()
    }

    mutating func takeOverdue(_ now: ContinuousClock.Instant) -> Int32? {
        guard let due = nextDeadline, due <= now else { return nil }
        return takeOldest()
    }

    private mutating func takeOldest() -> Int32? {
        guard let first = connections.removeValue(forKey: oldest) else { return nil }
        skipGaps()
        return first.descriptor
    }

    private mutating func skipGaps() {
        while oldest < next, connections[oldest] == nil { oldest += 1 }
    }
}
