// SPDX-License-Identifier: MIT
import Gateway
import Testing

extension LiveGateway {
    @Suite struct Crowd {
        private static let half = Array(RequestStream().bytes.dropLast())

        @Test func oneMoreThanMayWaitClosesTheOldest() async throws {
            try await withGateway(limits { $0.waiting = 4 }) { running in
                let peers = try (1...6).map { _ in
                    let peer = try running.connect()
                    peer.send(Self.half)
                    return peer
                }
                try #expect(peers[0].isClosedWithoutAnswer())
                try #expect(peers[1].isClosedWithoutAnswer())
                #expect(running.events.all == [.stalled, .stalled])
                for peer in peers[2...] {
                    peer.send([RequestStream().bytes.last!])
                    try #expect(peer.answer()?.isComplete == true)
                }
            }
        }

        @Test func threeHundredStalledPeersDoNotDisturbAHundredWorkingOnes() async throws {
            try await withGateway { running in
                let stalled = try (0..<300).map { number in
                    let peer = try running.connect()
                    peer.send(Array(Self.half.prefix(number % Self.half.count)))
                    return peer
                }
                let working = try (1...100).map { number in
                    let peer = try running.connect()
                    peer.send(.request("GET", "/\(number)"))
                    return peer
                }
                for (index, peer) in working.enumerated() {
                    try #expect(peer.answer()?.text.hasPrefix("GET http /\(index + 1) ") == true)
                }
                #expect(stalled.allSatisfy { !$0.hasNews })
                for (number, peer) in stalled.enumerated() {
                    peer.send(Array(RequestStream().bytes.dropFirst(number % Self.half.count)))
                }
                for peer in stalled { try #expect(peer.answer()?.isComplete == true) }
                #expect(running.events.all == [])
            }
        }

        @Test func threeHundredStalledPeersAreGoneAtTheirDeadlineAndNotBefore() async throws {
            try await withGateway(limits { $0.completeWithin = .milliseconds(500) }) { running in
                let stalled = try (0..<300).map { number in
                    let began = ContinuousClock.now
                    let peer = try running.connect()
                    peer.send(Array(Self.half.prefix(number % Self.half.count)))
                    return (peer, began)
                }
                for (peer, began) in stalled {
                    try #expect(peer.isClosedWithoutAnswer())
                    #expect(ContinuousClock.now - began >= .milliseconds(495))
                }
                #expect(running.events.all == Array(repeating: .stalled, count: 300))
            }
        }

        @Test func atTheBoundOfUnansweredRequestsNothingIsAcceptedUntilOneEnds() async throws {
            let gate = Gate()
            let started = Noticed<Void>()
            try await withGateway(limits { $0.unanswered = 2 }) { request in
                started.add(())
                await gate.passed()
                return plain("")
            } _: { running in
                func asking() throws -> Peer {
                    let peer = try running.connect()
                    peer.send(RequestStream())
                    return peer
                }
                // The bound is reached first: who was accepted before that, and sends later, is answered beyond it.
                var peers = try [asking(), asking()]
                #expect(started.wait(count: 2))
                peers += try [asking(), asking(), asking()]
                #expect(!started.wait(count: 3, milliseconds: 150))
                gate.open()
                for peer in peers { try #expect(peer.answer()?.isComplete == true) }
                #expect(started.all.count == 5)
            }
        }
    }
}
