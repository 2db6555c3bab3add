// SPDX-License-Identifier: MIT
package import HTTPTypes
import Instagram

/// Everything that can be asked. A segment in braces stands for any one segment.
package enum Endpoint: String, Sendable, CaseIterable {
    case start = "/auth/instagram"
    case callback = "/auth/instagram/callback"
    case status = "/auth/instagram/status"
    case settings = "/auth/instagram/settings"
    case disconnect = "/auth/instagram/disconnect"
    case signOut = "/auth/instagram/sign-out"
    case deauthorize = "/auth/instagram/deauthorize"
    case dataDeletion = "/auth/instagram/data-deletion"
    case deletion = "/auth/instagram/data-deletion/{code}"
    case connectScript = "/auth/instagram/connect.js"
    case connectLink = "/auth/instagram/connect"
    case openAPI = "/auth/instagram/openapi.yaml"
    case healthz = "/healthz"
    case readyz = "/readyz"
    case metrics = "/metrics"
    case agentUsers = "/agent/v1/users"
    case agentUser = "/agent/v1/users/{user}"
    case agentUserConnect = "/agent/v1/users/{user}/connect"
    case agentUserDisconnect = "/agent/v1/users/{user}/disconnect"
    case agentUserImport = "/agent/v1/users/{user}/import"
    case agentUserToken = "/agent/v1/users/{user}/token"
    case agentUserRefused = "/agent/v1/users/{user}/token/refused"
    case agentAccount = "/agent/v1/accounts/{instagram_user_id}"
    case agentAccountToken = "/agent/v1/accounts/{instagram_user_id}/token"
    case agentAccountRefused = "/agent/v1/accounts/{instagram_user_id}/token/refused"
    case agentClaims = "/agent/v1/claims"
    case agentEvents = "/agent/v1/events"

    /// `HEAD` only where `GET` has no effect.
    package var methods: [HTTPRequest.Method] {
        switch self {
        case .start: [.get, .post]
        case .connectLink: [.get, .head, .post]
        // A hand-out is written down, and who waits for events waits for what they are.
        case .callback, .agentUserToken, .agentAccountToken, .agentEvents: [.get]
        case .disconnect, .signOut, .deauthorize, .dataDeletion, .agentUserConnect, .agentUserDisconnect,
            .agentUserImport, .agentUserRefused, .agentAccountRefused, .agentClaims:
            [.post]
        case .status, .settings, .deletion, .connectScript, .openAPI, .healthz, .readyz, .metrics, .agentUsers,
            .agentUser,
            .agentAccount:
            [.get, .head]
        }
    }

    /// The listener that a route answers on; on the other it does not exist.
    package var surface: Request.Surface { isPublic ? .public : .private }

    private var isPublic: Bool { rawValue.utf8.starts(with: "/auth/".utf8) }

    /// Whether a request may have a body.
    var takesBody: Bool {
        switch self {
        case .agentUserConnect, .agentUserImport, .agentClaims, .agentUserRefused, .agentAccountRefused, .deauthorize,
            .dataDeletion:
            true
        default: false
        }
    }
}

/// A route, and what stands in the place of its braces.
package struct MatchedRoute: Sendable, Equatable {
    /// The longest path that is looked at: a user's name with each byte escaped, and the route around it.
    private static let maximumBytes = 512

    package let endpoint: Endpoint
    /// Decoded; empty where the route has no braces.
    package let parameter: String

    /// The route of a path as the client wrote it. Each segment is decoded once, and then has to be the very word: an
    /// encoded slash stays inside its segment, and what needs normalising first is nowhere.
    package init?(path: String) {
        // Nearly every path is a route letter by letter.
        if let exact = Endpoint(rawValue: path), path.utf8.elementsEqual(exact.rawValue.utf8),
            !path.utf8.contains(UInt8(ascii: "{"))
        {
            (endpoint, parameter) = (exact, "")
            return
        }
        guard path.utf8.count <= Self.maximumBytes else { return nil }
        let written = path.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        let segments = written.compactMap { PercentEncoding.decode($0) }
        guard segments.count == written.count,
            let (endpoint, template) = Self.templates.first(where: { Self.matches(segments, $0.segments) })
        else { return nil }
        self.endpoint = endpoint
        guard let place = template.firstIndex(where: \.isEmpty).map({ $0 + 1 }) else {
            parameter = ""
            return
        }
        guard let text = String(validating: segments[place], as: UTF8.self), RemoteUser.isName(text) else { return nil }
        parameter = text
    }

    /// The segments of each route behind its first slash; an empty one for braces.
    private static let templates: [(endpoint: Endpoint, segments: [[UInt8]])] = Endpoint.allCases.map { endpoint in
        let segments = endpoint.rawValue.utf8.dropFirst().split(separator: UInt8(ascii: "/"))
        return (endpoint, segments.map { $0.first == UInt8(ascii: "{") ? [] : Array($0) })
    }

    private static func matches(_ written: [[UInt8]], _ template: [[UInt8]]) -> Bool {
        guard written.count == template.count + 1, written[0].isEmpty else { return false }
        return zip(written.dropFirst(), template).allSatisfy { $1.isEmpty ? !$0.isEmpty : $0 == $1 }
    }
}
