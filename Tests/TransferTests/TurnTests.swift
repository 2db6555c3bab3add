// SPDX-License-Identifier: MIT
import Synchronization
import TestSupport
import Testing
import Transfer

extension TransferTests {
    /// Whether the thread comes round.
    @Suite struct Turns {
        @Test func aTurnIsTakenBesideACallThatHangs() async throws {
            let server = try HostileServer(Life.silent)
            try await withTransfer { transfer in
                let call = Task { await transfer.failure(get(server.url)) }
                for await _ in server.arrivals { break }
                await Self.turn(of: transfer)
                call.cancel()
                #expect(await call.value == .stopped)
            }
        }

        @Test func aTurnBeforeRunIsTakenByIt() async throws {
            let transfer = Transfer(limits: limits())
            let turns = Atomic<Int>(0)
            await withCheckedContinuation { taken in
                transfer.turn {
                    turns.add(1, ordering: .relaxed)
                    taken.resume()
                }
                #expect(turns.load(ordering: .relaxed) == 0, "nobody is there to take it")
                Task { try await transfer.run() }
            }
            transfer.stop()
        }

        @Test func afterTheEndItIsTakenAtOnce() async throws {
            let transfer = Transfer(limits: limits())
            async let asked: Void = Self.turn(of: transfer)
            await Task.yield()
            transfer.stop()
            await asked
            await Self.turn(of: transfer)
        }

        private static func turn(of transfer: Transfer) async {
            await withCheckedContinuation { taken in transfer.turn { taken.resume() } }
        }
    }
}
