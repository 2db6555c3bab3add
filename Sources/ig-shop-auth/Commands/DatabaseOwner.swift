// SPDX-License-Identifier: MIT
import Connect
import Glibc
import Vault

/// Root who opens the database of somebody else would follow whatever links that one has put beside it, and leave files
/// that the owner cannot open. So root becomes the owner first, of whom the directory tells.
struct DatabaseOwner: Equatable {
    private let user: uid_t
    private let group: gid_t

    /// For good, after settings, keys and secrets are read.
    static func become(of path: String) throws {
        guard geteuid() == 0 else { return }
        let owner = try DatabaseOwner(of: path)
        if owner.user != 0 { try owner.become() }
    }

    /// For good where what is made goes into a directory of that owner's, or through one; elsewhere, in root's own say,
    /// only while the database is opened. What SQLite reads afterwards is open by then.
    static func become<Value>(
        of path: String, writingTo directory: String, _ open: () throws -> Value
    ) throws -> Value {
        guard geteuid() == 0 else { return try open() }
        let owner = try DatabaseOwner(of: path)
        if owner.user == 0 { return try open() }
        if SafeDirectory.owners(directory).contains(owner.user) {
            try owner.become()
            return try open()
        }
        return try owner.during(open)
    }

    /// Whoever may change what is in the directory may put links there: the directory's owner is the one to be, and where
    /// that is root, nobody else may be able to.
    private init(of path: String) throws {
        let directory = SafeDirectory.parent(of: path)
        var (folder, file) = (stat(), stat())
        guard stat(directory, &folder) == 0 else {
            throw Self.refusal("this user may not write to the directory \(directory); make it, or name another")
        }
        let isThere = lstat(path, &file) == 0
        if isThere, file.st_mode & S_IFMT == S_IFLNK {
            throw Self.refusal("\(path) is a link, which root does not follow; name the database itself")
        }
        guard !isThere || file.st_mode & S_IFMT == S_IFREG else { throw Complaint.noFile(at: path) }
        let isRoots = folder.st_uid == 0 && (!isThere || file.st_uid == 0)
        user = folder.st_uid == 0 && isThere ? file.st_uid : folder.st_uid
        group = isThere ? file.st_gid : folder.st_gid
        guard !isThere || file.st_uid == user else {
            throw Self.refusal(
                "\(path) belongs to the user \(file.st_uid) and its directory to the user \(user);"
                    + " chown it to the one who runs the service")
        }
        guard !isRoots || folder.st_mode & 0o022 == 0, SafeDirectory.owners(directory).isSubset(of: [0, user]) else {
            throw Self.refusal(
                "others than the owner of \(path) may change what is in \(directory);"
                    + " run this as the service's user, or give the directories to that user")
        }
    }

    private static func refusal(_ why: String) -> Complaint {
        Complaint("IG_SHOP_AUTH_DATABASE: \(why)", exit: SysExit.noPermission)
    }

    /// Groups first: without root's rights nobody may change them (setgroups(2)). Root sets the saved ids as well (setuid(2)).
    private func become() throws {
        var groups = [group]
        guard setgroups(1, &groups) == 0, setgid(group) == 0, setuid(user) == 0,
            // Not believed but seen: no way back.
            geteuid() == user, getuid() == user, getegid() == group, setuid(0) != 0
        else { throw cannotBe(errno) }
        // A change of user resets it (prctl(2), PR_SET_DUMPABLE).
        ProcessMemory.keepPrivate()
    }

    /// On all threads, as glibc sets ids; whose real user is root, nobody else may trace or signal (ptrace(2), kill(2)).
    private func during<Value>(_ work: () throws -> Value) throws -> Value {
        var before = [gid_t](repeating: 0, count: Int(max(0, getgroups(0, nil))))
        guard getgroups(Int32(before.count), &before) == before.count else { throw cannotBe(errno) }
        let own = getegid()
        defer {
            // Root is who may go on; without it nothing that comes next can be made.
            if seteuid(0) == 0 {
                _ = setegid(own)
                _ = setgroups(before.count, before)
            }
            ProcessMemory.keepPrivate()
        }
        var groups = [group]
        guard setgroups(1, &groups) == 0, setegid(group) == 0, seteuid(user) == 0, geteuid() == user else {
            throw cannotBe(errno)
        }
        return try work()
    }

    private func cannotBe(_ code: Int32) -> Complaint {
        Complaint(
            "the database belongs to the user \(user), and this process cannot become them: \(String(cString: strerror(code)))",
            exit: SysExit.noPermission)
    }
}
