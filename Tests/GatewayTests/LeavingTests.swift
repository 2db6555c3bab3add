// SPDX-License-Identifier: MIT
import Glibc
import HTTPTypes
import Testing

@testable import Gateway

extension LiveGateway {
    @Suite struct Leaving {
        @Test func whatIsBetterLeftIsClosedWithoutAnAnswerAtTheEndAndNotBefore() async throws {
            let gate = Gate()
            let started = Noticed<Void>()
            let folder = TemporaryFolder()
            let bound = try ListeningSocket.bound(to: folder.path("inherited"))
            defer { close(bound.descriptor) }
            let inherited = ListeningSocket(descriptor: bound.descriptor, ownPath: nil)
            let slow = RequestStream(variables: [("REQUEST_METHOD", "GET"), ("REQUEST_URI", "/slow")])
            let left = RequestStream(variables: [("REQUEST_METHOD", "GET"), ("REQUEST_URI", "/left")])
            try await withGateway(on: inherited, path: folder.path("inherited")) { request in
                var answer = plain("quick")
                answer.isBetterLeft = request.head.path == "/left"
                if request.head.path == "/slow" {
                    started.add(())
                    await gate.passed()
                }
                return answer
            } _: { running in
                let peer = try running.connect()
                peer.send(slow)
                #expect(started.wait())
                running.gateway.stop()
                let leaving = try running.connect()
                leaving.send(left)
                for _ in 1...20 { try #expect(running.ask()?.text == "quick") }
                #expect(!leaving.hasNews)
                gate.open()
                try #expect(peer.answer()?.text == "quick")
                try #expect(leaving.isClosedWithoutAnswer())
                #expect(running.ended.wait() && running.events.all == [])
            }
        }

        @Test func onAPathOfItsOwnNothingIsLeft() async throws {
            try await withGateway { _ in
                var answer = plain("busy", status: .serviceUnavailable)
                answer.isBetterLeft = true
                return answer
            } _: {
                try #expect($0.ask()?.text == "busy")
            }
        }
    }
}
