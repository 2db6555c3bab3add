// SPDX-License-Identifier: MIT

/// How a call ended, in a word: what monitoring counts.
package enum CallOutcome: String, Sendable, CaseIterable {
    case ok
    case unavailable, limited, dead, checkpoint, refused, misconfigured, incomplete, unintelligible
    /// An error that the table does not know.
    case unknown
    case permissionMissing = "permission_missing"
    case notEligible = "not_eligible"
    // No whole answer came back.
    case deadline, unconnected, unreachable, broken, stopped, busy
    case tooLarge = "too_large"
}

extension InstagramFailure {
    package var outcome: CallOutcome {
        switch self {
        case .transport(_, let failure):
            switch failure {
            case .deadline: .deadline
            case .unconnected: .unconnected
            case .unreachable: .unreachable
            case .broken: .broken
            case .tooLarge: .tooLarge
            case .stopped: .stopped
            case .busy: .busy
            }
        case .answer(_, _, _, _, let verdict):
            switch verdict {
            case .unavailable: .unavailable
            case .limited: .limited
            case .dead: .dead
            case .checkpoint: .checkpoint
            case .permissionMissing: .permissionMissing
            case .notEligible: .notEligible
            case .refused: .refused
            case .misconfigured: .misconfigured
            case .unknown: .unknown
            case .incomplete: .incomplete
            case .unintelligible: .unintelligible
            }
        }
    }
}
