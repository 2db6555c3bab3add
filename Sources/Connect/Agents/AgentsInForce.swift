// SPDX-License-Identifier: MIT
import Synchronization

/// The agents as of the last good reading of their file.
package final class AgentsInForce: Sendable {
    private let agents: Mutex<Agents>

    package init(_ agents: Agents) {
        self.agents = Mutex(agents)
    }

    /// A request takes this once, so that a reload does not divide it.
    package var current: Agents { agents.withLock { $0 } }

    package func replace(with agents: Agents) {
        self.agents.withLock { $0 = agents }
    }
}
