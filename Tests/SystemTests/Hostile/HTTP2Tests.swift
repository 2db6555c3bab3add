// SPDX-License-Identifier: MIT
import TestSupport
import Testing

/// HTTP/2 with the program: what can be called again is, and the code's exchange is not (checklist 47).
@Suite(.enabled(if: Seclusion.isPossible, "a mount namespace needs root"))
struct HTTP2Tests {
    private struct World: Sendable {
        let stage: Stage
        let peer: HTTP2Peer
        let instagram: HostileInstagram

        func connect(fault: String? = nil) async throws -> Response {
            let browser = Browser()
            let url = try await stage.callback(browser, code: HostileInstagram.code(fault)).request
            return try await browser.fetch(url)
        }
    }

    private func run(_ body: (World) async throws -> Void) async throws {
        let peer = HTTP2Peer()
        let dying: [String: HostileServer.Script] = ["closes": { _ in }, "resets": { $0.reset() }]
        let instagram = try HostileInstagram(dying) { peer.serve($0, onRequest: $1) }
        let authority = try await Authority()
        let tls = try await TLSFront(authority, before: instagram.port)
        let seclusion = try Seclusion([
            Seclusion.trusted: try authority.bundle(), Seclusion.hosts: Authority.hosts,
        ])
        let url = "https://\(Authority.name):\(tls.port(.http2))"
        let options = Stage.Options(settings: HostileInstagram.settings(url), wrapper: seclusion.wrapper)
        try await Stage.run(options) { stage in
            try await body(World(stage: stage, peer: peer, instagram: instagram))
            #expect(instagram.seen.codes.values.allSatisfy { $0 == 1 }, "no code came twice")
            #expect(instagram.seen.strange == [], "and no exchange but over HTTP/1.1")
            #expect(stage.responder?.isRunning == true)
        }
        await tls.stop()
    }

    @Test("A connection that dies under a call is made anew for that call; the code has a connection of its own")
    func dying() async throws {
        try await run { (world: World) async throws in
            // The first makes the connection that the others find.
            #expect(try await world.connect().status == 200)
            for act in [HTTP2Peer.Act.refuse, .fail, .goAway, .goAwayAfter, .close, .closeAfterHeaders] {
                for (number, plan) in [[act, .answer], [.answer, act, .answer]].enumerated() {
                    var before = world.instagram.seen
                    world.peer.plan(plan)
                    var began = ContinuousClock.now
                    var answer = try await world.connect()
                    // A machine that stood still for a second leaves the call no time for its second try.
                    for _ in 1...3 where answer.status != 200 && .now - began > .seconds(1) {
                        before = world.instagram.seen
                        world.peer.plan(plan)
                        began = .now
                        answer = try await world.connect()
                    }
                    #expect(answer.status == 200, "\(act) at call \(number + 2)")
                    let seen = world.instagram.seen
                    #expect(seen.codes.count == before.codes.count + 1)
                    #expect(seen.http2 == before.http2 + 3, "\(act): two calls, one of them twice")
                }
            }
        }
    }

    @Test("What dies each time is given up after a few, and the code is not sent for it")
    func alwaysDying() async throws {
        try await run { (world: World) async throws in
            for act in [HTTP2Peer.Act.refuse, .fail, .goAway, .goAwayAfter, .close, .closeAfterHeaders] {
                let before = world.instagram.seen
                world.peer.plan([act])
                let answer = try await world.connect()
                #expect(answer.error?.error == "provider_unavailable", "\(act)")
                #expect(world.instagram.seen.http2 - before.http2 <= 20, "\(act)")
                #expect(world.instagram.seen.codes.count == before.codes.count + 1)
            }
            #expect(try world.stage.kept.users().isEmpty)
        }
    }

    @Test("The exchange itself dies: the code is spent, with kept connections beside it")
    func exchange() async throws {
        try await run { (world: World) async throws in
            #expect(try await world.connect().status == 200)
            for fault in ["closes", "resets", "closes"] {
                let answer = try await world.connect(fault: fault)
                #expect(answer.status == 503 && answer.error?.error == "provider_unavailable")
            }
            #expect(world.instagram.seen.codes.count == 4)
        }
    }
}
