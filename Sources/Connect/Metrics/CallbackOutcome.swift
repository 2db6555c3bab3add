// SPDX-License-Identifier: MIT

/// How a callback may end, as monitoring sees it.
enum CallbackOutcome {
    static let connected = "connected"
    /// Its code was lost with a process, so a new flow began at once.
    static let restarted = "restarted"
    /// Left to the next process, which counts it once more.
    static let left = "left"

    static let all: [String] =
        [connected, restarted, left] + Set(ErrorCode.allCases.map(\.publicCode)).sorted()
}
