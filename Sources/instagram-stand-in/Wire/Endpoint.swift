// SPDX-License-Identifier: MIT
import HTTPTypes

/// What of Instagram is reproduced, by the names that faults and counters use.
enum Endpoint: String, Codable, CaseIterable, Sendable {
    case authorize
    case exchangeCode = "exchange-code"
    case extendToken = "extend-token"
    case refreshToken = "refresh-token"
    case readProfile = "read-profile"
    /// Read and subscribe.
    case subscribedApps = "subscribed-apps"
    /// The same path with DELETE.
    case unsubscribe
    case messages
    case media
}

/// Everything that can be asked of this server. One base URL stands for Instagram's three hosts.
enum Route: Equatable {
    case instagram(Endpoint)
    /// What the consent page posts.
    case decision
    case authorizeError
    case control
    case controlReset
    case calls
    case callsReset
    case wait
    case tokens

    init?(path: [String], method: HTTPRequest.Method) {
        switch path {
        case ["oauth", "authorize"]: self = .instagram(.authorize)
        case ["oauth", "authorize", "decision"]: self = .decision
        case ["oauth", "authorize", "first_party", "error"]: self = .authorizeError
        case ["oauth", "access_token"]: self = .instagram(.exchangeCode)
        case ["access_token"]: self = .instagram(.extendToken)
        case ["me"]: self = .instagram(.readProfile)
        case ["refresh_access_token"]: self = .instagram(.refreshToken)
        case ["control"]: self = .control
        case ["control", "reset"]: self = .controlReset
        case ["control", "calls"]: self = .calls
        case ["control", "calls", "reset"]: self = .callsReset
        case ["control", "wait"]: self = .wait
        case ["control", "tokens"]: self = .tokens
        default:
            guard let endpoint = Self.graph(path, method) else { return nil }
            self = .instagram(endpoint)
        }
    }

    /// `/vNN.N/me` and `/vNN.N/{me or an id}/...`.
    private static func graph(_ path: [String], _ method: HTTPRequest.Method) -> Endpoint? {
        guard let version = path.first, isVersion(version) else { return nil }
        switch path.count {
        case 2: return path[1] == "me" ? .readProfile : nil
        case 3:
            switch path[2] {
            case "subscribed_apps": return method == .delete ? .unsubscribe : .subscribedApps
            case "messages": return .messages
            case "media": return .media
            default: return nil
            }
        default: return nil
        }
    }

    private static func isVersion(_ segment: String) -> Bool {
        guard segment.first == "v" else { return false }
        let numbers = segment.dropFirst().split(separator: ".", omittingEmptySubsequences: false)
        return numbers.count == 2 && numbers.allSatisfy { UInt16($0) != nil }
    }
}
