// SPDX-License-Identifier: MIT
import Instagram

/// What a call that failed means for the account that it was made for.
enum Judgement: Sendable, Equatable {
    /// Trying again later may help, and the token is as good as before.
    case transient
    /// The same, for an answer that nobody has told us of.
    case unknown
    case limited(Verdict.Limit, seconds: Int?)
    case lost(Loss)
    /// The app itself was refused: no account has anything to do with it.
    case misconfigured
    /// Our own doing; nothing was learned.
    case untold

    init(_ failure: InstagramFailure) {
        switch failure {
        case .transport(_, .stopped), .transport(_, .busy): self = .untold
        case .transport: self = .transient
        case .answer(_, _, _, _, let verdict):
            self =
                switch verdict {
                case .unavailable, .unintelligible, .incomplete: .transient
                case .unknown, .refused: .unknown
                case .limited(let limit, let seconds): .limited(limit, seconds: seconds)
                case .dead(.expired): .lost(.expired)
                case .dead(.revoked): .lost(.revoked)
                case .dead(.passwordChanged): .lost(.passwordChanged)
                case .dead(.removed): .lost(.removed)
                case .checkpoint: .lost(.checkpoint)
                case .permissionMissing: .lost(.permissionMissing)
                case .notEligible: .lost(.notEligible)
                case .misconfigured: .misconfigured
                }
        }
    }
}

/// Why a person has to do something: the `reason` of a status.
enum Loss: String, Sendable, CaseIterable {
    case expired, revoked
    case passwordChanged = "password_changed"
    case removed = "removed_in_instagram"
    case checkpoint
    case permissionMissing = "permission_missing"
    case notEligible = "not_eligible"

    /// The token will never work again. The others may, once a person has cleared what stands in the way, so it is kept
    /// and tried once a day.
    var isFinal: Bool {
        switch self {
        case .expired, .revoked, .passwordChanged, .removed: true
        case .checkpoint, .permissionMissing, .notEligible: false
        }
    }
}
