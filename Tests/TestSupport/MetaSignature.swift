// SPDX-License-Identifier: MIT
import FoundationEssentials
import Vault

/// `signed_request` as Meta makes it, put together here: of the code that is tested only HMAC-SHA-256 is used, which has
/// vectors of its own (RFC 4231).
package enum MetaSignature {
    package static func signedRequest(userID: String, issuedAt: Int64, secret: String) -> String {
        signedRequest(
            payload: #"{"algorithm":"HMAC-SHA256","issued_at":\#(issuedAt),"user_id":"\#(userID)"}"#, secret: secret)
    }

    /// Of any payload.
    /// - Parameter padded: With `=` at the end of both parts, where they have room for it.
    package static func signedRequest(payload: String, secret: String, padded: Bool = false) -> String {
        signedRequest(encoded: base64URL(Array(payload.utf8), padded: padded), secret: secret, padded: padded)
    }

    /// Of any text in the place of an encoded payload.
    package static func signedRequest(encoded: String, secret: String, padded: Bool = false) -> String {
        let mac = HMACSHA256(key: AppSecret(utf8: secret)).authenticate(Array(encoded.utf8))
        return base64URL(mac, padded: padded) + "." + encoded
    }

    private static func base64URL(_ bytes: [UInt8], padded: Bool) -> String {
        let text = Data(bytes).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_")
        return padded ? text : text.replacing("=", with: "")
    }
}
