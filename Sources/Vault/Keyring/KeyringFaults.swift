// SPDX-License-Identifier: MIT

/// All that is wrong with a keyring, by line. It says where, never what: in the wrong column a key is still a key.
package struct KeyringFaults: Error, Equatable, CustomStringConvertible {
    package let faults: [Fault]

    /// One line each.
    package var description: String { faults.map(\.description).joined(separator: "\n") }

    /// One fault and its place.
    package struct Fault: Equatable, Sendable, CustomStringConvertible {
        /// From 1; 0 is the file as a whole.
        package let line: Int
        package let kind: Kind

        package var description: String { line == 0 ? "\(kind)" : "line \(line): \(kind)" }
    }

    /// What can be wrong.
    package enum Kind: Equatable, Sendable {
        case malformedLine
        case badID
        case notBase64URL, notThirtyTwoBytes, allZero
        case duplicateID(firstLine: Int)
        case duplicateKey(firstLine: Int)
        case noKey, tooManyKeys, tooLarge
    }
}

extension KeyringFaults.Kind: CustomStringConvertible {
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
