// SPDX-License-Identifier: MIT

/// What became of a renewal.
enum RenewalOutcome: String, Sendable, CaseIterable {
    case renewed
    /// A newer grant came in its place meanwhile, or the account was let go.
    case superseded
    /// The token is as it was, and is tried again.
    case failed
    /// The person has to do something.
    case lost
    /// Renewed, and the disk does not take it: it is held in memory until it does.
    case unstored
    /// The row's token does not open.
    case unreadable
    /// Nobody was asked: too young, too soon, or no turn in time.
    case untried
}
