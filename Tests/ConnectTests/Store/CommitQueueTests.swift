// SPDX-License-Identifier: MIT
import Dispatch
import GRDB
import Testing

@testable import Connect

@Suite(.timeLimit(.minutes(1))) struct CommitQueueTests {
    @Test("writes that wait together share a commit, in order")
    func shared() async throws {
        let bench = try CommitBench()
        let blocked = await bench.block()
        let writes = (0..<100).map { number in bench.begin { try bench.insert(number, $0) } }
        #expect(bench.commits == 0)
        blocked.release()
        for write in writes { try await write.value }
        try await blocked.task.value
        #expect(bench.commits == 2)
        #expect(try bench.numbers() == Array(0..<100))
    }

    @Test("more than a batch is more than one commit, still in order")
    func batches() async throws {
        let bench = try CommitBench()
        let blocked = await bench.block()
        let writes = (0..<600).map { number in bench.begin { try bench.insert(number, $0) } }
        blocked.release()
        for write in writes { try await write.value }
        #expect(bench.commits == 4)
        #expect(try bench.numbers() == Array(0..<600))
    }

    @Test("a write that fails undoes what it did, and does not hurt its neighbours")
    func neighbours() async throws {
        struct Refusal: Error {}
        let bench = try CommitBench()
        let blocked = await bench.block()
        let writes = (0..<9).map { number in
            bench.begin { db in
                try bench.insert(number, db)
                switch number {
                case 1: throw Refusal()
                case 3: try db.execute(sql: "INSERT INTO nowhere VALUES (1)")
                case 5: try bench.insert(0, db)
                case 7: throw StoreFailure.unreadable
                default: break
                }
            }
        }
        blocked.release()
        let failures = await writes.asyncMap { await $0.failure }
        #expect(
            failures == [nil, .unreadable, nil, .sqlite(1), nil, .sqlite(1555), nil, .unreadable, nil])
        #expect(try bench.numbers() == [0, 2, 4, 6, 8])
        #expect(bench.commits == 2)
    }

    @Test(
        "who hears success is in the database, who hears failure is not: also when SQLite rolls all of it back",
        arguments: ["ROLLBACK", "ABORT", "FAIL"])
    func raised(how: String) async throws {
        let bench = try CommitBench()
        try bench.execute(
            "CREATE TRIGGER t AFTER INSERT ON numbers WHEN NEW.n = 5 BEGIN SELECT RAISE(\(how), 'no'); END")
        let blocked = await bench.block()
        let writes = (0..<10).map { number in bench.begin { try bench.insert(number, $0) } }
        blocked.release()
        let failures = await writes.asyncMap { await $0.failure }
        #expect(failures[5] == .sqlite(1811))  // SQLITE_CONSTRAINT_TRIGGER
        #expect(try bench.numbers() == (0..<10).filter { failures[$0] == nil })
        if how != "ROLLBACK" { #expect(try bench.numbers().count == 9) }
        try await bench.begin { try bench.insert(99, $0) }.value
        #expect(try bench.numbers().last == 99)
    }

    @Test("a full disk fails what does not fit, truthfully, and nothing has to be restarted afterwards")
    func full() async throws {
        let bench = try CommitBench()
        let pages = try await bench.store.pool.writeWithoutTransaction { db in
            let pages = try Int.fetchOne(db, sql: "PRAGMA page_count") ?? 0
            try db.execute(sql: "PRAGMA max_page_count = \(pages + 2)")
            return pages
        }
        let blocked = await bench.block()
        let writes = (0..<6).map { number in
            bench.begin { db in
                try bench.insert(number, db)
                if number == 3 { try db.execute(sql: "INSERT INTO blobs VALUES (zeroblob(1000000))") }
            }
        }
        blocked.release()
        let failures = await writes.asyncMap { await $0.failure }
        #expect(failures[3] == .sqlite(13))  // SQLITE_FULL
        #expect(try bench.numbers() == (0..<6).filter { failures[$0] == nil })
        try bench.execute("PRAGMA max_page_count = \(pages + 10_000)")
        try await bench.begin { try $0.execute(sql: "INSERT INTO blobs VALUES (zeroblob(1000000))") }.value
    }

    @Test("a commit that fails is a failure for all of it")
    func commitFails() async throws {
        let bench = try CommitBench()
        try bench.execute("CREATE TABLE child (n INTEGER REFERENCES numbers (n) DEFERRABLE INITIALLY DEFERRED)")
        let blocked = await bench.block()
        let writes = (0..<4).map { number in
            bench.begin { db in
                try bench.insert(number, db)
                if number == 2 { try db.execute(sql: "INSERT INTO child VALUES (77)") }
            }
        }
        blocked.release()
        let failures = await writes.asyncMap { await $0.failure }
        #expect(failures == [.sqlite(787), .sqlite(787), .sqlite(787), .sqlite(787)])  // SQLITE_CONSTRAINT_FOREIGNKEY
        #expect(try bench.numbers().isEmpty)
        try await bench.begin { try bench.insert(5, $0) }.value
    }

    @Test("what a write does in memory is done after its commit and before the next write; never if the commit fails")
    func committed() async throws {
        let bench = try CommitBench()
        try bench.execute("CREATE TABLE child (n INTEGER REFERENCES numbers (n) DEFERRABLE INITIALLY DEFERRED)")
        for isBroken in [false, true] {
            let seen = Tally<String>()
            let base = isBroken ? 10 : 0
            let blocked = await bench.block()
            let first = bench.begin { db in
                seen.add("first")
                try bench.insert(base, db)
            }
            let middle = Task.immediate {
                try await bench.store.commits.write { db in
                    seen.add("middle")
                    if isBroken { try db.execute(sql: "INSERT INTO child VALUES (77)") }
                    try bench.insert(base + 1, db)
                } committed: { _ in
                    seen.add("committed, with \((try? bench.numbers().suffix(2)) ?? [])")
                }
            }
            let last = bench.begin { db in
                seen.add("last")
                try bench.insert(base + 2, db)
            }
            blocked.release()
            #expect(await first.failure == (isBroken ? .sqlite(787) : nil))
            #expect(await middle.failure == (isBroken ? .sqlite(787) : nil))
            #expect(await last.failure == nil)
            let expected =
                isBroken ? ["first", "middle", "last"] : ["first", "middle", "committed, with [0, 1]", "last"]
            #expect(seen.all == expected)
        }
    }

    @Test("a cancelled caller loses no commit")
    func cancelled() async throws {
        let bench = try CommitBench()
        let blocked = await bench.block()
        let write = bench.begin { try bench.insert(1, $0) }
        write.cancel()
        blocked.release()
        try await write.value
        let late = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            try await bench.store.write { try bench.insert(2, $0) }
        }
        try await late.value
        #expect(try bench.numbers() == [1, 2])
    }

    @Test("nobody waits longer than the deadline; the write itself may still come")
    func deadline() async throws {
        let bench = try CommitBench(deadline: .milliseconds(30))
        let blocked = await bench.block()
        let write = bench.begin { try bench.insert(1, $0) }
        #expect(await write.failure == .deadline)
        blocked.release()
        try? await blocked.task.value
        await until { (try? bench.numbers()) == [1] }
    }

    @Test("a read that comes too late is a failure as well")
    func readDeadline() async throws {
        let bench = try CommitBench(deadline: .milliseconds(30))
        let semaphore = DispatchSemaphore(value: 0)
        await #expect(throws: StoreFailure.deadline) { try await bench.store.read { _ in semaphore.wait() } }
        semaphore.signal()
    }

    @Test("16,384 writes wait; one more is told so at once, and later there is room again")
    func bound() async throws {
        let bench = try CommitBench(deadline: .seconds(60))
        let blocked = await bench.block()
        let writes = (0..<16_384).map { _ in bench.begin { _ in } }
        #expect(await bench.begin { try bench.insert(1, $0) }.failure == .crowded)
        blocked.release()
        for write in writes { try await write.value }
        try await bench.begin { try bench.insert(2, $0) }.value
        #expect(try bench.numbers() == [2])
    }

    @Test("many writers at random: each number once, none lost")
    func storm() async throws {
        let bench = try CommitBench()
        await withTaskGroup { group in
            for number in 0..<2_000 {
                group.addTask {
                    let failure = await Task { try await bench.store.write { try bench.insert(number, $0) } }.failure
                    #expect(failure == nil)
                }
            }
        }
        #expect(try bench.numbers().sorted() == Array(0..<2_000))
        #expect(bench.commits < 2_000)
    }
}
