// SPDX-License-Identifier: MIT

/// How a callback ends.
enum FlowEnding: Sendable, Equatable {
    /// Committed. Who it is, is read from the row as it is now.
    case connected(user: String, generation: Int64)
    /// Connected by a link, and kept for whoever claims it.
    case unclaimed
    case failed(ErrorCode, retryAfter: Int? = nil)
    /// The code was sent and the answer is not known: it is never sent again, so only a new flow helps.
    case lost
    /// Not begun, because the process is about to end.
    case left
}
