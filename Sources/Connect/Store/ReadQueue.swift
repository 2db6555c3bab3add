// SPDX-License-Identifier: MIT
import GRDB
import Synchronization

/// Reads, one after the other on a connection of their own, each of the database as it is when its turn comes.
///
/// Not the pool's `asyncRead`: it makes a queue for each caller, and a thread waits there for a connection. Here callers
/// wait as values.
final class ReadQueue: Sendable {
    private static let waiting = 4_096

    private struct State {
        var reads: [@Sendable (Result<Database, any Error>) -> Void] = []
        /// Who waits for the reader to come round.
        var turns: [@Sendable () -> Void] = []
        var isRunning = false
    }

    private let database: DatabaseQueue
    private let deadline: Duration
    private let deadlines: Deadlines
    private let state = Mutex(State())

    init(path: String, configuration: Configuration, deadline: Duration) throws {
        var configuration = configuration
        configuration.readonly = true
        database = try DatabaseQueue(path: path, configuration: configuration)
        self.deadline = deadline
        deadlines = Deadlines(deadline)
    }

    func read<Value: Sendable>(
        _ body: @escaping @Sendable (Database) throws -> Value
    ) async throws(StoreFailure) -> Value {
        let due = ContinuousClock.now + deadline
        let result: Result<Value, StoreFailure> = await deadlines.withDeadline { answer in
            let (starts, isFull) = self.state.withLock { state in
                if state.reads.count >= Self.waiting { return (false, true) }
                state.reads.append { database in
                    // Nobody waits for it any more: a disk that was away has other things to do.
                    guard .now < due else { return }
                    answer(Result { try Self.snapshot(database.get(), body) }.mapError { StoreFailure($0) })
                }
                defer { state.isRunning = true }
                return (!state.isRunning, false)
            }
            if isFull { answer(.failure(.crowded)) }
            if starts { self.database.asyncUnsafeRead { self.drain($0) } }
        }
        return try result.get()
    }

    /// - Parameter taken: Called when the reader comes round, between two reads. That takes nothing of the disk.
    func turn(_ taken: @escaping @Sendable () -> Void) {
        let starts = state.withLock { state in
            state.turns.append(taken)
            defer { state.isRunning = true }
            return !state.isRunning
        }
        if starts { database.asyncUnsafeRead { self.drain($0) } }
    }

    func close() throws { try database.close() }

    /// One state of the database for all that the body asks.
    private static func snapshot<Value>(_ db: Database, _ body: (Database) throws -> Value) throws -> Value {
        var value: Value?
        try db.inTransaction(.deferred) {
            value = try body(db)
            return .commit
        }
        guard let value else { throw StoreFailure.unreadable }
        return value
    }

    private func drain(_ database: Result<Database, any Error>) {
        while true {
            let (turns, read) = state.withLock { state in
                let read = state.reads.isEmpty ? nil : state.reads.removeFirst()
                state.isRunning = read != nil || !state.turns.isEmpty
                defer { state.turns = [] }
                return (state.turns, read)
            }
            if turns.isEmpty && read == nil { return }
            for taken in turns { taken() }
            read?(database)
        }
    }
}
