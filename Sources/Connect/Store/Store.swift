// SPDX-License-Identifier: MIT
package import Dispatch
import GRDB
import Glibc
import Synchronization

/// The one door to what is kept: flows, users, sessions that ended. One process writes; what it is told to keep is on
/// the disk before it says so.
package final class Store: Sendable {
    let pool: DatabasePool
    let commits: CommitQueue
    let reads: ReadQueue
    private let lock: LockFile
    private let lastGeneration: Atomic<Int64>
    let metrics: Metrics
    /// Rings after each commit with events in it.
    let eventBell = Bell()
    let departed = Departed()
    /// Rings when a connection took the place of another, or the log is to be emptied.
    let lettingGoBell = Bell()
    /// Whether the file or the log may hold what was overwritten.
    let remains = Mutex(Remains())
    /// Seconds that a connection waits for another's lock.
    package static let busyTimeout = 5
    /// How long a caller waits for a read or a commit.
    package static let deadline: Duration = .seconds(5)

    /// Opens, locks and migrates. Holds the lock until it is released.
    ///
    /// - Parameter queue: Has a thread for the writer and one for the reader. Without it they have queues of their own,
    ///   which may take one thread more each time they wake up.
    package init(
        path: String, deadline: Duration = deadline, queue: DispatchQueue? = nil, metrics: Metrics = Metrics()
    ) throws(StoreFailure) {
        self.metrics = metrics
        do {
            lock = try LockFile(path + ".lock")
            var configuration = Configuration()
            configuration.busyMode = .timeout(Double(Self.busyTimeout))  // GRDB's default is 0
            configuration.foreignKeysEnabled = true
            configuration.maximumReaderCount = 1  // used while it opens; see `ReadQueue`
            configuration.label = "ig-shop-auth"
            configuration.targetQueue = queue
            configuration.prepareDatabase { db in
                // An overwritten token leaves no bytes in a freed page.
                try db.execute(sql: "PRAGMA secure_delete = ON")
            }
            let pool = try DatabasePool(path: path, configuration: configuration)
            // GRDB sets NORMAL while it opens a pool, so this comes after it; NORMAL may lose the last commits when
            // the power fails, and a visitor has heard "connected" by then.
            let synchronous = try pool.writeWithoutTransaction { db in
                try db.execute(sql: "PRAGMA synchronous = FULL")
                return try Int.fetchOne(db, sql: "PRAGMA synchronous")
            }
            guard synchronous == 2 else { throw StoreFailure.notDurable }
            try Schema.migrate(pool, with: Schema.migrator, path: path)
            try CopyMark.settle(pool)
            lastGeneration = Atomic(
                try pool.read { try Int64.fetchOne($0, sql: "SELECT generation FROM counter") ?? 0 })
            self.pool = pool
            commits = CommitQueue(pool, deadline: deadline)
            reads = try ReadQueue(path: path, configuration: configuration, deadline: deadline)
        } catch {
            throw StoreFailure(error)
        }
    }

    /// The counter as it was after the last commit here: for a new flow, without a read.
    package var generation: Int64 { lastGeneration.load(ordering: .acquiring) }

    func write<Value: Sendable>(
        _ body: @escaping @Sendable (Database) throws -> Value, then: @escaping @Sendable (Value) -> Void = { _ in }
    ) async throws(StoreFailure) -> Value {
        try await commits.write(body, then: then)
    }

    func read<Value: Sendable>(
        _ body: @escaping @Sendable (Database) throws -> Value
    ) async throws(StoreFailure) -> Value {
        try await reads.read(body)
    }

    /// The next number, inside the transaction that uses it.
    func nextGeneration(_ db: Database) throws -> Int64 {
        let next = try Int64.fetchOne(
            db.cachedStatement(sql: "UPDATE counter SET generation = generation + 1 RETURNING generation"))
        guard let next else { throw StoreFailure.unreadable }
        return next
    }

    /// Told after the commit.
    func reached(_ generation: Int64) {
        lastGeneration.max(generation, ordering: .releasing)
    }

    /// What is in the log goes into the database file first, so that a copy of that one file is all of it. SQLite would
    /// do it when the last connection closes, but GRDB closes the writer before the readers. The log is good as it is if
    /// this fails.
    package func close() throws(StoreFailure) {
        _ = try? pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA wal_checkpoint(PASSIVE)") }
        do {
            try reads.close()
            try pool.close()
            lock.release()
        } catch { throw StoreFailure(error) }
    }
}

/// Held while a process serves a database, so that a second one does not write to it (flock(2)). A file of its own:
/// closing any descriptor of the database itself would drop SQLite's locks.
private final class LockFile: Sendable {
    private static let attempts = 20
    private let descriptor: Mutex<Int32>

    init(_ path: String) throws(StoreFailure) {
        // A link in its place would lead whoever may make files elsewhere.
        let opened = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o600)
        descriptor = Mutex(opened)
        guard opened >= 0 else { throw .cannotLock(errno: errno) }
        // A predecessor that just ended may need a moment until the kernel has let go of its lock.
        var attempts = 0
        while flock(opened, LOCK_EX | LOCK_NB) != 0 {
            attempts += 1
            // `self` is complete: a throw runs `deinit`, and a second close would close somebody else's descriptor.
            guard attempts < Self.attempts else { throw .locked }
            usleep(10_000)
        }
    }

    func release() {
        descriptor.withLock { descriptor in
            if descriptor >= 0 { Glibc.close(descriptor) }
            descriptor = -1
        }
    }

    deinit { release() }
}
