// SPDX-License-Identifier: MIT
import Dispatch
import GRDB
import Testing

@testable import Connect

/// A store with tables to write to, and an eye on its commits.
final class CommitBench: Sendable {
    let directory: TemporaryDirectory
    let store: Store
    private let observer = CommitCounter()

    init(deadline: Duration = .seconds(20)) throws {
        directory = try TemporaryDirectory()
        store = try Store(path: directory.database, deadline: deadline)
        try execute("CREATE TABLE numbers (n INTEGER PRIMARY KEY, place INTEGER)")
        try execute("CREATE TABLE blobs (b BLOB)")
        store.pool.add(transactionObserver: observer, extent: .observerLifetime)
    }

    var commits: Int { observer.tally.all.count }

    func execute(_ sql: String) throws {
        try store.pool.writeWithoutTransaction { try $0.execute(sql: sql) }
    }

    func insert(_ number: Int, _ db: Database) throws {
        try db.execute(
            sql: "INSERT INTO numbers VALUES (?, (SELECT coalesce(max(place), 0) + 1 FROM numbers))",
            arguments: [number])
    }

    /// In the order they were written.
    func numbers() throws -> [Int] {
        try store.pool.read { try Int.fetchAll($0, sql: "SELECT n FROM numbers ORDER BY place") }
    }

    /// A write that waits in the queue when this returns.
    func begin(_ body: @escaping @Sendable (Database) throws -> Void) -> Task<Void, any Error> {
        Task.immediate { try await self.store.write(body) }
    }

    /// Keeps the writer busy until it is released.
    func block() async -> (task: Task<Void, any Error>, release: () -> Void) {
        let arrived = Signal()
        let semaphore = DispatchSemaphore(value: 0)
        let task = begin { _ in
            arrived.fire()
            semaphore.wait()
        }
        await arrived.wait()
        return (task, { semaphore.signal() })
    }
}

private final class CommitCounter: TransactionObserver, Sendable {
    let tally = Tally<Void>()

    func observes(eventsOfKind eventKind: DatabaseEventKind) -> Bool { true }
    func databaseDidChange(with event: DatabaseEvent) {}
    func databaseDidCommit(_ db: Database) { tally.add(()) }
    func databaseDidRollback(_ db: Database) {}
}

extension Task where Success == Void, Failure == any Error {
    /// Why it failed; nil where it did not.
    var failure: StoreFailure? {
        get async {
            do {
                try await value
                return nil
            } catch {
                return error as? StoreFailure
            }
        }
    }
}

extension Array {
    func asyncMap<Value>(_ transform: (Element) async -> Value) async -> [Value] {
        var values: [Value] = []
        for element in self { values.append(await transform(element)) }
        return values
    }
}
