// SPDX-License-Identifier: MIT

/// How a callback may end, as monitoring sees it.
enum CallbackOutcome {
    static let connected = "connected"
    /// Connected by a link; it counts when it is claimed.
    static let unclaimed = "unclaimed"
    /// Its code was lost with a process, so a new flow began at once.
    static let restarted = "restarted"
    /// Left to the next process, which counts it once more.
    static let left = "left"

    static let all: [String] =
        [connected, unclaimed, restarted, left] + Set(ErrorCode.allCases.map(\.publicCode)).sorted()
}
