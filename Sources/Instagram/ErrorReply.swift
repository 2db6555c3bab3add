// SPDX-License-Identifier: MIT
import FoundationEssentials
import HTTPTypes

/// The error shapes of Instagram: Graph's nested one, and the flat one of the code exchange.
struct ErrorReply: Decodable {
    let type: String?
    let code: Int?
    let subcode: Int?
    let isTransient: Bool
    let isFlat: Bool

    private enum Key: String, CodingKey {
        case error, type, code
        case subcode = "error_subcode"
        case isTransient = "is_transient"
        case errorType = "error_type"
        case errorMessage = "error_message"
    }

    init(from decoder: any Decoder) throws {
        let outer = try decoder.container(keyedBy: Key.self)
        if let graph = try? outer.nestedContainer(keyedBy: Key.self, forKey: .error) {
            type = try? graph.decode(String.self, forKey: .type)
            code = try? graph.decode(Int.self, forKey: .code)
            subcode = try? graph.decode(Int.self, forKey: .subcode)
            isTransient = (try? graph.decode(Bool.self, forKey: .isTransient)) ?? false
            isFlat = false
        } else {
            guard outer.contains(.errorType) || outer.contains(.errorMessage) else {
                throw DecodingError.dataCorrupted(.init(codingPath: [], debugDescription: "no error"))
            }
            type = try? outer.decode(String.self, forKey: .errorType)
            // The flat shape's `code` repeats the HTTP status and means nothing more.
            code = nil
            subcode = nil
            isTransient = false
            isFlat = true
        }
    }

    /// The table of Meta's error codes, as they are met in a connection.
    func verdict(for call: Call.Name, _ reply: Reply) -> Verdict {
        if isFlat, reply.status != 429 { return reply.status >= 500 ? .unavailable : .refused }
        switch (code, subcode) {
        case (4, _), (17, _), (32, _), (341, _), (613, _), (80002, _), (80006, _), (368, _):
            return .limited(seconds: Self.secondsToRegainAccess(reply))
        case (190, 459), (190, 464), (102, 459), (102, 464): return .checkpoint
        case (190, 458), (102, 458): return .dead(.removed)
        case (190, 460), (102, 460): return .dead(.passwordChanged)
        case (190, 463), (102, 463): return .dead(.expired)
        case (190, _), (102, _), (452, _): return .dead(.revoked)
        // Messaging sub-codes under 10 and 200 leave a token good, but no messaging call is made here.
        case (10, _), (.some(200...299), _): return .permissionMissing
        // "Unsupported request - method type: get", which hides a pending tester invitation or a personal account.
        case (100, _) where type == "IGApiException": return .notEligible
        case (3, _), (100, _), (101, _): return .refused
        // A wrong client secret comes as code 1, "unknown, possibly downtime": permanent, unless it says otherwise.
        case (1, _) where call != .readProfile && !isTransient && reply.status < 500: return .refused
        // A code that nobody has told us of may be a matter of the moment.
        default: return reply.status == 429 ? .limited(seconds: Self.secondsToRegainAccess(reply)) : .unavailable
        }
    }

    /// A failure without an error in it: the code of an exchange is spent by any refusal.
    static func verdict(byStatusOf reply: Reply, for call: Call.Name) -> Verdict {
        switch reply.status {
        case 429: .limited(seconds: secondsToRegainAccess(reply))
        case 400...499 where call == .exchangeCode: .refused
        default: .unavailable
        }
    }

    /// The longest `estimated_time_to_regain_access` (minutes) of `X-Business-Use-Case-Usage`, else `Retry-After`.
    static func secondsToRegainAccess(_ reply: Reply) -> Int? {
        struct Usage: Decodable {
            let minutes: Int?

            enum CodingKeys: String, CodingKey {
                case minutes = "estimated_time_to_regain_access"
            }
        }
        if let name = HTTPField.Name("X-Business-Use-Case-Usage"), let text = reply.headers[name],
            let usage = try? JSONDecoder().decode([String: [Usage]].self, from: Data(text.utf8)),
            let minutes = usage.values.joined().compactMap(\.minutes).max(),
            (1...10_080).contains(minutes)
        {
            return minutes * 60
        }
        return reply.headers[.retryAfter].flatMap { Int($0) }.flatMap { (1...604_800).contains($0) ? $0 : nil }
    }
}
