// SPDX-License-Identifier: MIT
import Gateway
import HTTPTypes

typealias HTTPMethod = HTTPRequest.Method

/// An error of graph.instagram.com.
struct GraphError: Error, Sendable {
    var message: String
    var type = "OAuthException"
    var isTransient = false
    var code: Int
    var subcode: Int?
    var trace: String
    var status = HTTPResponse.Status.badRequest
    var fields: HTTPFields = [:]
}

extension GraphError {
    static func unsupported(_ method: HTTPMethod, trace: String) -> Self {
        Self(
            message: "Unsupported request - method type: \(method.rawValue.lowercased())", type: "IGApiException",
            code: 100, trace: trace)
    }

    static let alreadyLong = Self(
        message: "Session key invalid. This could be because the session key has an incorrect format, or because "
            + "the user has revoked this session", code: 452, trace: "A2")
    static let expired = Self(
        message: "Error validating access token: Session has expired on Tuesday, 01-Dec-25 06:00:00 PST. "
            + "The current time is Tuesday, 01-Dec-25 06:07:02 PST.", code: 190, subcode: 463, trace: "A3")
    static let garbageToken = Self(
        message: "Invalid OAuth access token - Cannot parse access token", code: 190, trace: "A4")
    /// A permanent error under a number that elsewhere is transient.
    static let wrongSecret = Self(message: "Error validating client secret.", code: 1, trace: "A5")
    static let transient = Self(
        message: "An unexpected error has occurred. Please retry your request later.", isTransient: true, code: 2,
        trace: "A6", status: .internalServerError)
    static let passwordChanged = Self(
        message: "Error validating access token: The session has been invalidated because the user changed their "
            + "password or Facebook has changed the session for security reasons.", code: 190, subcode: 460,
        trace: "B2")

    static func appRemoved(appID: String) -> Self {
        Self(
            message: "Error validating access token: The user has not authorized application \(appID).", code: 190,
            subcode: 458, trace: "B3")
    }

    static let permissionRemoved = Self(
        message: "(#10) Application does not have permission for this action", code: 10, trace: "B4")
    static let throttledApp = Self(
        message: "(#4) Application request limit reached", isTransient: true, code: 4, trace: "C1",
        status: .forbidden,
        fields: [HTTPField.Name("X-App-Usage")!: #"{"call_count":100,"total_time":25,"total_cputime":25}"#])
    static let throttledUser = Self(
        message: "(#17) User request limit reached", isTransient: true, code: 17, trace: "C3", status: .forbidden)

    static func throttledBusiness(igID: String) -> Self {
        Self(
            message: "(#80002) There have been too many calls to this Instagram account. Wait a bit and try again.",
            code: 80002, trace: "C2", status: .forbidden,
            fields: businessUsage(igID: igID, minutes: 19))
    }

    /// - Parameter minutes: Until calls are answered again.
    static func businessUsage(igID: String, minutes: Int) -> HTTPFields {
        [
            HTTPField.Name("X-Business-Use-Case-Usage")!: #"{"\#(igID)":[{"type":"instagram","call_count":100,"#
                + #""total_cputime":25,"total_time":25,"estimated_time_to_regain_access":\#(minutes)}]}"#
        ]
    }

    static let windowClosed = Self(
        message: "(#10) This message is sent outside of allowed window.", code: 10, subcode: 2_534_022, trace: "D1")
    static let directMessagesOff = Self(
        message: "(#200) Access to direct messages is switched off for this account.", code: 200,
        subcode: 2_534_041, trace: "D2")
    static let unknownUser = Self(
        message: "(#100) No matching user found", code: 100, subcode: 2_534_014, trace: "D3")
    static let throttledMessages = Self(
        message: "(#613) Calls to this api have exceeded the rate limit.", code: 613, subcode: 2_534_040,
        trace: "D4", status: .forbidden)
    static let textTooLong = Self(
        message: "(#100) Length of param message[text] must be less than or equal to 1000", code: 100, trace: "D5")
    static let unknown = Self(message: "An error that nobody has documented", code: 98_765, trace: "E1")

    static func missing(_ parameter: String) -> Self {
        Self(message: "(#100) The parameter \(parameter) is required", code: 100, trace: "E2")
    }

    static func noSuchField(_ field: String) -> Self {
        Self(message: "(#100) Tried accessing nonexisting field (\(field))", code: 100, trace: "E3")
    }
}

extension World {
    /// The error in the shape that the switches ask for.
    func reply(_ error: GraphError) -> GatewayResponse {
        var members: [(String, JSON)] = [("message", .string(error.message)), ("type", .string(error.type))]
        if error.isTransient { members.append(("is_transient", true)) }
        members.append(("code", .int(error.code)))
        if let subcode = error.subcode, switches.subcodes { members.append(("error_subcode", .int(subcode))) }
        members.append(("fbtrace_id", .string(error.trace)))
        var status = error.status
        if error.code == 190, switches.deadStatus == .unauthorized { status = .unauthorized }
        return .graph(["error": .object(members)], status: status, error.fields)
    }
}
