// SPDX-License-Identifier: MIT
import Dispatch
import GRDB
import Testing

@testable import Connect

@Suite(.timeLimit(.minutes(1))) struct ReadQueueTests {
    private static func count(_ store: Store) async throws -> Int {
        try await store.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM numbers") ?? -1 }
    }

    /// A read that waits in the queue when this returns.
    private static func begin(
        _ store: Store, _ body: @escaping @Sendable (Database) throws -> Void
    ) -> Task<Void, any Error> {
        Task.immediate { try await store.read(body) }
    }

    @Test("a read sees what was committed before it began, also behind others")
    func current() async throws {
        let bench = try CommitBench()
        for number in 1...100 {
            try await bench.store.write { try bench.insert(number, $0) }
            async let other = Self.count(bench.store)
            #expect(try await Self.count(bench.store) == number)
            #expect(try await other == number)
        }
    }

    @Test("a body that asks twice sees one state of the database")
    func snapshot() async throws {
        let bench = try CommitBench()
        let (between, committed) = (Signal(), DispatchSemaphore(value: 0))
        let read = Task.immediate {
            try await bench.store.read { db in
                let before = try Int.fetchOne(db, sql: "SELECT count(*) FROM numbers")
                between.fire()
                committed.wait()
                return try (before, Int.fetchOne(db, sql: "SELECT count(*) FROM numbers"))
            }
        }
        await between.wait()
        try await bench.store.write { try bench.insert(1, $0) }
        committed.signal()
        let (before, after) = try await read.value
        #expect(before == 0 && after == 0)
        #expect(try await Self.count(bench.store) == 1)
    }

    @Test("a read that fails, and one that would write, hurt nobody else")
    func failing() async throws {
        let bench = try CommitBench()
        let outcomes = await [
            Self.begin(bench.store) { try $0.execute(sql: "SELECT * FROM nowhere") },
            Self.begin(bench.store) { try $0.execute(sql: "DELETE FROM numbers") },
            Self.begin(bench.store) { _ in throw StoreFailure.newerSchema },
            Self.begin(bench.store) { _ = try Int.fetchOne($0, sql: "SELECT count(*) FROM numbers") },
        ].asyncMap { await $0.failure }
        #expect(outcomes == [.sqlite(1), .sqlite(8), .newerSchema, nil])  // SQLITE_READONLY
    }

    @Test("behind a disk that hangs callers are told in time, and what nobody waits for is not read afterwards")
    func hanging() async throws {
        let bench = try CommitBench(deadline: .milliseconds(100))
        let (arrived, goesOn, touched) = (Tally<Void>(), DispatchSemaphore(value: 0), Tally<Void>())
        // On a busy machine the first one may come too late as well.
        var failure: StoreFailure?
        repeat {
            failure = await Self.begin(bench.store) { _ in
                arrived.add(())
                goesOn.wait()
            }.failure
        } while arrived.all.isEmpty
        #expect(failure == .deadline)
        let behind = (0..<10).map { _ in Self.begin(bench.store) { _ in touched.add(()) } }
        for read in behind { #expect(await read.failure == .deadline) }
        goesOn.signal()
        while await Self.begin(bench.store, { _ in }).failure != nil {}
        #expect(touched.all.isEmpty)
    }

    @Test("thousands of reads that wait are values; one more than the bound is refused, and room comes back")
    func crowded() async throws {
        let bench = try CommitBench()
        let (arrived, goesOn) = (Signal(), DispatchSemaphore(value: 0))
        let stuck = Self.begin(bench.store) { _ in
            arrived.fire()
            goesOn.wait()
        }
        await arrived.wait()
        let behind = (0..<4_096).map { _ in Self.begin(bench.store) { _ in } }
        #expect(await Self.begin(bench.store) { _ in }.failure == .crowded)
        goesOn.signal()
        for read in behind { #expect(await read.failure == nil) }
        #expect(await stuck.failure == nil)
        #expect(try await Self.count(bench.store) == 0)
    }
}
