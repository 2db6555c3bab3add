// SPDX-License-Identifier: MIT
import Instagram
import Vault

/// Why Instagram gave no connection: what the visitor hears, and what the journal says.
struct FlowFailure: Error {
    let code: ErrorCode
    var retryAfter: Int?
    /// The code never left this machine and is good still.
    var isUnspent = false
    let cause: String
}

/// A long-lived token and whose it is.
struct Grant: Sendable {
    let token: LongLivedToken
    let connection: Connection
}

extension Site {
    /// Three calls. The first spends the code and is made once; the others may be made again when Instagram stumbles.
    func granted(_ code: AuthorizationCode) async throws(FlowFailure) -> Grant {
        let short: ShortLivedGrant
        do throws(InstagramFailure) {
            short = try await instagram.exchange(code)
        } catch {
            throw FlowFailure(error, otherwise: .tokenExchangeFailed)
        }
        if let granted = short.scopes {
            let product = instagram.app.product
            let missing = product.needed(of: instagram.app.scopes).filter { !granted.contains($0) }
            guard missing.isEmpty else {
                throw FlowFailure(
                    code: missing.contains(product.basicScope) ? .profileNotGranted : .messagesNotGranted,
                    cause: "missing \(missing.joined(separator: " "))")
            }
        }
        let issuedAt = now()
        let long: LongLivedGrant
        do throws(InstagramFailure) {
            long = try await twice { () throws(InstagramFailure) in try await instagram.extend(short.token) }
        } catch {
            throw FlowFailure(error, otherwise: .tokenExchangeFailed)
        }
        let profile: Profile
        do throws(InstagramFailure) {
            profile = try await twice { () throws(InstagramFailure) in try await instagram.profile(long.token) }
        } catch {
            throw FlowFailure(error, otherwise: .userInfoFailed)
        }
        if profile.isPersonal, !instagram.app.product.takesPersonalAccounts {
            throw FlowFailure(code: .accountNotEligible, cause: "a personal account")
        }
        let expiresAt = issuedAt + Renewals.lifetime(long)
        return Grant(
            token: long.token,
            connection: Connection(
                profile: profile, scopes: short.scopes, tokenIssuedAt: issuedAt, tokenExpiresAt: expiresAt,
                nextRenewalAt: renewals.settings.rule.due(
                    issuedAt: issuedAt, expiresAt: expiresAt, account: profile.accountID.digits)))
    }

    /// One more try after a stumble that was quick. After a deadline there is no time left for one: nginx waits for the
    /// sum of all calls.
    private func twice<Value: Sendable>(
        _ call: () async throws(InstagramFailure) -> Value
    ) async throws(InstagramFailure) -> Value {
        let began = ContinuousClock.now
        do throws(InstagramFailure) {
            return try await call()
        } catch {
            guard error.isStumble, began.duration(to: .now) < FlowTime.quick else { throw error }
            try? await Task.sleep(for: FlowTime.pause)
            return try await call()
        }
    }
}

extension InstagramFailure {
    /// Down for a moment, as opposed to a refusal, a limit or a deadline.
    fileprivate var isStumble: Bool {
        switch self {
        case .transport(_, .broken), .transport(_, .unreachable): true
        case .answer(_, _, _, _, let verdict):
            switch verdict {
            case .unavailable, .unknown, .unintelligible, .incomplete: true
            default: false
            }
        default: false
        }
    }
}

extension FlowFailure {
    /// - Parameter otherwise: For an answer that is final but has no meaning of its own in this step.
    init(_ failure: InstagramFailure, otherwise: ErrorCode) {
        cause = "\(failure)"
        switch failure {
        case .transport(_, .deadline): code = .providerTimeout
        case .transport(let call, .unconnected):
            code = .providerTimeout
            isUnspent = call == .exchangeCode
        case .transport(_, .stopped): code = .interrupted
        case .transport(let call, .busy):
            code = .busy
            isUnspent = call == .exchangeCode
        case .transport(let call, .unreachable):
            code = .providerUnavailable
            isUnspent = call == .exchangeCode
        case .transport(_, .broken), .transport(_, .tooLarge): code = .providerUnavailable
        case .answer(_, _, _, _, let verdict):
            switch verdict {
            case .unavailable, .unknown, .unintelligible: code = .providerUnavailable
            case .limited(_, let seconds):
                code = .providerUnavailable
                retryAfter = seconds
            case .notEligible: code = .accountNotEligible
            case .permissionMissing: code = .permissionMissing
            case .dead, .checkpoint, .misconfigured, .refused, .incomplete: code = otherwise
            }
        }
    }
}
