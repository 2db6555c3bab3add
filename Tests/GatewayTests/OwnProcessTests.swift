// SPDX-License-Identifier: MIT
import Gateway
import Glibc
import HTTPTypes
import Testing

extension LiveGateway {
    /// Limits and signals are the process's: each of these has one to itself.
    @Suite struct OwnProcess {
        @Test func descriptorsThatRunOutAreReportedAndServiceReturnsWithThem() async {
            await #expect(processExitsWith: .success) {
                try await onOwnThread {
                    setDescriptorLimit(256)
                    try await withGateway { running in
                        try #expect(running.ask()?.isComplete == true)
                        for _ in 1...3 {
                            let seen = running.events.all.count
                            var taken: [Int32] = []
                            while case let more = open("/dev/null", O_RDONLY), more >= 0 { taken.append(more) }
                            close(taken.removeLast())
                            let peer = try running.connect()
                            peer.send(RequestStream())
                            #expect(running.events.wait(count: seen + 2))
                            #expect(running.events.all.allSatisfy { $0 == .exhausted(errno: EMFILE) })
                            let took = try ContinuousClock().measure {
                                for one in taken { close(one) }
                                try #expect(peer.answer()?.isComplete == true)
                            }
                            #expect(took < .seconds(1))
                        }
                        try #expect(running.ask()?.isComplete == true)
                    }
                }
            }
        }

        @Test func descriptorsAbove1024Work() async {
            await #expect(processExitsWith: .success) {
                try await onOwnThread {
                    setDescriptorLimit(4_096)
                    let low = (0..<1_500).map { _ in open("/dev/null", O_RDONLY) }
                    try #require(low.last! > 1_024)
                    try await withGateway { running in
                        for _ in 1...10 { try #expect(running.ask()?.isComplete == true) }
                        for mutated in Mutation(seed: 4, count: 200) {
                            let peer = try running.connect()
                            peer.send(mutated)
                        }
                        let crowd = try (1...300).map { _ in try running.connect() }
                        for peer in crowd { peer.send(RequestStream()) }
                        for peer in crowd { try #expect(peer.answer()?.isComplete == true) }
                    }
                }
            }
        }

        @Test func peersThatComeAndGoLeaveNoDescriptorBehind() async {
            await #expect(processExitsWith: .success) {
                try await onOwnThread {
                    try await withGateway { running in
                        _ = try running.ask()
                        let before = Held.sockets
                        for number in 1...500 {
                            let peer = try running.connect()
                            switch number % 4 {
                            case 0: break
                            case 1: peer.send(Array(RequestStream().bytes.dropLast()))
                            case 2: peer.send([2, 2, 2, 2, 2, 2, 2, 2])
                            default: try #expect(running.ask()?.isComplete == true)
                            }
                        }
                        // The last of them may be looked at in a later round than that of an answer.
                        for _ in 1...100 where Held.sockets > before { _ = try running.ask() }
                        #expect(Held.sockets <= before)
                    }
                }
            }
        }

        @Test func aStopThatWaitsForAHandlerCostsNothing() async {
            await #expect(processExitsWith: .success) {
                try await onOwnThread {
                    let gate = Gate()
                    let started = Noticed<Void>()
                    try await withGateway { _ in
                        started.add(())
                        await gate.passed()
                        return plain("")
                    } _: { running in
                        let peer = try running.connect()
                        peer.send(RequestStream())
                        #expect(started.wait())
                        running.gateway.stop()
                        let before = clock()
                        usleep(200_000)
                        #expect(clock() - before < 100_000)
                        gate.open()
                        try #expect(peer.answer()?.isComplete == true)
                    }
                }
            }
        }

        @Test func aPeerThatLeftDoesNotKillTheProcess() async {
            await #expect(processExitsWith: .success) {
                try await onOwnThread {
                    let gate = Gate()
                    let (started, answered) = (Noticed<Void>(), Noticed<Void>())
                    signal(SIGPIPE, SIG_DFL)
                    try await withGateway { request in
                        started.add(())
                        if request.head.path == "/waits" { await gate.passed() }
                        answered.add(())
                        return plain(String(repeating: "a", count: 30_000))
                    } _: { running in
                        try running.connect().send(.request("GET", "/waits"))
                        #expect(started.wait())
                        gate.open()
                        #expect(answered.wait())
                        try #expect(running.ask()?.isComplete == true)
                    }
                }
            }
        }

        @Test func terminationIsNotKeptByLibfcgi() async {
            await #expect(processExitsWith: .signal(SIGTERM)) {
                #expect(Gateway.initialiseLibrary())
                kill(getpid(), SIGTERM)
                sleep(10)
            }
        }

        @Test func descriptor0IsTheSocketWhenItListens() async {
            await #expect(processExitsWith: .success) {
                let folder = TemporaryFolder()
                let null = open("/dev/null", O_RDWR)
                dup2(null, 0)
                #expect(ListeningSocket.inherited() == nil)
                let socket = try ListeningSocket.bound(to: folder.path("s"))
                dup2(try Peer(folder.path("s")).descriptor, 0)
                #expect(ListeningSocket.inherited() == nil)
                dup2(socket.descriptor, 0)
                let inherited = try #require(ListeningSocket.inherited())
                #expect(inherited.descriptor == 0 && inherited.ownPath == nil)
                try await onOwnThread {
                    try await withGateway(on: inherited, path: folder.path("s")) { running in
                        try #expect(running.ask()?.isComplete == true)
                    }
                }
                close(0)
                #expect(ListeningSocket.inherited() == nil)
            }
        }
    }
}

private func setDescriptorLimit(_ count: UInt) {
    var limit = rlimit()
    getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    limit.rlim_cur = min(rlim_t(count), limit.rlim_max)
    setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
}
