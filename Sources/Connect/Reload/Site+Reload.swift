// SPDX-License-Identifier: MIT
import Logging
package import Vault

/// Why a reload has changed nothing.
package enum ReloadFailure: Error {
    case refused([KeyringRefusal])
    case store(StoreFailure)
}

extension Site {
    /// Names that the audit tells of one reload; more are a number.
    private static let namesTold = 100

    package var agentNames: [String] { agents.current.names }
    package var keyIDs: [KeyID] { keyring.ids }

    /// This keyring and these agents are in force from here on, and others no more; or neither is. Written down, as far
    /// as the database takes it.
    package func serve(_ others: Agents, _ ring: Keyring) async throws(ReloadFailure) {
        try await putInForce(ring)
        agents.replace(with: others)
        let names = others.names
        let more = names.count > Self.namesTold ? " and \(names.count - Self.namesTold) more" : ""
        let told = "keys: \(Self.list(ring.ids)); agents: \(names.prefix(Self.namesTold).joined(separator: " "))\(more)"
        do throws(StoreFailure) {
            try await store.audit(AuditEntry(action: .reload, reason: told), now: now())
        } catch {
            report(error, during: "reload")
        }
        resealing.bell.ring()
    }

    private func putInForce(_ ring: Keyring) async throws(ReloadFailure) {
        let outcome: KeyringOutcome
        if ring.isSame(as: keyring) {
            outcome = await rememberAgain(ring)
        } else {
            do throws(StoreFailure) { outcome = try await store.putInForce(ring, in: keys) } catch {
                throw .store(error)
            }
        }
        switch outcome {
        case .inForce(let missing): tell(missing)
        case .refused(let refusals): throw .refused(refusals)
        }
    }

    /// The same keys as before need no commit where they are written down: agents come and go on a full disk as well.
    private func rememberAgain(_ ring: Keyring) async -> KeyringOutcome {
        var outcome = KeyringOutcome.inForce(missing: [])
        do throws(StoreFailure) {
            let seen = try await store.review(keys)
            outcome = seen.outcome
            if !seen.isRemembered { outcome = try await store.putInForce(ring, in: keys) }
        } catch {
            report(error, during: "keys")
        }
        return outcome
    }

    /// A lost key is said by its name: what it sealed does not open, and everything else goes on.
    package func tell(_ missing: [MissingKey]) {
        for key in missing {
            log.error(
                "key missing",
                metadata: [
                    "key": "\(key.id)", "rows": "\(key.rows)",
                    "remedy":
                        "put it back into the keyring, at its end; without it these accounts have to connect again",
                ])
        }
    }

    private static func list(_ ids: [KeyID]) -> String { ids.map(\.description).joined(separator: " ") }
}
