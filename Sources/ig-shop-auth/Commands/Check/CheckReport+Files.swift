// SPDX-License-Identifier: MIT
import Connect
import Vault

/// The files that an operator writes.
extension CheckReport {
    mutating func keys(_ path: String) -> Keyring? {
        do {
            let keyring = try KeyFile.load(path)
            good("IG_SHOP_AUTH_KEYS", "\(path): \(keyring.ids.map(\.description).joined(separator: " "))")
            return keyring
        } catch {
            for line in Complaint(error).lines { fault(line) }
            return nil
        }
    }

    mutating func agents(_ path: String) {
        let name = "IG_SHOP_AUTH_AGENTS"
        do {
            guard let agents = try AgentsFile.load(path) else {
                return note("\(name): there is no \(path), so no agent is known; `ig-shop-auth agent-key` makes a line")
            }
            let told = agents.all.map { "\($0.name) (\($0.users.explanation))" }
            good(name, "\(path): \(told.isEmpty ? "no agent" : told.joined(separator: ", "))")
        } catch {
            for line in Complaint(error).lines { fault(line) }
        }
    }
}

extension Agent.Users {
    fileprivate var explanation: String {
        switch self {
        case .all: "every user"
        case .some(let users): users.count == 1 ? "1 user" : "\(users.count) users"
        }
    }
}
