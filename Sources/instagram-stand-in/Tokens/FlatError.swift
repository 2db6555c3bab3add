// SPDX-License-Identifier: MIT
import Gateway
import HTTPTypes

/// An error of api.instagram.com/oauth/access_token: status 400, `code` equals the status.
struct FlatError: Error, Sendable {
    let message: String

    init(_ message: String) { self.message = message }

    var reply: GatewayResponse {
        .json(
            ["error_type": "OAuthException", "code": 400, "error_message": .string(message)], status: .badRequest)
    }

    static let codeUnknownOrUsed = Self("Matching code was not found or was already used")
    static let codeUsed = Self("This authorization code has been used")
    static let codeInvalid = Self("Invalid authorization code")
    static let redirectDiffers = Self(
        "Error validating verification code. Please make sure your redirect_uri is identical to the one you used "
            + "in the OAuth dialog request")
    static let wrongClient = Self("Invalid platform app")
    static let wrongSecret = Self("Error validating client secret.")
    static let wrongGrantType = Self("Invalid grant_type")

    static func missing(_ field: String) -> Self { Self("Missing required field \(field)") }
}
