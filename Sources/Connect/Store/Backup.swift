// SPDX-License-Identifier: MIT
import GRDB
import Glibc
import Vault

/// A copy of the database that can stand in its place: one file, complete and consistent, without free pages, made
/// beside the process that serves it.
package struct Backup: Sendable {
    package let users: Int
    package let bytes: Int

    /// How much further the numbers of a copy begin. What the database has numbered since then is lost when the copy takes
    /// its place, but those numbers are known outside: to agents as positions among events, to browsers in sessions, in
    /// journals. A million accounts take some ten million numbers a year, so this is enough for a copy that is
    /// decades old, and there is room in 64 bits for nine billion such steps.
    static let leap: Int64 = 1_000_000_000

    /// Writes the copy, and only then gives it its name: `file` is never there before it is whole, and never replaced.
    ///
    /// - Parameter unfinished: Told what has to be removed if this process ends before the copy is done.
    package init(
        of records: Records, as file: String, unfinished: (_ paths: [String]) -> Void = { _ in }
    ) throws(BackupFailure) {
        let (directory, name) = try Self.place(file)
        let copy = UnfinishedCopy(in: directory)
        unfinished(copy.paths)
        try copy.create(for: file)
        do throws(BackupFailure) {
            try copy.fill(from: records)
            users = try copy.prepare()
            bytes = try copy.flush()
            try copy.publish(as: directory + "/" + name)
        } catch {
            copy.remove()
            throw error
        }
    }

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

/// The copy under a name of its own, in the directory where it is going to stay.
private struct UnfinishedCopy {
    let path: String
    private let directory: String

    /// The file, and what SQLite may keep beside it.
    var paths: [String] { ["", "-journal", "-wal", "-shm"].map { path + $0 } }

    init(in directory: String) {
        self.directory = directory
        path = "\(directory)/.ig-shop-auth-backup.\(Base64URL.encode(Randomness.system.bytes(12)))"
    }

    /// An empty file, mode 0600, that nobody else has.
    func create(for file: String) throws(BackupFailure) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .notCreated(file, errno: errno) }
        close(descriptor)
    }

    /// One read transaction, whatever is committed meanwhile. SQLite takes a file that is there if it is empty
    /// (sqlite.org/lang_vacuum.html).
    func fill(from records: Records) throws(BackupFailure) {
        do {
            try records.database.writeWithoutTransaction { try $0.execute(sql: "VACUUM INTO ?", arguments: [path]) }
        } catch {
            throw BackupFailure(error)
        }
    }

    /// Moves the numbers on and looks whether the copy is sound. Nothing is kept for a way back: a copy that fails is
    /// removed.
    ///
    /// - Returns: The number of users.
    func prepare() throws(BackupFailure) -> Int {
        do {
            let database = try DatabaseQueue(path: path)
            let users = try database.writeWithoutTransaction { db in
                try db.execute(sql: "PRAGMA journal_mode = OFF")
                try db.inTransaction {
                    // Rows keep theirs: their boxes are sealed for them. All sessions from before are over: some may
                    // have been signed out since, and nothing here knows of it.
                    try db.execute(
                        sql: """
                            UPDATE counter SET generation = generation + :leap,
                                forgotten_sessions = generation + :leap
                            """, arguments: ["leap": Backup.leap])
                    for table in ["events", "audit"] {
                        try Self.moveOn(table, db)
                    }
                    return .commit
                }
                guard try String.fetchOne(db, sql: "PRAGMA quick_check(1)") == "ok" else { throw BackupFailure.damaged }
                return try Int.fetchOne(db, sql: "SELECT count(*) FROM users") ?? 0
            }
            try database.close()
            return users
        } catch {
            throw BackupFailure(error)
        }
    }

    /// There is no row where a table has never had one.
    private static func moveOn(_ table: String, _ db: Database) throws {
        try db.execute(
            sql: "UPDATE sqlite_sequence SET seq = seq + ? WHERE name = ?", arguments: [Backup.leap, table])
        if db.changesCount == 0 {
            try db.execute(
                sql: "INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", arguments: [table, Backup.leap])
        }
    }

    /// - Returns: Its size.
    func flush() throws(BackupFailure) -> Int {
        var status = stat()
        try Self.sync(path) { fstat($0, &status) }
        return Int(status.st_size)
    }

    /// A second name that nobody has, and then the first one goes.
    func publish(as file: String) throws(BackupFailure) {
        guard link(path, file) == 0 else {
            throw errno == EEXIST ? .exists(file) : .notCreated(file, errno: errno)
        }
        unlink(path)
        do throws(BackupFailure) {
            try Self.sync(directory)
        } catch {
            unlink(file)
            throw error
        }
    }

    func remove() {
        for path in paths { unlink(path) }
    }

    private static func sync(_ path: String, _ look: (Int32) -> Int32 = { _ in 0 }) throws(BackupFailure) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .notWritten(errno: errno) }
        defer { close(descriptor) }
        guard look(descriptor) == 0, fsync(descriptor) == 0 else { throw .notWritten(errno: errno) }
    }
}
