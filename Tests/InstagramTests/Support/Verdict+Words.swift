// SPDX-License-Identifier: MIT
import Instagram

extension Verdict {
    /// Such as `dead expired`, `limited account 1140`, `not-eligible`; nil for other words.
    init?(words: [String]) {
        switch (words.first, words.dropFirst().first, words.dropFirst(2).first) {
        case ("unavailable", nil, nil): self = .unavailable
        case ("unknown", nil, nil): self = .unknown
        case ("checkpoint", nil, nil): self = .checkpoint
        case ("permission-missing", nil, nil): self = .permissionMissing
        case ("not-eligible", nil, nil): self = .notEligible
        case ("misconfigured", nil, nil): self = .misconfigured
        case ("refused", nil, nil): self = .refused
        case ("incomplete", nil, nil): self = .incomplete
        case ("unintelligible", nil, nil): self = .unintelligible
        case ("dead", let death?, nil):
            guard let death = Death(rawValue: death) else { return nil }
            self = .dead(death)
        case ("limited", let limit?, let seconds):
            guard let limit = Limit(rawValue: limit) else { return nil }
            guard let seconds else {
                self = .limited(limit, seconds: nil)
                return
            }
            guard let seconds = Int(seconds) else { return nil }
            self = .limited(limit, seconds: seconds)
        default: return nil
        }
    }

    /// After it the connection counts as lost, or as of no use: what nothing of the moment may do.
    var disconnects: Bool {
        switch self {
        case .dead, .checkpoint, .permissionMissing, .notEligible: true
        default: false
        }
    }
}
