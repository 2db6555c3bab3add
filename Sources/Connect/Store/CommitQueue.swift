// SPDX-License-Identifier: MIT
import GRDB
import Synchronization

/// The one writer. Callers that wait share a commit: each has a savepoint of its own, and hears of success only after
/// the commit of them all.
///
/// Not a task's `write`: a cancelled task would roll back what keeps a token.
final class CommitQueue: Sendable {
    /// Writes in one transaction.
    private static let batch = 256
    private static let waiting = 16_384

    private struct Write: Sendable {
        /// No write runs between this one and the moment at which its fate is told.
        var isLast = false
        /// Runs inside a savepoint; returns what to call once the fate of the transaction is known.
        let run: @Sendable (Database) throws -> @Sendable (StoreFailure?) -> Void
        let fail: @Sendable (StoreFailure) -> Void
    }

    private struct State {
        var writes: [Write] = []
        /// Work outside a transaction.
        var others: [@Sendable (Database) -> Void] = []
        /// Who waits for the writer to come round.
        var turns: [@Sendable () -> Void] = []
        var isRunning = false
    }

    private let pool: DatabasePool
    private let deadlines: Deadlines
    private let state = Mutex(State())
    private let lastFailure = Mutex<StoreFailure?>(nil)

    init(_ pool: DatabasePool, deadline: Duration) {
        self.pool = pool
        deadlines = Deadlines(deadline)
    }

    /// - Parameter then: Runs after the commit, also where the caller has given up waiting for it.
    func write<Value: Sendable>(
        _ body: @escaping @Sendable (Database) throws -> Value, then: @escaping @Sendable (Value) -> Void = { _ in }
    ) async throws(StoreFailure) -> Value {
        let result: Result<Value, StoreFailure> = await deadlines.withDeadline { answer in
            self.append(
                Write(
                    run: { db in
                        let value = try body(db)
                        return { failure in
                            if failure == nil { then(value) }
                            answer(failure.map { .failure($0) } ?? .success(value))
                        }
                    },
                    fail: { answer(.failure($0)) }))
        }
        return try result.get()
    }

    /// A write with something to do in memory that is true if, and only if, the commit has worked.
    ///
    /// There is no deadline: what the caller hears is what happened, however long the disk takes.
    ///
    /// - Parameter committed: Runs after the commit and before any other write begins.
    func write<Value: Sendable>(
        _ body: @escaping @Sendable (Database) throws -> Value, committed: @escaping @Sendable (Value) -> Void
    ) async throws(StoreFailure) -> Value {
        let result: Result<Value, StoreFailure> = await withCheckedContinuation { continuation in
            let first = FirstAnswer<Value>(continuation)
            append(
                Write(
                    isLast: true,
                    run: { db in
                        let value = try body(db)
                        return { failure in
                            if let failure { return first.answer(.failure(failure)) }
                            committed(value)
                            first.answer(.success(value))
                        }
                    },
                    fail: { first.answer(.failure($0)) }))
        }
        return try result.get()
    }

    /// Runs between two commits, outside a transaction.
    func between<Value: Sendable>(
        _ body: @escaping @Sendable (Database) throws -> Value
    ) async throws(StoreFailure) -> Value {
        let result: Result<Value, StoreFailure> = await deadlines.withDeadline { answer in
            self.enqueue {
                $0.others.append { db in answer(Result { try body(db) }.mapError { StoreFailure($0) }) }
            } orElse: {
                answer(.failure(.crowded))
            }
        }
        return try result.get()
    }

    /// Why the last transaction failed; nil: it worked, or there was none.
    var failure: StoreFailure? { lastFailure.withLock { $0 } }

    /// - Parameter taken: Called when the writer comes round. That takes no lock of the file and nothing of the disk,
    ///   whose troubles are other people's to tell.
    func turn(_ taken: @escaping @Sendable () -> Void) {
        let starts = state.withLock { state in
            state.turns.append(taken)
            defer { state.isRunning = true }
            return !state.isRunning
        }
        if starts { start() }
    }

    private func takeTurns() {
        let waiting = state.withLock { state in
            defer { state.turns = [] }
            return state.turns
        }
        for taken in waiting { taken() }
    }

    private func append(_ write: Write) {
        enqueue {
            $0.writes.append(write)
        } orElse: {
            write.fail(.crowded)
        }
    }

    private func enqueue(_ add: (inout State) -> Void, orElse refuse: () -> Void) {
        let (start, isFull) = state.withLock { state in
            if state.writes.count + state.others.count >= Self.waiting { return (false, true) }
            add(&state)
            defer { state.isRunning = true }
            return (!state.isRunning, false)
        }
        if isFull { refuse() }
        if start { self.start() }
    }

    private func start() {
        pool.asyncWriteWithoutTransaction { self.drain($0) }
    }

    private func drain(_ db: Database) {
        while true {
            let (writes, others, turns) = state.withLock { state in
                let batch = Self.first(of: state.writes)
                state.writes.removeFirst(batch.count)
                defer {
                    state.isRunning = !(batch.isEmpty && state.others.isEmpty && state.turns.isEmpty)
                    (state.others, state.turns) = ([], [])
                }
                return (batch, state.others, state.turns)
            }
            if writes.isEmpty && others.isEmpty && turns.isEmpty { return }
            for taken in turns { taken() }
            if !writes.isEmpty { commit(writes, db) }
            for other in others {
                // Each may wait for a lock of the file: the writer has come round in between.
                takeTurns()
                other(db)
            }
        }
    }

    private static func first(of writes: [Write]) -> [Write] {
        let most = writes.prefix(batch)
        return Array(most[..<(most.firstIndex(where: \.isLast).map { $0 + 1 } ?? most.endIndex)])
    }

    private func commit(_ writes: [Write], _ db: Database) {
        var done: [@Sendable (StoreFailure?) -> Void] = []
        var failed: [(Write, StoreFailure)] = []
        do {
            try db.beginTransaction(.immediate)
            for write in writes {
                do {
                    var ending: (@Sendable (StoreFailure?) -> Void)?
                    try db.inSavepoint {
                        ending = try write.run(db)
                        return .commit
                    }
                    if let ending { done.append(ending) }
                } catch {
                    failed.append((write, StoreFailure(error)))
                    // SQLITE_FULL, IOERR and a few more roll the whole transaction back (sqlite.org/lang_transaction).
                    if !db.isInsideTransaction { throw error }
                }
            }
            try db.commit()
            lastFailure.withLock { $0 = nil }
            for (write, failure) in failed { write.fail(failure) }
            for answer in done { answer(nil) }
        } catch {
            if db.isInsideTransaction { try? db.rollback() }
            lastFailure.withLock { $0 = StoreFailure(error) }
            for write in writes { write.fail(StoreFailure(error)) }
        }
    }
}
