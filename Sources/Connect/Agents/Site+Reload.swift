// SPDX-License-Identifier: MIT

extension Site {
    /// Names that the audit tells of one reload; more are a number.
    private static let namesTold = 100

    package var agentNames: [String] { agents.current.names }

    /// These agents are in force from here on, and others no more; written down, as far as the database takes it.
    package func serve(_ others: Agents) async {
        agents.replace(with: others)
        let names = others.names
        let more = names.count > Self.namesTold ? " and \(names.count - Self.namesTold) more" : ""
        let entry = AuditEntry(
            action: .reload, reason: "agents: \(names.prefix(Self.namesTold).joined(separator: " "))\(more)")
        do throws(StoreFailure) { try await store.audit(entry, now: now()) } catch { report(error, during: "reload") }
    }
}
