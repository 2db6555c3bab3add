// SPDX-License-Identifier: MIT
import FoundationEssentials
import HTTPTypes

extension ErrorReply {
    /// The table of Meta's error codes: what an error says about the token, the account or the app.
    func verdict(for call: Call.Name, _ reply: Reply) -> Verdict {
        guard let verdict = finding(call, reply) else {
            // A code that nobody has told us of may be a matter of the moment; so may an error without one.
            if reply.status == 429 { return .limited(.app, seconds: reply.secondsToRegainAccess) }
            return code == nil && reply.status >= 500 ? .unavailable : .unknown
        }
        switch verdict {
        case .dead, .checkpoint, .permissionMissing, .notEligible, .misconfigured, .refused:
            // Whatever the code: an error of the moment costs nobody a connection.
            return isTransient ? passing(reply) : verdict
        default: return verdict
        }
    }

    /// nil for what is not in the table.
    private func finding(_ call: Call.Name, _ reply: Reply) -> Verdict? {
        guard let code else {
            // No number tells flat refusals apart. They are the code exchange's, and at most of what follows it.
            return isFlat && call.isOfFlow && reply.status < 500 && reply.status != 429 ? .refused : nil
        }
        switch (code, subcode) {
        case (4, _), (341, _): return .limited(.app, seconds: reply.secondsToRegainAccess)
        case (17, _), (32, _), (613, _), (80002, _), (80006, _), (368, _), (10, 1_893_063):
            return .limited(.account, seconds: reply.secondsToRegainAccess)
        // Of messages: the window is closed, the owner or the customer wants none. The token is as good as before.
        case (10, 2_534_022), (10, 2_018_278), (200, 2_534_041), (100, 2_534_014), (100, 2_534_029), (551, _):
            return passing(reply)
        case (2, _): return passing(reply)
        // "Unknown, possibly downtime"; where the app's secret goes with the call, what a wrong one is answered with.
        case (1, _): return call.carriesSecret && reply.status < 500 ? .misconfigured : passing(reply)
        case (190, 459), (190, 464), (102, 459), (102, 464): return .checkpoint
        case (190, 458), (102, 458): return .dead(.removed)
        case (190, 460), (102, 460): return .dead(.passwordChanged)
        case (190, 463), (102, 463): return .dead(.expired)
        case (190, _), (102, _), (452, _): return .dead(.revoked)
        case (10, _), (200...299, _): return .permissionMissing
        // "Unsupported request - method type: get", which hides a pending tester invitation or a personal account.
        case (100, _) where type == "IGApiException": return .notEligible
        case (101, _): return .misconfigured
        case (3, _), (100, _): return .refused
        default: return nil
        }
    }

    /// Nothing is concluded from it but that now is not the time.
    private func passing(_ reply: Reply) -> Verdict {
        reply.status == 429 ? .limited(.app, seconds: reply.secondsToRegainAccess) : .unavailable
    }
}

extension Verdict {
    /// An answer that is neither what was asked for nor an error in a known shape.
    init(unexplained reply: Reply, for call: Call.Name, isObject: Bool) {
        self =
            switch reply.status {
            case 200...299: isObject ? .incomplete : .unintelligible
            case 429: .limited(.app, seconds: reply.secondsToRegainAccess)
            // The code of an exchange is spent by any refusal.
            case 400...499 where call == .exchangeCode: .refused
            case 500...: .unavailable
            default: isObject ? .unknown : .unavailable
            }
    }
}

extension Call.Name {
    /// A call that somebody waits for in a browser.
    fileprivate var isOfFlow: Bool { carriesSecret || self == .readProfile }
    fileprivate var carriesSecret: Bool { self == .exchangeCode || self == .extendToken }
}

extension Reply {
    /// The longest `estimated_time_to_regain_access` (minutes) of `X-Business-Use-Case-Usage`, else `Retry-After`.
    fileprivate var secondsToRegainAccess: Int? {
        struct Usage: Decodable {
            let minutes: Int?

            enum CodingKeys: String, CodingKey {
                case minutes = "estimated_time_to_regain_access"
            }
        }
        if let name = HTTPField.Name("X-Business-Use-Case-Usage"), let text = headers[name],
            let usage = try? JSONDecoder().decode([String: [Usage]].self, from: Data(text.utf8)),
            let minutes = usage.values.joined().compactMap(\.minutes).max(),
            (1...10_080).contains(minutes)
        {
            return minutes * 60
        }
        return headers[.retryAfter].flatMap { Int($0) }.flatMap { (1...604_800).contains($0) ? $0 : nil }
    }
}
