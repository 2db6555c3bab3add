// SPDX-License-Identifier: MIT
import Synchronization
import TestSupport
import Testing
import Transfer

extension TransferTests {
    @Suite struct Load {
        @Test(arguments: [OutboundRequest.Replay.safe, .never])
        func aThousandCallsAtOnceShareFewConnections(replay: OutboundRequest.Replay) async throws {
            let server = try HostileServer(answering(answer("ok"), afterMilliseconds: 50))
            let failures = try await withTransfer { transfer in
                await withTaskGroup(of: TransferFailure?.self) { group in
                    for number in 1...1_000 {
                        group.addTask {
                            await transfer.failure(
                                number % 2 == 0 ? get(server.url, replay: replay) : post(server.url, replay: replay))
                        }
                    }
                    return await group.reduce(into: [TransferFailure]()) { if let failure = $1 { $0.append(failure) } }
                }
            }
            #expect(failures == [])
            #expect(server.requests.count == 1_000)
            #expect(server.peak <= 64)
        }

        @Test func oneMoreThanTheBoundIsBusyAndRoomComesBack() async throws {
            let gate = Mutex(false)
            let server = try HostileServer { connection in
                while connection.readRequest() != nil {
                    while !gate.withLock(\.self) { usleepBriefly() }
                    connection.send(answer("ok"))
                }
            }
            try await withTransfer(limits(inFlight: 3)) { transfer in
                await withTaskGroup { group in
                    for _ in 1...3 { group.addTask { await transfer.failure(get(server.url)) } }
                    for await _ in server.arrivals.prefix(3) {}
                    #expect(await transfer.failure(get(server.url)) == .busy)
                    gate.withLock { $0 = true }
                    for await failure in group { #expect(failure == nil) }
                }
                #expect(await transfer.failure(get(server.url)) == nil)
            }
        }

        @Test func cancellingManyLeavesTheOthersAlone() async throws {
            let server = try HostileServer(answering(answer("ok"), afterMilliseconds: 5))
            let outcomes = try await withTransfer(limits(connections: 8)) { transfer in
                let calls = (0..<400).map { _ in Task { await transfer.failure(get(server.url)) } }
                for (index, call) in calls.enumerated() where index % 2 == 0 { call.cancel() }
                var outcomes: [TransferFailure?] = []
                for call in calls { outcomes.append(await call.value) }
                return outcomes
            }
            for (index, outcome) in outcomes.enumerated() {
                #expect(outcome == nil || index % 2 == 0 && outcome == .stopped)
            }
        }
    }
}
