// SPDX-License-Identifier: MIT
import Connect
import Glibc
import Vault

/// Root who writes to the database of somebody else would leave files that the owner cannot open: the lock, a copy
/// before a migration. So root becomes the owner first, and for good.
enum DatabaseOwner {
    /// After settings, keys and secrets are read.
    static func become(of path: String) throws {
        var status = stat()
        guard geteuid() == 0, stat(path, &status) == 0, status.st_uid != 0 else { return }
        try become(status.st_uid, status.st_gid)
    }

    /// Where what is made goes into a directory of that owner's.
    static func become(of path: String, where directory: String) throws {
        var (file, folder) = (stat(), stat())
        guard stat(path, &file) == 0, stat(directory, &folder) == 0, file.st_uid == folder.st_uid else { return }
        try become(of: path)
    }

    /// Groups first: without root's rights nobody may change them (setgroups(2)). Root sets the saved ids as well (setuid(2)).
    private static func become(_ user: uid_t, _ group: gid_t) throws {
        var groups = [group]
        guard setgroups(1, &groups) == 0, setgid(group) == 0, setuid(user) == 0,
            // Not believed but seen: no way back.
            geteuid() == user, getuid() == user, getegid() == group, setuid(0) != 0
        else {
            throw Complaint(
                "the database belongs to the user \(user), and this process cannot become them:"
                    + " \(String(cString: strerror(errno)))",
                exit: SysExit.noPermission)
        }
        // A change of user resets it (prctl(2), PR_SET_DUMPABLE).
        ProcessMemory.keepPrivate()
    }
}
