// SPDX-License-Identifier: MIT
package import Vault

/// The agents that are known, by the hashes of their keys.
package struct Agents: Sendable {
    struct Entry: Sendable {
        let agent: Agent
        /// SHA-256 of the key.
        let hash: [UInt8]
    }

    /// Names and hashes distinct.
    private let entries: [Entry]

    /// All faults of the text at once, or the agents.
    package init(parsing text: some Collection<UInt8>) throws(AgentsFaults) {
        entries = try AgentsParser.parse(text)
    }

    private init() {
        entries = []
    }

    /// Nobody.
    package static let none = Agents()

    /// In the order of the file, like `names`.
    package var all: [Agent] { entries.map(\.agent) }
    package var names: [String] { entries.map(\.agent.name) }

    /// Who shows a key of ours: the value of `Authorization`.
    ///
    /// Each entry is looked at, whatever comes, so the time says neither whether a key is known, nor where, nor whether
    /// what was shown had the form of one.
    package func agent(presenting authorization: String?) -> Agent? {
        let shown = authorization.flatMap(AgentKey.init(bearerOf:))
        let hash = (shown ?? AgentKey(copying: [])).digest
        var found: Agent?
        for entry in entries where Digest.constantTimeEqual(entry.hash, hash) { found = entry.agent }
        guard shown?.isWellFormed == true else { return nil }
        return found
    }

    /// The line of an agent, without a line end; of a name and users without faults.
    package static func line(name: String, key: AgentKey, users: String) -> String {
        let hash = key.digest.map { byte in String(byte >> 4, radix: 16) + String(byte & 15, radix: 16) }.joined()
        return "\(name) \(hash) \(users)"
    }

    /// What a file would say of a name and users, each as one word of a line.
    package static func faults(name: String, users: String) -> [AgentFault] {
        (Agent.isName(name.utf8) ? [] : [.badName]) + Agent.Users.parse(users.utf8).faults
    }
}
