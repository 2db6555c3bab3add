// SPDX-License-Identifier: MIT
import Glibc

/// The user and group that the service runs as.
struct ServiceAccount: Equatable {
    let user: uid_t
    let group: gid_t

    /// - Parameter root: Below which `etc/passwd` is looked into; empty for this machine, with whatever names it knows.
    init?(below root: String = "") {
        guard root.isEmpty else {
            guard let file = fopen(root + "/etc/passwd", "re") else { return nil }
            defer { fclose(file) }
            while let entry = fgetpwent(file)?.pointee {
                if String(cString: entry.pw_name) == Layout.user {
                    (user, group) = (entry.pw_uid, entry.pw_gid)
                    return
                }
            }
            return nil
        }
        guard let entry = getpwnam(Layout.user)?.pointee else { return nil }
        (user, group) = (entry.pw_uid, entry.pw_gid)
    }
}
