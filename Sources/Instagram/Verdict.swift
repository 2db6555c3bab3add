// SPDX-License-Identifier: MIT

/// What an answer that is no success means. Codes decide, texts never do.
package enum Verdict: Sendable, Equatable {
    /// Down or confused: trying again later may help.
    case unavailable
    /// An error that the table does not know: taken for one of the moment, but worth counting.
    case unknown
    /// Calls have to pause; `seconds` until it ends, where Instagram says so.
    case limited(Limit, seconds: Int?)
    /// The token will never work again.
    case dead(Death)
    /// The person has to log in to Instagram and clear something.
    case checkpoint
    case permissionMissing
    /// A personal account, or no role on an app in development mode.
    case notEligible
    /// Something is wrong with the app itself, such as its secret: the same for every account.
    case misconfigured
    /// The code or the call was refused, for a reason that no number tells apart.
    case refused
    /// A success that is an object, but without what was asked for.
    case incomplete
    /// A success that is no JSON at all.
    case unintelligible

    package enum Death: String, Sendable {
        case expired, revoked
        case passwordChanged = "password_changed"
        case removed = "removed_in_instagram"
    }

    /// Whose calls have to pause.
    package enum Limit: String, Sendable {
        case app, account
    }
}

extension Verdict: CustomStringConvertible {
    /// Such as `dead(password_changed)` or `limited(app, 60 s)`.
    package var description: String {
        switch self {
        case .unavailable: "unavailable"
        case .unknown: "unknown"
        case .limited(let limit, let seconds): "limited(\(limit.rawValue)" + (seconds.map { ", \($0) s" } ?? "") + ")"
        case .dead(let death): "dead(\(death.rawValue))"
        case .checkpoint: "checkpoint"
        case .permissionMissing: "permission_missing"
        case .notEligible: "not_eligible"
        case .misconfigured: "misconfigured"
        case .refused: "refused"
        case .incomplete: "incomplete"
        case .unintelligible: "unintelligible"
        }
    }
}

/// A call that did not give what it was for: printable, without a byte of the answer.
package enum InstagramFailure: Error, Sendable, Equatable {
    case transport(Call.Name, TransportFailure)
    case answer(Call.Name, status: Int, code: Int?, subcode: Int?, Verdict)
}

extension InstagramFailure: CustomStringConvertible {
    /// Such as `read-profile: 400, code 190/460, dead(password_changed)`.
    package var description: String {
        switch self {
        case .transport(let call, let failure): "\(call.rawValue): \(failure)"
        case .answer(let call, let status, let code, let subcode, let verdict):
            "\(call.rawValue): \(status)" + (code.map { ", code \($0)" } ?? "") + (subcode.map { "/\($0)" } ?? "")
                + ", \(verdict)"
        }
    }
}
