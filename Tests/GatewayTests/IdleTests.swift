// SPDX-License-Identifier: MIT
import Gateway
import Glibc
import HTTPTypes
import Testing

extension LiveGateway {
    /// What the gateway's thread costs while nothing can be done: a loop that spins would take all of the time.
    @Suite struct Idle {
        private static let half = Array(RequestStream().bytes.dropLast())

        /// CPU time of the thread that the handler runs on: the gateway's.
        @Sendable private static func spent(_: GatewayRequest) async -> GatewayResponse {
            var time = timespec()
            clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
            return plain("\(time.tv_sec * 1_000_000 + time.tv_nsec / 1_000)")
        }

        private func microseconds(_ running: RunningGateway) throws -> Int {
            try #require(try Int(running.ask()?.text ?? ""))
        }

        @Test(arguments: [1, 100])
        func stalledPeersCostNothing(count: Int) async throws {
            try await withGateway(limits { $0.completeWithin = .milliseconds(300) }, handler: Self.spent) { running in
                let peers = try (1...count).map { _ in
                    let peer = try running.connect()
                    peer.send(Self.half)
                    return peer
                }
                let before = try microseconds(running)
                for peer in peers { try #expect(peer.isClosedWithoutAnswer()) }
                let spent = try microseconds(running) - before
                #expect(spent < 30_000, "\(spent) µs")
            }
        }

        @Test func nobodyCostsNothing() async throws {
            try await withGateway(handler: Self.spent) { running in
                let before = try microseconds(running)
                usleep(200_000)
                try #expect(microseconds(running) - before < 10_000)
            }
        }

        @Test func theBoundOfUnansweredRequestsCostsNextToNothing() async throws {
            let gate = Gate()
            let started = Noticed<Void>()
            try await withGateway(limits { $0.unanswered = 1 }) { request in
                if request.head.path == "/waits" {
                    started.add(())
                    await gate.passed()
                }
                return await Self.spent(request)
            } _: { running in
                let before = try microseconds(running)
                let peers = try (1...3).map { _ in
                    let peer = try running.connect()
                    peer.send(.request("GET", "/waits"))
                    return peer
                }
                #expect(started.wait())
                usleep(200_000)
                gate.open()
                for peer in peers { try #expect(peer.answer()?.isComplete == true) }
                let spent = try microseconds(running) - before
                #expect(spent < 20_000, "\(spent) µs")
            }
        }
    }
}
