// SPDX-License-Identifier: MIT
import Gateway
import HTTPTypes

extension World {
    /// The answer of a fault that is one.
    func reply(to call: Call, at endpoint: Endpoint, failing kind: FaultKind) -> GatewayResponse {
        switch kind {
        case .html502, .hang: .html("<html>bad gateway</html>", status: .badGateway)
        case .html200: .html("<html>Something went wrong</html>")
        case .garbageJSON: .of(.ok, "application/json", Array(#"{"access_token":"IGAA_"#.utf8))
        case .empty200: .of(.ok, "application/json", [])
        case .gone: .text("Nothing is here any more.", status: .gone)
        case .notSubscribed: .graph(["success": false])
        case .huge: .nginx("/huge")
        case .drop, .dropAfterSuccess: .nginx("/drop")
        default:
            switch endpoint {
            case .authorize: ConsentRefusal(kind).redirect
            case .exchangeCode: FlatError(kind)?.reply ?? graphReply(to: call, failing: kind)
            default: graphReply(to: call, failing: kind)
            }
        }
    }

    private func graphReply(to call: Call, failing kind: FaultKind) -> GatewayResponse {
        reply(GraphError(kind, method: call.method, appID: app.id, igID: igID(of: call)))
    }

    func reply(to call: Call, failing error: NumberedError) -> GatewayResponse {
        reply(error.graph(igID: igID(of: call)))
    }

    /// The header of a business limit names the account.
    private func igID(of call: Call) -> String {
        call.accessToken.flatMap { tokens[$0] }?.account.igID ?? Account.all[0].igID
    }
}

extension FlatError {
    /// nil: the failure has no flat shape; some of this endpoint's errors are Graph-shaped.
    fileprivate init?(_ kind: FaultKind) {
        switch kind {
        case .codeUsed: self = .codeUnknownOrUsed
        case .codeUsedVariant: self = .codeUsed
        case .codeInvalid: self = .codeInvalid
        case .redirectMismatch: self = .redirectDiffers
        case .wrongClient: self = .wrongClient
        case .wrongSecret: self = .wrongSecret
        case .missingField: self = .missing("client_id")
        case .unknownCode: self = FlatError("An unknown error has occurred")
        default: return nil
        }
    }
}

extension ConsentRefusal {
    fileprivate init(_ kind: FaultKind) {
        switch kind {
        case .wrongClient: self = .unknownClient
        case .redirectMismatch: self = .unregisteredRedirect
        case .permissionRemoved: self = .invalidScopes([Permission.basic])
        default: self = ConsentRefusal("An unexpected error has occurred. Please retry your request later.")
        }
    }
}

extension GraphError {
    fileprivate init(_ kind: FaultKind, method: HTTPMethod, appID: String, igID: String) {
        self =
            switch kind {
            case .wrongSecret: .wrongSecret
            case .alreadyLong: .alreadyLong
            case .expired: .expired
            case .garbageToken: .garbageToken
            case .passwordChanged: .passwordChanged
            case .appRemoved: .appRemoved(appID: appID)
            case .permissionRemoved: .permissionRemoved
            case .transient: .transient
            case .throttledApp: .throttledApp
            case .throttledUser: .throttledUser
            case .throttledBusiness: .throttledBusiness(igID: igID)
            case .windowClosed: .windowClosed
            case .directMessagesOff: .directMessagesOff
            case .unknownUser: .unknownUser
            case .throttledMessages: .throttledMessages
            case .unknownCode: .unknown
            case .missingField: .missing("access_token")
            default: .unsupported(method, trace: "A1")
            }
    }
}
