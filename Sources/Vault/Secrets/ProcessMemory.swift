// SPDX-License-Identifier: MIT
import COpenSSL

/// Secrets that lie in memory stay there.
package enum ProcessMemory {
    /// From here on no core file of this process is written, piped or not, and only root attaches to it or reads its
    /// `/proc/PID/mem` and `environ`. It cannot fail on Linux; false says that it did.
    @discardableResult
    package static func keepPrivate() -> Bool { vault_keep_memory_private() }
}
