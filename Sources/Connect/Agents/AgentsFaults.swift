// SPDX-License-Identifier: MIT
package import Vault

/// All that is wrong with an agents file, by line.
package typealias AgentsFaults = LineFaults<AgentFault>

/// What can be wrong with an agents file. It says where, never what: a key may stand in any column.
package enum AgentFault: Equatable, Sendable {
    case malformedLine, noUsers
    case key
    case badName, badHash
    case duplicateName(firstLine: Int)
    case duplicateHash(firstLine: Int)
    /// The first user of the list, counted from 1, that is wrong in this way.
    case user(Int, UserFault)
    case tooManyAgents, tooLarge

    /// What can be wrong with one user of a list.
    package enum UserFault: Equatable, Sendable {
        case empty, badEscape, unescaped, noName
    }
}

extension AgentFault: CustomStringConvertible {
    package var description: String {
        switch self {
        case .malformedLine: "a line is a name, a hash and users: <name> <sha256> <users>, the users without blanks"
        case .noUsers: "the users are missing; * means all of them"
        case .key:
            "a key stands here, where its hash belongs; who read this file has it, "
                + "so make another (`ig-shop-auth agent-key`) and put in the line that comes with it"
        case .badName: "a name is 1 to 64 of A-Z a-z 0-9 . _ -, and does not begin like a key"
        case .badHash: "the hash is not SHA-256 as 64 of 0-9 a-f"
        case .duplicateName(let firstLine): "the name is on line \(firstLine) already"
        case .duplicateHash(let firstLine): "the hash is on line \(firstLine) already"
        case .user(let number, let fault): "user \(number) of the list \(fault)"
        case .tooManyAgents: "there are more than \(AgentsParser.maximumCount) agents; the rest was not read"
        case .tooLarge: "the file is larger than \(AgentsParser.maximumByteCount >> 20) MiB"
        }
    }
}

extension AgentFault.UserFault: CustomStringConvertible {
    package var description: String {
        switch self {
        case .empty: "is empty"
        case .badEscape: "has a % that two hexadecimal digits do not follow"
        case .unescaped: "has a byte that has to be written as %XX (blank, comma, % * # and what is not ASCII)"
        case .noName: "is no name: 1 to 128 bytes of UTF-8 without control characters"
        }
    }
}
