// SPDX-License-Identifier: MIT
import FoundationEssentials
package import Vault

/// What Meta says of a person who removed the app or wants their data deleted, verified: `signed_request`, a MAC and a
/// payload, both base64url, with a dot between them.
package struct SignedRequest: Sendable {
    /// App-scoped, or the account's id: Meta's texts disagree.
    package let userID: InstagramID
    /// Seconds since 1970 UTC, before the year 10000: sums with it do not overflow.
    package let issuedAt: Int64
    /// SHA-256 of the encoded payload: the same request has the same.
    package let digest: [UInt8]
    /// 128 bits as base64url, 22 letters. The same payload under the same secret has the same code, and nobody without
    /// the secret can guess it.
    package let confirmationCode: String

    /// Bytes of the whole text.
    private static let longest = 8_192
    /// What the confirmation code is a MAC of begins so. No encoded payload does, for `/` is no letter of base64url; nor
    /// does anything else that Meta signs with this secret.
    private static let label = Array("ig-shop-auth/1/confirmation-code/".utf8)
    private static let codeByteCount = 16

    /// The MAC is that of the encoded payload as it came: nobody looks at what is in it before. Only HMAC-SHA-256 is
    /// computed, whatever the payload says.
    /// - Parameter secrets: Tried in order; an empty one signs nothing.
    package init(verifying text: String, with secrets: [AppSecret]) throws(SignedRequestFault) {
        let bytes = Array(text.utf8)
        guard bytes.count <= Self.longest else { throw .malformed }
        let halves = bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard halves.count == 2, !halves[1].isEmpty, let mac = Self.decoded(halves[0]), mac.count == Digest.byteCount
        else { throw .malformed }
        let encoded = Array(halves[1])
        guard let signer = Self.signer(of: encoded, mac, secrets) else { throw .forged }

        guard let json = Self.decoded(encoded[...]),
            let payload = try? JSONDecoder().decode(Payload.self, from: Data(json))
        else { throw .payload }
        guard payload.isHMACSHA256 else { throw .algorithm }
        guard let userID = payload.userID, let issuedAt = payload.issuedAt else { throw .payload }
        self.userID = userID
        self.issuedAt = issuedAt
        digest = Digest.sha256(encoded)
        confirmationCode = Base64URL.encode(signer.authenticate(Self.label, encoded).prefix(Self.codeByteCount))
    }

    private static func signer(of encoded: [UInt8], _ mac: [UInt8], _ secrets: [AppSecret]) -> HMACSHA256? {
        for secret in secrets where !secret.isEmpty {
            let signer = HMACSHA256(key: secret)
            if Digest.constantTimeEqual(signer.authenticate(encoded), mac) { return signer }
        }
        return nil
    }

    /// Padded to a multiple of four letters (RFC 4648, section 4), or not at all.
    private static func decoded(_ text: ArraySlice<UInt8>) -> [UInt8]? {
        let letters = text.prefix { $0 != UInt8(ascii: "=") }
        let padding = text[letters.endIndex...]
        guard padding.isEmpty || padding.count <= 2 && text.count % 4 == 0,
            padding.allSatisfy({ $0 == UInt8(ascii: "=") })
        else { return nil }
        return Base64URL.decode(letters)
    }
}

extension SignedRequest: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "signed request" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: []) }
}

/// Why a signed request is none, in a word: nothing of it goes into the journal.
package enum SignedRequestFault: String, Error, Sendable, CustomStringConvertible {
    /// Not the form of one, or too long. Nothing was verified.
    case malformed
    /// None of the secrets signed it.
    case forged
    /// Signed, and says that it was in another way.
    case algorithm
    /// Signed, and does not say who or when.
    case payload

    package var description: String { rawValue }
}

/// What was signed. Fields that nobody here needs are not looked at.
private struct Payload: Decodable {
    let userID: InstagramID?
    let issuedAt: Int64?
    private let algorithm: String?

    private enum Key: String, CodingKey {
        case algorithm
        case userID = "user_id"
        case issuedAt = "issued_at"
    }

    init(from decoder: any Decoder) throws {
        let object = try decoder.container(keyedBy: Key.self)
        algorithm = try? object.decode(String.self, forKey: .algorithm)
        userID = try? object.decode(InstagramID.self, forKey: .userID)
        let seconds =
            (try? object.decode(Int64.self, forKey: .issuedAt))
            ?? (try? object.decode(String.self, forKey: .issuedAt)).flatMap(Self.number)
        issuedAt = seconds.flatMap { (0..<253_402_300_800).contains($0) ? $0 : nil }
    }

    /// In capitals or not, but in ASCII: no other letter counts as one of these.
    var isHMACSHA256: Bool {
        algorithm?.utf8.elementsEqual("hmac-sha256".utf8) { letter, small in
            (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(letter) ? letter | 0x20 == small : letter == small
        } ?? false
    }

    /// Digits only: `Int64` would take a sign.
    private static func number(_ text: String) -> Int64? {
        text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } ? Int64(text) : nil
    }
}
