// SPDX-License-Identifier: MIT
import Connect
import Synchronization
import Vault

/// The line that `systemctl status` shows. Told when it changes.
final class StatusLine: Sendable {
    private struct State {
        /// A part that does not come round.
        var hung: String?
        /// Why nothing can be kept.
        var storage: String?
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

    /// - Parameter hung: What does not get on, before everything else; nil: all does.
    func tell(hung: String?) {
        state.withLock { $0.hung = hung }
        refresh()
    }

    /// - Parameter storage: Why nothing can be kept; nil: it can.
    func tell(storage: String?) {
        state.withLock { $0.storage = storage }
        refresh()
    }

    /// Something else may be in force.
    func refresh() {
        // Asked under the lock as well, so that the last word is the true one.
        state.withLock { state in
            let troubles = [state.hung, state.storage].compactMap(\.self)
            let text = ((troubles.isEmpty ? ["serving"] : troubles) + [inForce()]).joined(separator: "; ")
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
