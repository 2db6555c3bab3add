// SPDX-License-Identifier: MIT
package import HTTPTypes
import Instagram

/// Everything that can be asked.
package enum Endpoint: String, Sendable, CaseIterable {
    case start = "/auth/instagram"
    case callback = "/auth/instagram/callback"
    case status = "/auth/instagram/status"
    case settings = "/auth/instagram/settings"
    case signOut = "/auth/instagram/sign-out"
    case openAPI = "/auth/instagram/openapi.yaml"
    case healthz = "/healthz"
    case readyz = "/readyz"

    /// `HEAD` only where `GET` has no effect.
    package var methods: [HTTPRequest.Method] {
        switch self {
        case .start: [.get, .post]
        case .callback: [.get]
        case .signOut: [.post]
        case .status, .settings, .openAPI, .healthz, .readyz: [.get, .head]
        }
    }

    /// The listener that a route answers on; on the other it does not exist.
    package var surface: Request.Surface {
        switch self {
        case .healthz, .readyz: .private
        default: .public
        }
    }

    /// The route of a path as the client wrote it. Each segment is decoded once, and then has to be the very word: an
    /// encoded slash stays inside its segment, and what needs normalising first is nowhere.
    package init?(path: String) {
        if let exact = Self(rawValue: path), path.utf8.elementsEqual(exact.rawValue.utf8) {
            self = exact
            return
        }
        guard path.utf8.contains(UInt8(ascii: "%")), path.utf8.count <= 256 else { return nil }
        let segments = path.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        let decoded = segments.compactMap { PercentEncoding.decode($0) }
        guard decoded.count == segments.count, !decoded.contains(where: { $0.contains(UInt8(ascii: "/")) }) else {
            return nil
        }
        let joined = Array(decoded.joined(separator: [UInt8(ascii: "/")]))
        guard let found = Self.allCases.first(where: { joined.elementsEqual($0.rawValue.utf8) }) else { return nil }
        self = found
    }
}
