// SPDX-License-Identifier: MIT

/// Failures by name. Most have one literal body; on `exchange-code` some have a second, flat one.
enum FaultKind: String, Codable, Sendable {
    // Of the code's exchange (contract 7.2).
    case codeUsed = "code-used"
    case codeUsedVariant = "code-used-variant"
    case codeInvalid = "code-invalid"
    case redirectMismatch = "redirect-mismatch"
    case wrongClient = "wrong-client"
    case missingField = "missing-field"
    // Of graph.instagram.com (7.3 to 7.5).
    case wrongSecret = "wrong-secret"
    case unsupportedRequest = "unsupported-request"
    case alreadyLong = "already-long"
    case expired
    case garbageToken = "garbage-token"
    case passwordChanged = "password-changed"
    case appRemoved = "app-removed"
    case permissionRemoved = "permission-removed"
    case transient
    case throttledApp = "throttled-app"
    case throttledUser = "throttled-user"
    case throttledBusiness = "throttled-business"
    /// An error number that nobody has documented.
    case unknownCode = "unknown-code"
    // Of a send (7.6).
    case windowClosed = "window-closed"
    case directMessagesOff = "dm-access-off"
    case unknownUser = "unknown-user"
    case throttledMessages = "throttled-messages"
    // Of a subscription and of its end: `{"success":false}`, and nothing has changed.
    case notSubscribed = "not-subscribed"
    // Of what lies between.
    case html502 = "html-502"
    case html200 = "html-200"
    case garbageJSON = "garbage-json"
    case empty200 = "empty-200"
    /// 410: nothing is here any more.
    case gone
    /// 10 MB, sent by nginx.
    case huge
    /// The connection is closed without an answer, by nginx.
    case drop
    case dropAfterSuccess = "drop-after-success"
    /// No answer until the server stops.
    case hang
}

extension FaultKind {
    /// A fault that means nothing at its endpoint is refused: it would test something else than it says.
    func occurs(at endpoint: Endpoint) -> Bool {
        switch self {
        case .codeUsed, .codeUsedVariant, .codeInvalid: endpoint == .exchangeCode
        case .redirectMismatch, .wrongClient: endpoint == .exchangeCode || endpoint == .authorize
        case .notSubscribed: endpoint == .subscribedApps || endpoint == .unsubscribe
        case .permissionRemoved, .transient: true
        case .html502, .html200, .garbageJSON, .empty200, .gone, .huge, .drop, .dropAfterSuccess, .hang: true
        // The rest are errors of graph.instagram.com; the code's endpoint is known to answer in that shape as well.
        default: endpoint != .authorize
        }
    }
}
