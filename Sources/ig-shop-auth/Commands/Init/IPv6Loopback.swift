// SPDX-License-Identifier: MIT
import Vault

/// `::1`, at which the package's private listener of nginx listens as well. nginx does not start with an address that its
/// machine does not have.
enum IPv6Loopback {
    private static let limit = 1 << 20

    /// What cannot be looked at is believed to be there.
    ///
    /// - Parameter table: The kernel's addresses, a line each; a kernel without IPv6 has no such file.
    static func isThere(_ table: String = "/proc/net/if_inet6") -> Bool {
        do throws(SmallFile.Failure) {
            let lines = String(decoding: try SmallFile.read(table, limit: limit), as: UTF8.self).split(separator: "\n")
            return lines.contains { $0.hasPrefix("00000000000000000000000000000001 ") }
        } catch {
            return !error.isAbsence
        }
    }

    /// What takes the line out of the listener's file; nil: it is not in there.
    static func remedy(_ layout: Layout) -> String? {
        guard let bytes = try? SmallFile.read(layout.nginxPrivate, limit: limit) else { return nil }
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
        guard lines.contains(where: { $0.drop(while: \.isWhitespace).hasPrefix("listen [::1]") }) else { return nil }
        return "sed -i '/listen \\[::1\\]/d' \(layout.nginxPrivate)"
    }
}
