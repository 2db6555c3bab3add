// SPDX-License-Identifier: MIT

/// What an answer that is no success means. Codes decide, texts never do.
package enum Verdict: Sendable, Equatable {
    /// Down, confused, or something we do not know: trying again later may help.
    case unavailable
    /// A limit of the app or of the account; `seconds` until it ends, where Instagram says so.
    case limited(seconds: Int?)
    /// The token will never work again.
    case dead(Death)
    /// The person has to log in to Instagram and clear something.
    case checkpoint
    case permissionMissing
    /// A personal account, or no role on an app in development mode.
    case notEligible
    /// The code or the app's own credentials were refused.
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
