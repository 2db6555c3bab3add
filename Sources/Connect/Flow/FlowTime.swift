// SPDX-License-Identifier: MIT

/// How long a callback takes at most, by the deadlines of its steps.
package enum FlowTime {
    /// A call that fails sooner may be made once more.
    static let quick: Duration = .seconds(1)
    /// Before it is.
    static let pause: Duration = .milliseconds(200)

    /// Three calls, of which the second and the third may be made again after a quick failure; and six waits for the
    /// store: claimed, sent, kept, what it says of the app, the answer read, the session before it ended.
    package static func longest(call: Duration, store: Duration) -> Duration {
        call * 3 + (quick + pause) * 2 + store * 6
    }

    /// How long an import takes: two calls with a turn to wait for before each, and six waits for the store: whether it
    /// is known, the rows that it concerns, sent, kept, the answer read, and that once more if its key was dropped.
    package static func longestImport(call: Duration, store: Duration) -> Duration {
        (call + Imports.patience) * 2 + store * 6
    }
}
