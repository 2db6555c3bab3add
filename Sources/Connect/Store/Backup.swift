// SPDX-License-Identifier: MIT
import GRDB
import Glibc
import Vault

/// A copy of the database that can stand in its place: one file, complete and consistent, without free pages, made
/// beside the process that serves it.
package struct Backup: Sendable {
    package let users: Int
    package let bytes: Int

    /// Writes the copy, and only then gives it its name: `file` is never there before it is whole, and never replaced.
    ///
    /// - Parameter unfinished: Told, before anything is made, which directory this process has to `discard` if it ends
    ///   before the copy is done.
    package init(
        of records: Records, as file: String, unfinished: (_ directory: String) -> Void = { _ in }
    ) throws(BackupFailure) {
        let (directory, name) = try Self.place(file)
        let copy = UnfinishedCopy(in: directory)
        unfinished(copy.directory)
        defer { copy.release() }
        do throws(BackupFailure) {
            try copy.create(for: file)
            try copy.fill(from: records)
            users = try copy.prepare()
            bytes = try copy.flush()
            try copy.publish(as: directory + "/" + name)
        } catch {
            Self.discard(copy.directory)
            throw error
        }
    }

    /// Removes an unfinished copy with its directory, also while another thread still writes to it: what SQLite makes
    /// between two calls goes as well, and nothing can be made once the directory is gone.
    package static func discard(_ directory: String) {
        for _ in 0..<1_000 {
            for name in UnfinishedCopy.names { unlink("\(directory)/\(name)") }
            if rmdir(directory) == 0 || ![ENOTEMPTY, EEXIST].contains(errno) { return }
        }
    }

    /// A name that only a directory has in which a copy is made.
    package static func isUnfinished(_ name: String) -> Bool {
        name.hasPrefix(UnfinishedCopy.prefix) && name.count > UnfinishedCopy.prefix.count
    }

    /// Removes what a process left that was killed. One that is still at work holds a lock, and one of a version that
    /// held none has touched its directory lately.
    ///
    /// - Returns: It is gone.
    package static func discardLeftover(_ directory: String) -> Bool {
        let descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var status = stat()
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0, fstat(descriptor, &status) == 0,
            time(nil) - status.st_mtim.tv_sec > leftoverAge
        else { return false }
        discard(directory)
        return lstat(directory, &status) != 0
    }

    /// Seconds: no copy takes that long.
    private static let leftoverAge = 3_600

    /// The directory as SQLite takes it: what begins with a slash or a dot is a path, and never a URI.
    private static func place(_ file: String) throws(BackupFailure) -> (directory: String, name: String) {
        let slash = file.lastIndex(of: "/")
        let name = String(slash.map { file[file.index(after: $0)...] } ?? file[...])
        if ["", ".", ".."].contains(name) { throw .notCreated(file, errno: EISDIR) }
        var status = stat()
        // Known before a long copy is made; `publish` is what makes sure.
        if lstat(file, &status) == 0 { throw .exists(file) }
        let directory = slash.map { $0 == file.startIndex ? "/" : String(file[..<$0]) } ?? "."
        return (directory.hasPrefix("/") ? directory : "./" + directory, name)
    }
}

/// The copy in a directory of its own, inside the one where it is going to stay. SQLite opens files by name, and others
/// who may write to that one could put a file of theirs under a name, or a journal beside it; into this one nobody else may.
/// Only where there is no sticky bit could they still move it away as a whole, like everything there.
private struct UnfinishedCopy {
    /// The file, and what SQLite may keep beside it.
    static let names = ["", "-journal", "-wal", "-shm"].map { "copy" + $0 }

    static let prefix = ".ig-shop-auth-backup."

    let directory: String
    private let destination: String
    private var path: String { directory + "/copy" }
    /// Of the directory, as long as somebody works in it.
    private let lock = LockedDirectory()

    init(in destination: String) {
        self.destination = destination
        directory = "\(destination)/\(Self.prefix)\(Base64URL.encode(Randomness.system.bytes(12)))"
    }

    /// The directory, and an empty file in it, mode 0600, that nobody else has.
    func create(for file: String) throws(BackupFailure) {
        guard mkdir(directory, 0o700) == 0 else { throw .notCreated(file, errno: errno) }
        lock.take(directory)
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .notCreated(file, errno: errno) }
        close(descriptor)
    }

    func release() { lock.release() }

    /// One read transaction, whatever is committed meanwhile. SQLite takes a file that is there if it is empty
    /// (sqlite.org/lang_vacuum.html).
    func fill(from records: Records) throws(BackupFailure) {
        do {
            try records.database.writeWithoutTransaction { try $0.execute(sql: "VACUUM INTO ?", arguments: [path]) }
        } catch {
            throw BackupFailure(error)
        }
    }

    /// Marks it as a copy and looks whether it is sound. Nothing is kept for a way back: a copy that fails is removed.
    ///
    /// - Returns: The number of users.
    func prepare() throws(BackupFailure) -> Int {
        do {
            let database = try DatabaseQueue(path: path)
            let users = try database.writeWithoutTransaction { db in
                try db.execute(sql: "PRAGMA journal_mode = OFF")
                try CopyMark.set(db)
                guard try String.fetchOne(db, sql: "PRAGMA quick_check(1)") == "ok" else { throw BackupFailure.damaged }
                return try Int.fetchOne(db, sql: "SELECT count(*) FROM users") ?? 0
            }
            try database.close()
            return users
        } catch {
            throw BackupFailure(error)
        }
    }

    /// - Returns: Its size.
    func flush() throws(BackupFailure) -> Int {
        var status = stat()
        try Self.sync(path) { fstat($0, &status) }
        return Int(status.st_size)
    }

    /// A second name, outside, that nobody has; then the first one goes with its directory.
    func publish(as file: String) throws(BackupFailure) {
        guard link(path, file) == 0 else {
            throw errno == EEXIST ? .exists(file) : .notCreated(file, errno: errno)
        }
        Backup.discard(directory)
        do throws(BackupFailure) {
            try Self.sync(destination)
        } catch {
            unlink(file)
            throw error
        }
    }

    private static func sync(_ path: String, _ look: (Int32) -> Int32 = { _ in 0 }) throws(BackupFailure) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .notWritten(errno: errno) }
        defer { close(descriptor) }
        guard look(descriptor) == 0, fsync(descriptor) == 0 else { throw .notWritten(errno: errno) }
    }
}

/// Tells who clears up that somebody is at work (flock(2)): a killed process holds nothing. Without it, on a file system
/// that knows no locks, the directory's age tells.
private final class LockedDirectory {
    private var descriptor: Int32 = -1

    func take(_ directory: String) {
        descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        if descriptor >= 0 { _ = flock(descriptor, LOCK_EX | LOCK_NB) }
    }

    func release() {
        if descriptor >= 0 { close(descriptor) }
        descriptor = -1
    }

    deinit { release() }
}
