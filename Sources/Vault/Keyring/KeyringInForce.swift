// SPDX-License-Identifier: MIT
import Synchronization

/// The keyring as of the last good reading of its file.
package final class KeyringInForce: Sendable {
    private let keyring: Mutex<Keyring>

    package init(_ keyring: Keyring) {
        self.keyring = Mutex(keyring)
    }

    /// What is sealed takes it inside the transaction that keeps the box, so that no box of a dropped key follows it.
    package var current: Keyring { keyring.withLock { $0 } }

    /// Only where nothing is being sealed: see `Store.putInForce`.
    package func replace(with keyring: Keyring) {
        self.keyring.withLock { $0 = keyring }
    }
}
