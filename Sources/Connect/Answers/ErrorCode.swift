// SPDX-License-Identifier: MIT
package import HTTPTypes

/// Every way a request can fail, as the visitor and the frontend hear it. Texts are fixed: nothing from a request or
/// from Instagram is reflected.
package enum ErrorCode: String, Error, Sendable, CaseIterable {
    case invalidRequest = "invalid_request"
    case invalidState = "invalid_state"
    case missingCode = "missing_code"
    case loginRequired = "login_required"
    case unauthorized
    case accessDenied = "access_denied"
    case forbidden
    case accountInUse = "account_in_use"
    case accountMismatch = "account_mismatch"
    case reconnectRequired = "reconnect_required"
    /// A token that an agent wants to import; the answer says why.
    case tokenRefused = "token_refused"
    /// Events that an agent asks for are forgotten.
    case gone
    case accountNotEligible = "account_not_eligible"
    case permissionMissing = "permission_missing"
    /// Which permission is missing: the same code to the outside, with a sentence of its own.
    case profileNotGranted = "permission_missing_profile"
    case messagesNotGranted = "permission_missing_messages"
    case tokenExchangeFailed = "token_exchange_failed"
    case userInfoFailed = "user_info_failed"
    case interrupted
    case providerUnavailable = "provider_unavailable"
    /// The same to the visitor, but our deadline passed: 504 instead of 503.
    case providerTimeout = "provider_timeout"
    case storageUnavailable = "storage_unavailable"
    case busy
    case notFound = "not_found"
    case methodNotAllowed = "method_not_allowed"
    case payloadTooLarge = "payload_too_large"
    case tooManyRequests = "too_many_requests"
    case internalError = "internal_error"

    /// What the outside sees as `error` and `instagram_error`.
    package var publicCode: String {
        switch self {
        case .providerTimeout: Self.providerUnavailable.rawValue
        case .profileNotGranted, .messagesNotGranted: Self.permissionMissing.rawValue
        default: rawValue
        }
    }

    /// The code that an address shows; nil for anything else.
    package init?(publicCode: String) {
        guard let code = Self(rawValue: publicCode), code.publicCode == publicCode else { return nil }
        self = code
    }

    package var status: HTTPResponse.Status {
        switch self {
        case .invalidRequest, .invalidState, .missingCode: .badRequest
        case .loginRequired, .unauthorized: .unauthorized
        case .accessDenied, .forbidden: .forbidden
        case .accountInUse, .accountMismatch, .reconnectRequired: .conflict
        case .gone: .gone
        case .notFound: .notFound
        case .methodNotAllowed: .methodNotAllowed
        case .payloadTooLarge: .contentTooLarge
        case .accountNotEligible, .permissionMissing, .profileNotGranted, .messagesNotGranted, .tokenRefused:
            .unprocessableContent
        case .tooManyRequests: .tooManyRequests
        case .internalError: .internalServerError
        case .tokenExchangeFailed, .userInfoFailed, .interrupted: .badGateway
        case .providerUnavailable, .storageUnavailable, .busy: .serviceUnavailable
        case .providerTimeout: .gatewayTimeout
        }
    }

    /// One sentence for a person, and where there is one, what to do.
    package var message: String {
        switch self {
        case .invalidRequest: "The request is not valid."
        case .invalidState:
            "This attempt to connect is unknown, too old, or was started in another browser or app. Please start again here."
        case .missingCode: "Instagram sent no code. Please start again."
        case .loginRequired: "Please sign in first."
        case .unauthorized: "A valid agent key is needed, in the header field Authorization."
        case .reconnectRequired: "A person has to connect this account again, at connect_url."
        case .tokenRefused: "This token cannot be imported."
        case .gone: "Events before the next number are forgotten. Read the users anew and go on from there."
        case .accessDenied: "Instagram was not connected, because access was not allowed."
        case .forbidden: "This request came from another site."
        case .accountInUse:
            "This Instagram account is connected to somebody else here. It has to be disconnected there first."
        case .accountMismatch:
            "This is another Instagram account than the connected one. Nothing was changed; to connect it instead, press Switch account."
        case .accountNotEligible:
            "This Instagram account cannot be connected. It has to be a Business or Creator account, and while the app is in development its owner has to be a tester who has accepted the invitation."
        case .permissionMissing:
            "A permission that is needed was not granted. Please connect again and leave every permission switched on."
        case .profileNotGranted:
            "The permission to see the account's profile was not granted. Please connect again and leave it switched on."
        case .messagesNotGranted:
            "The permission to manage messages was not granted. Please connect again and leave it switched on."
        case .tokenExchangeFailed: "Instagram refused this attempt to connect. Please start again."
        case .userInfoFailed: "Instagram did not say which account this is. Please start again."
        case .interrupted: "The connection was interrupted. Please start again."
        case .providerUnavailable, .providerTimeout:
            "Instagram cannot be reached right now. Please try again in a few minutes."
        case .storageUnavailable: "Nothing can be stored or read right now. Please try again in a few minutes."
        case .busy: "Too many people are connecting right now. Please try again in a moment."
        case .notFound: "There is nothing here."
        case .methodNotAllowed: "This method is not allowed here."
        case .payloadTooLarge: "The request has a body that is not taken here, or is too large."
        case .tooManyRequests: "Too many requests. Please wait a moment."
        case .internalError: "Something went wrong on our side. Please try again."
        }
    }
}
