// SPDX-License-Identifier: MIT
import Dispatch
import Gateway
import Glibc
import Testing

extension LiveGateway {
    /// Whether the gateway's thread comes round.
    @Suite struct Turns {
        @Test func aTurnIsTakenOnTheIdleThreadAndBesideRequests() async throws {
            try await withGateway { running in
                let turns = Noticed<Void>()
                running.gateway.turn { turns.add(()) }
                #expect(turns.wait())
                for number in 2...20 {
                    running.gateway.turn { turns.add(()) }
                    try #expect(running.ask()?.isComplete == true)
                    #expect(turns.wait(count: number))
                }
            }
        }

        @Test("A handler that blocks holds the thread: no turn is taken, and then all are")
        func aBlockedHandlerTakesNone() async throws {
            let (entered, turns) = (Noticed<Void>(), Noticed<Void>())
            let release = DispatchSemaphore(value: 0)
            try await withGateway { request in
                entered.add(())
                Self.block(on: release)
                return await echo(request)
            } _: { running in
                let peer = try running.connect()
                peer.send(RequestStream().bytes)
                #expect(entered.wait())
                running.gateway.turn { turns.add(()) }
                running.gateway.turn { turns.add(()) }
                #expect(!turns.wait(milliseconds: 200))
                release.signal()
                #expect(turns.wait(count: 2))
                try #expect(peer.answer()?.isComplete == true)
            }
        }

        @Test("During a drain turns are taken, and after the end at once")
        func stopping() async throws {
            let gate = Gate()
            let (entered, turns) = (Noticed<Void>(), Noticed<Void>())
            try await withGateway { request in
                entered.add(())
                await gate.passed()
                return await echo(request)
            } _: { running in
                let peer = try running.connect()
                peer.send(RequestStream().bytes)
                #expect(entered.wait())
                running.gateway.stop()
                running.gateway.turn { turns.add(()) }
                #expect(turns.wait())
                gate.open()
                try #expect(peer.answer()?.isComplete == true)
                #expect(running.ended.wait())
                running.gateway.turn { turns.add(()) }
                #expect(turns.all.count == 2)
            }
        }

        /// `wait` is not for asynchronous code, which is the point here.
        private static func block(on semaphore: DispatchSemaphore) { semaphore.wait() }
    }
}
