// SPDX-License-Identifier: MIT
import Glibc
import HTTPTypes
import Testing

@testable import Gateway

extension LiveGateway {
    @Suite struct Stopping {
        @Test func anIdleStopIsImmediate() async throws {
            try await withGateway { running in
                _ = try running.ask()
                let took = ContinuousClock().measure {
                    running.gateway.stop()
                    running.gateway.stop()
                    #expect(running.ended.wait())
                }
                #expect(took < .seconds(1))
            }
        }

        @Test func aStopBeforeTheStartIsOne() async throws {
            let folder = TemporaryFolder()
            let socket = try ListeningSocket.bound(to: folder.path("s"))
            defer { close(socket.descriptor) }
            let gateway = try Gateway(socket: socket, handler: echo)
            gateway.stop()
            await gateway.run()
            #expect(access(folder.path("s"), F_OK) != 0)
        }

        @Test func whatRunsIsFinishedAndItsAnswerArrives() async throws {
            let gate = Gate()
            let started = Noticed<Void>()
            try await withGateway { _ in
                started.add(())
                await gate.passed()
                return plain("finished")
            } _: { running in
                let peers = try (1...20).map { _ in
                    let peer = try running.connect()
                    peer.send(RequestStream())
                    return peer
                }
                #expect(started.wait(count: 20))
                running.gateway.stop()
                #expect(!running.ended.wait(milliseconds: 50))
                gate.open()
                for peer in peers { try #expect(peer.answer()?.text == "finished") }
                #expect(running.ended.wait())
                #expect(running.overdue.all.isEmpty && running.events.all == [])
            }
        }

        @Test func aRequestThatIsHalfThereMayBecomeWhole() async throws {
            try await withGateway { running in
                let bytes = RequestStream().bytes
                let peer = try running.connect()
                peer.send(Array(bytes[..<30]))
                _ = try running.ask()
                running.gateway.stop()
                #expect(!running.ended.wait(milliseconds: 50))
                peer.send(Array(bytes[30...]))
                try #expect(peer.answer()?.isComplete == true)
                #expect(running.ended.wait())
            }
        }

        @Test func aRequestThatStaysHalfIsWaitedForUntilItsDeadline() async throws {
            try await withGateway(
                limits {
                    $0.completeWithin = .milliseconds(150)
                    $0.drain = .milliseconds(50)
                }
            ) { running in
                let peer = try running.connect()
                peer.send([1])
                _ = try running.ask()
                running.gateway.stop()
                #expect(running.ended.wait(milliseconds: 2_000))
                try #expect(peer.isClosedWithoutAnswer())
                // Nothing was running that could be ended.
                #expect(running.overdue.all.isEmpty)
            }
        }

        @Test func aPeerThatLeftDoesNotDelayTheStop() async throws {
            try await withGateway { running in
                do {
                    let peer = try running.connect()
                    peer.send([1])
                    _ = try running.ask()
                }
                running.gateway.stop()
                #expect(running.ended.wait(milliseconds: 1_000))
            }
        }

        @Test func whileOneIsStillAnsweredOthersAreToo() async throws {
            let gate = Gate()
            let started = Noticed<Void>()
            try await withGateway { request in
                guard request.head.path == "/slow" else { return plain("quick") }
                started.add(())
                await gate.passed()
                return plain("slow")
            } _: { running in
                let peer = try running.connect()
                peer.send(RequestStream(variables: [("REQUEST_METHOD", "GET"), ("REQUEST_URI", "/slow")]))
                #expect(started.wait())
                running.gateway.stop()
                for _ in 1...20 { try #expect(running.ask()?.text == "quick") }
                gate.open()
                try #expect(peer.answer()?.text == "slow")
                #expect(running.ended.wait())
                #expect(access(running.path, F_OK) != 0, "the own path is removed")
                #expect(running.overdue.all.isEmpty)
            }
        }

        @Test func afterTheDrainNobodyIsAcceptedAnyMore() async throws {
            let gate = Gate()
            let started = Noticed<Void>()
            try await withGateway(limits { $0.drain = .milliseconds(100) }) { _ in
                started.add(())
                await gate.passed()
                return plain("")
            } _: { running in
                let peer = try running.connect()
                peer.send(RequestStream())
                #expect(started.wait())
                running.gateway.stop()
                #expect(running.overdue.wait())
                #expect(throws: (any Error).self) { try running.connect() }
                gate.open()
                try #expect(peer.answer()?.isComplete == true)
                #expect(running.ended.wait())
            }
        }

        @Test func anInheritedSocketIsLeftToTheNextProcess() async throws {
            let folder = TemporaryFolder()
            let path = folder.path("inherited")
            let bound = try ListeningSocket.bound(to: path)
            defer { close(bound.descriptor) }
            let inherited = ListeningSocket(descriptor: bound.descriptor, ownPath: nil)
            try await withGateway(on: inherited, path: path) { try #expect($0.ask()?.isComplete == true) }
            let queued = try (1...10).map { _ in
                let peer = try Peer(path)
                peer.send(RequestStream())
                return peer
            }
            try await withGateway(on: inherited, path: path) { running in
                for peer in queued { try #expect(peer.answer()?.isComplete == true) }
                try #expect(running.ask()?.isComplete == true)
            }
        }

        @Test func whatStaysIsEndedByItsOwnerAfterTheDrain() async throws {
            let gate = Gate()
            let (started, asked) = (Noticed<Void>(), Noticed<Void>())
            let folder = TemporaryFolder()
            let socket = try ListeningSocket.bound(to: folder.path("s"))
            defer { close(socket.descriptor) }
            let gateway = try Gateway(
                socket: socket, limits: limits { $0.drain = .milliseconds(100) },
                overdue: {
                    asked.add(())
                    gate.open()
                },
                handler: { _ in
                    started.add(())
                    await gate.passed()
                    return plain("ended")
                })
            let running = Task.detached { await gateway.run() }
            let peer = try Peer(folder.path("s"))
            peer.send(RequestStream())
            #expect(started.wait())
            let began = ContinuousClock.now
            gateway.stop()
            try #expect(peer.answer()?.text == "ended")
            await running.value
            #expect(asked.all.count == 1)
            #expect(ContinuousClock.now - began >= .milliseconds(100))
        }

        @Test func whatStaysForEverIsAbandonedAfterTwiceTheDrainAndDoesNoHarmLater() async throws {
            let gate = Gate()
            let (started, late) = (Noticed<Void>(), Noticed<Void>())
            try await withGateway(limits { $0.drain = .milliseconds(60) }) { _ in
                started.add(())
                await gate.passed()
                late.add(())
                return plain("late")
            } _: { running in
                let peers = try (1...3).map { _ in
                    let peer = try running.connect()
                    peer.send(RequestStream())
                    return peer
                }
                #expect(started.wait(count: 3))
                let took = ContinuousClock().measure {
                    running.gateway.stop()
                    #expect(running.ended.wait())
                }
                #expect(took >= .milliseconds(120) && took < .seconds(2))
                #expect(running.overdue.all.count == 1)
                #expect(running.events.all == [.abandoned(3)])
                gate.open()
                for peer in peers { try #expect(peer.answer()?.text == "late") }
            }
        }

        @Test func aStopInTheMiddleOfACrowdLosesNothingThatWasRead() async throws {
            let started = Noticed<Void>()
            try await withGateway { request in
                started.add(())
                if started.all.count % 2 == 0 { await Task.yield() }
                return await echo(request)
            } _: { running in
                // After the stop the path goes, at some moment.
                let peers = (1...200).compactMap { number in
                    if number == 100 { running.gateway.stop() }
                    let peer = try? running.connect()
                    peer?.send(RequestStream())
                    return peer
                }
                #expect(running.ended.wait())
                let answered = try peers.filter(\.hasNews).map { try $0.answer()?.isComplete }
                #expect(answered.count == started.all.count)
                #expect(answered.allSatisfy { $0 == true })
            }
        }
    }
}
