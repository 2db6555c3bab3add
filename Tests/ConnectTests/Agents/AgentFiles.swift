// SPDX-License-Identifier: MIT
import Vault

@testable import Connect

/// Keys and hashes that depend on a name only.
enum AgentFiles {
    static func key(_ name: String) -> String { made(name).exposedText() }

    static func hash(_ name: String) -> String {
        String(Agents.line(name: "x", key: made(name), users: "").dropFirst(2).dropLast())
    }

    private static func made(_ name: String) -> AgentKey {
        AgentKey.generate(random: Randomness { Array(Digest.sha256(name.utf8).prefix($0)) })
    }

    static func faults(in text: some Collection<UInt8>) -> [AgentsFaults.Fault] {
        do throws(AgentsFaults) {
            _ = try Agents(parsing: text)
            return []
        } catch {
            return error.faults
        }
    }
}
