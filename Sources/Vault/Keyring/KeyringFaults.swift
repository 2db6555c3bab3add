// SPDX-License-Identifier: MIT

/// All that is wrong with a keyring, by line.
package typealias KeyringFaults = LineFaults<KeyringFault>

/// What can be wrong with a keyring. It says where, never what: in the wrong column a key is still a key.
package enum KeyringFault: Equatable, Sendable {
    case malformedLine
    case badID
    case notBase64URL, notThirtyTwoBytes, allZero
    case duplicateID(firstLine: Int)
    case duplicateKey(firstLine: Int)
    case noKey, tooManyKeys, tooLarge
}

extension KeyringFault: CustomStringConvertible {
    package var description: String {
        switch self {
        case .malformedLine: "a line is an id and a key: <id> <base64url of 32 bytes>"
        case .badID: "an id is 1 to \(KeyID.maximumCount) of A-Z a-z 0-9 . _ -"
        case .notBase64URL: "the key is not base64url without padding"
        case .notThirtyTwoBytes: "the key is not 32 bytes (43 letters) long"
        case .allZero: "the key is all zeros"
        case .duplicateID(let firstLine): "the id is on line \(firstLine) already"
        case .duplicateKey(let firstLine): "the key is on line \(firstLine) already, under another id"
        case .noKey: "the keyring has no key; `ig-shop-auth keys generate` makes one"
        case .tooManyKeys: "the keyring has more than \(KeyringParser.maximumKeyCount) keys"
        case .tooLarge: "the keyring is larger than \(KeyringParser.maximumByteCount / 1024) KiB"
        }
    }
}
