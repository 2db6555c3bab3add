// SPDX-License-Identifier: MIT
import Connect
import Synchronization
import Vault

/// The line that `systemctl status` shows. Told when it changes.
final class StatusLine: Sendable {
    private struct State {
        var trouble: String?
        var told: String?
    }

    private let notifier: Notifier
    private let inForce: @Sendable () -> String
    private let state = Mutex(State())

    /// - Parameter inForce: What is served with, in few words.
    init(_ notifier: Notifier, inForce: @escaping @Sendable () -> String) {
        self.notifier = notifier
        self.inForce = inForce
    }

    /// - Parameter trouble: What does not work, before everything else; nil: nothing.
    func tell(trouble: String?) {
        state.withLock { $0.trouble = trouble }
        refresh()
    }

    /// Something else may be in force.
    func refresh() {
        let inForce = inForce()
        // Under the lock, so that the last word is the true one.
        state.withLock { state in
            let text = "\(state.trouble ?? "serving"); \(inForce)"
            if text != state.told, notifier.tell(.status(text)) { state.told = text }
        }
    }
}

extension StatusLine {
    private static let keysTold = 5

    convenience init(_ notifier: Notifier, of site: Site) {
        self.init(notifier) {
            let keys = site.keyIDs.prefix(Self.keysTold).map(\.description).joined(separator: " ")
            let more = site.keyIDs.count - Self.keysTold
            let agents = site.agentNames.count
            return "keys \(keys)\(more > 0 ? " and \(more) more" : ""); \(agents) agent\(agents == 1 ? "" : "s")"
        }
    }
}
