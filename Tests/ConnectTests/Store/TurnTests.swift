// SPDX-License-Identifier: MIT
import Dispatch
import Foundation
import GRDB
import Testing

@testable import Connect

/// Whether the writer and the reader come round, which is not the disk's to say.
@Suite(.timeLimit(.minutes(1))) struct TurnTests {
    @Test("An idle writer takes a turn, and makes no commit for it")
    func idle() async throws {
        let bench = try CommitBench()
        for _ in 0..<10 { await turn(bench) }
        #expect(bench.commits == 0)
    }

    @Test("A write that hangs holds the turns up; then they are taken, and what waited is written")
    func hung() async throws {
        let bench = try CommitBench()
        let blocked = await bench.block()
        let taken = Tally<Void>()
        bench.store.turn { taken.add(()) }
        bench.store.turn { taken.add(()) }
        let write = bench.begin { try bench.insert(1, $0) }
        for _ in 0..<1_000 { await Task.yield() }
        #expect(taken.all.isEmpty)
        blocked.release()
        try await write.value
        #expect(taken.all.count == 2)
        await turn(bench)
    }

    @Test("While another process has the database, the writer is late by the time that it waits for the lock, no more")
    func locked() async throws {
        let bench = try CommitBench()
        let other = try DatabaseQueue(path: bench.directory.database)
        let holds = Signal()
        let release = DispatchSemaphore(value: 0)
        // A thread of its own: those of tasks are as few as cores.
        Thread.detachNewThread {
            try? other.writeWithoutTransaction { db in
                try db.execute(sql: "BEGIN IMMEDIATE")
                holds.fire()
                release.wait()
                try db.execute(sql: "ROLLBACK")
            }
        }
        await holds.wait()
        let began = ContinuousClock.now
        let write = bench.begin { try bench.insert(1, $0) }
        // Others wait for the same lock behind it: the turn does not wait for them as well.
        let between = Task { try await bench.store.truncateLog() }
        await turn(bench)
        let late = began.duration(to: .now)
        #expect(late < .seconds(Store.busyTimeout) + .seconds(2), "\(late)")
        #expect(await write.failure == .sqlite(5))
        #expect(bench.store.failure == .sqlite(5))
        release.signal()
        _ = try await between.value
        try await bench.store.write { try bench.insert(2, $0) }
        #expect(bench.store.failure == nil, "the last commit worked")
    }

    @Test("A full database holds no turn up, and is told by the last commit")
    func full() async throws {
        let bench = try CommitBench()
        try bench.execute("PRAGMA max_page_count = 1")
        let write = bench.begin { try $0.execute(sql: "INSERT INTO blobs VALUES (zeroblob(1000000))") }
        #expect(await write.failure == .sqlite(13))
        await turn(bench)
        #expect(bench.store.failure == .sqlite(13))
    }

    @Test("A read that hangs holds up the reader's turns; reads that wait behind it hold up none")
    func reading() async throws {
        let bench = try CommitBench()
        let (arrived, goesOn, again, ends) = (
            Signal(), DispatchSemaphore(value: 0), Signal(), DispatchSemaphore(value: 0)
        )
        let hanging = Task.immediate {
            try await bench.store.read { _ in
                arrived.fire()
                goesOn.wait()
            }
        }
        await arrived.wait()
        let taken = Tally<Void>()
        bench.store.readTurn { taken.add(()) }
        let behind = Task.immediate {
            try await bench.store.read { _ in
                again.fire()
                ends.wait()
            }
        }
        // Not a turn of the writer: threads of the queues are as few as cores, and this one holds one of them.
        for _ in 0..<1_000 { await Task.yield() }
        #expect(taken.all.isEmpty)
        goesOn.signal()
        await again.wait()
        #expect(taken.all.count == 1, "between the two")
        ends.signal()
        try await hanging.value
        try await behind.value
        for _ in 0..<10 { await withCheckedContinuation { idle in bench.store.readTurn { idle.resume() } } }
    }

    private func turn(_ bench: CommitBench) async {
        await withCheckedContinuation { taken in bench.store.turn { taken.resume() } }
    }
}
