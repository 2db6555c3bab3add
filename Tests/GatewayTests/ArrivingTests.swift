// SPDX-License-Identifier: MIT
import Gateway
import Testing

extension LiveGateway {
    @Suite struct Arriving {
        private static let stream = RequestStream.request("POST", "/", [("HTTP_ACCEPT", "*/*")], body: [1, 2, 3])

        @Test func aRequestInTwoPiecesIsAnsweredOnceWhereverItIsCut() async throws {
            let started = Noticed<Void>()
            try await withGateway { request in
                started.add(())
                return await echo(request)
            } _: { running in
                let bytes = Self.stream.bytes
                let whole = try running.ask(bytes)
                for cut in 1..<bytes.count {
                    let peer = try running.connect()
                    peer.send(Array(bytes[..<cut]))
                    peer.send(Array(bytes[cut...]))
                    try #expect(peer.answer() == whole, "cut at \(cut)")
                }
                #expect(started.all.count == bytes.count)
                #expect(running.events.all == [])
            }
        }

        /// The answer to another peer shows that the gateway has looked at what came before.
        @Test func aPauseWithinARequestDoesNotMatter() async throws {
            try await withGateway { running in
                let bytes = Self.stream.bytes
                let whole = try running.ask(bytes)
                for pieces in [bytes.chunks(of: bytes.count / 2 + 1), bytes.chunks(of: bytes.count / 20)] {
                    let peer = try running.connect()
                    for piece in pieces {
                        #expect(!peer.hasNews)
                        peer.send(piece)
                        _ = try running.ask()
                    }
                    try #expect(peer.answer() == whole)
                }
                #expect(running.events.all == [])
            }
        }

        @Test func aSilentPeerIsClosedAtItsDeadlineAndOthersAreServedMeanwhile() async throws {
            for first in [[], [1], RequestStream().bytes.dropLast()] as [[UInt8]] {
                try await withGateway(limits { $0.completeWithin = .milliseconds(100) }) { running in
                    let began = ContinuousClock.now
                    let silent = try running.connect()
                    silent.send(first)
                    while !silent.hasNews { try #expect(running.ask()?.isComplete == true) }
                    let took = ContinuousClock.now - began
                    try #expect(silent.isClosedWithoutAnswer())
                    #expect(took >= .milliseconds(95) && took < .seconds(2))
                    #expect(running.events.all == [.stalled])
                }
            }
        }

        /// A byte each 10 ms: with time for each it would go on for two seconds.
        @Test func aByteNowAndThenBuysNoTime() async throws {
            try await withGateway(limits { $0.completeWithin = .milliseconds(100) }) { running in
                let bytes = RequestStream.request("GET", "/", [("HTTP_X", String(repeating: "x", count: 300))]).bytes
                let dribbling = try running.connect()
                var sent = 0
                while sent < 200, !dribbling.hasNews, dribbling.send([bytes[sent]]) {
                    sent += 1
                    let next = ContinuousClock.now + .milliseconds(10)
                    repeat { _ = try running.ask() } while .now < next
                }
                try #expect(dribbling.isClosedWithoutAnswer())
                #expect(sent < 200)
                #expect(running.events.all == [.stalled])
            }
        }

        @Test func aPeerThatOnlyEndedItsSendingIsAnswered() async throws {
            try await withGateway { running in
                let peer = try running.connect()
                peer.send(Self.stream)
                peer.endSending()
                try #expect(peer.answer()?.isComplete == true)
            }
        }

        /// A request that can never become whole is not kept to its deadline.
        @Test(arguments: [0, 1, 20, 100])
        func aPeerThatEndsWithinItsRequestIsClosedAtOnce(count: Int) async throws {
            for pausing in [false, true] {
                try await withGateway { running in
                    let peer = try running.connect()
                    if count > 0 { peer.send(Array(Self.stream.bytes[..<count])) }
                    if pausing { _ = try running.ask() }
                    let took = try ContinuousClock().measure {
                        peer.endSending()
                        try #expect(peer.isClosedWithoutAnswer())
                    }
                    #expect(took < .seconds(1))
                    #expect(running.events.all == [])
                }
            }
        }

        @Test func theRestAndTheEndAtOnceAreARequest() async throws {
            try await withGateway { running in
                let bytes = Self.stream.bytes
                for _ in 1...50 {
                    let peer = try running.connect()
                    peer.send(Array(bytes[..<40]))
                    _ = try running.ask()
                    peer.send(Array(bytes[40...]))
                    peer.endSending()
                    try #expect(peer.answer()?.isComplete == true)
                }
            }
        }
    }
}
