// SPDX-License-Identifier: MIT
import Foundation
import Synchronization
import TestSupport
import Testing

/// Whole connections, and how many of them Instagram had to ask for once more.
private final class Connections: Sendable {
    private let counts = Mutex((acknowledged: 0, again: 0, generation: Int64(0)))

    func add(again: Int, generation: Int64) {
        counts.withLock { counts in
            counts.acknowledged += 1
            counts.again += again
            counts.generation = generation
        }
    }

    var acknowledged: Int { counts.withLock { $0.acknowledged } }
    var again: Int { counts.withLock { $0.again } }
    /// Of the row, when the newest of them was acknowledged.
    var generation: Int64 { counts.withLock { $0.generation } }
}

extension MachineTests {
    /// The service goes and comes; the socket stays.
    @Suite(.serialized, .machine)
    struct RestartTests {
        private let machine = Machine.current!
        private let browser = Browser()

        init() async throws {
            try await machine.shell("systemctl reset-failed; systemctl start ig-shop-auth")
            try await machine.ready()
            try await machine.connect(browser)
            try await machine.standIn.reset()
        }

        @Test("Fifty restarts and twenty reloads, every fourth with a broken file, under load: no request fails")
        func restarts() async throws {
            let restarts = Soak.times(50, full: 200)
            let reloads = Soak.times(20, full: 50)
            let agents = try machine.read("/etc/ig-shop-auth/agents")
            var refused = 0
            let (load, _) = try await Load.during(machine.gets(browser)) {
                for number in 0..<restarts {
                    try await machine.shell("systemctl restart ig-shop-auth")
                    guard number % 5 < 2, number / 5 * 2 + number % 5 < reloads else { continue }
                    let isBroken = number % 10 == 1
                    if isBroken { try machine.write("nobody knows this\n", to: "/etc/ig-shop-auth/agents") }
                    let said = try await machine.run("systemctl", "reload", "ig-shop-auth")
                    #expect((said.end == .exit(0)) == !isBroken, "\(said.error)")
                    if isBroken {
                        refused += 1
                        try machine.write(agents, to: "/etc/ig-shop-auth/agents")
                    }
                }
            }
            #expect(load.failed.isEmpty)
            #expect(load.perSecond >= 300)
            #expect(refused >= reloads / 5)
            #expect(try await machine.property("NRestarts") == "0", "none of them was a crash")
            Soak.record(
                "requests during \(restarts) `systemctl restart` and \(reloads) reloads, \(refused) of them refused",
                load.answered, "\(load.failed.count) failed")
        }

        @Test(
            "Fifty kill -9 under GETs and whole connections: no GET fails, a flow that was cut starts itself again, nothing acknowledged is lost (checklist 48)"
        )
        func kills() async throws {
            let kills = Soak.times(50, full: 200)
            let seen = Connections()
            let (load, _) = try await Load.during(machine.gets(browser), visitors: 4) {
                let end = Flag()
                // Long enough to be hit in the middle of.
                let calls = ["extend-token", "read-profile"].map { #"{"endpoint": "\#($0)", "latency_ms": 150}"# }
                try await machine.standIn.set(#"{"faults": [\#(calls.joined(separator: ","))]}"#)
                let connections = Task {
                    while !end.isRaised {
                        let visitor = Browser()
                        let rounds = try await machine.connect(visitor)
                        let answer = try await visitor.asking(machine.status)
                        #expect(answer.text.contains(#""connected":true"#), "\(answer.text)")
                        seen.add(again: rounds - 1, generation: try machine.kept.users()[0].generation)
                    }
                }
                defer { end.raise() }
                for number in 0..<kills {
                    let main = try await machine.mainPID()
                    let (before, generation) = (seen.acknowledged, seen.generation)
                    // Elsewhere in a connection each time; one that is cut twice is told so instead.
                    let call = ["exchange-code", "extend-token", "read-profile"][number % 3]
                    try await machine.standIn.wait(for: call, count: 1)
                    try await machine.shell("kill -9 \(main)")
                    #expect(try machine.kept.users()[0].generation >= generation, "what was acknowledged is there")
                    _ = try await eventually("the connection that was cut") { seen.acknowledged > before ? true : nil }
                    _ = try await HTTPClient.shared.send(.post, machine.standIn.url + "/control/calls/reset")
                }
                end.raise()
                try await connections.value
            }
            let (acknowledged, again) = (seen.acknowledged, seen.again)
            #expect(load.failed.isEmpty)
            #expect(again > 0 && again <= kills, "at most one round more for each kill: \(again)")
            #expect(acknowledged >= kills)
            #expect(try machine.kept.users()[0].generation == seen.generation)
            let events = try await machine.shell(
                "sqlite3 -readonly \(Machine.database) \"SELECT count(*) FROM events WHERE type = 'connected'\"")
            #expect(Int(events.trimmingCharacters(in: .newlines))! >= acknowledged)
            let issued = Set(try await machine.standIn.tokens().map(\.accessToken))
            for row in try machine.kept.users() { #expect(issued.contains(try row.token(machine.kept.keyring()))) }
            #expect(try machine.kept.integrity() == "ok")
            #expect(try await machine.standIn.calls().repeatedCodes == 0)
            Soak.record(
                "`kill -9` of the service under \(load.answered) GETs and \(acknowledged) connections", kills,
                "\(load.failed.count) GETs failed, \(again) flows began again, no token lost")
        }

        @Test("Twenty crashes within five seconds, while visitors ask: it is back without a hand")
        func crashStorm() async throws {
            // What crashes thirty times a minute is slowed down, and the tests before may have been that.
            try await machine.shell("rm -f /run/ig-shop-auth/failures /run/ig-shop-auth/alerted")
            let before = Int(try await machine.property("NRestarts")) ?? 0
            let began = ContinuousClock.now
            let (load, _) = try await Load.during(machine.gets(browser), visitors: 2) {
                var last = ""
                for _ in 0..<20 {
                    last = try await machine.mainPID(after: last)
                    _ = try await machine.run("kill", "-SEGV", last)
                }
                #expect(ContinuousClock.now - began < .seconds(5))
                _ = try await machine.mainPID(after: last)
                try await machine.ready()
            }
            #expect(load.failed.isEmpty)
            #expect(try await machine.property("ActiveState", of: "ig-shop-auth.socket") == "active")
            #expect((Int(try await machine.property("NRestarts")) ?? 0) - before >= 20)
            _ = try await eventually("somebody to be called") {
                try await machine.journal().contains("ig-shop-auth.service has failed and needs you") ? true : nil
            }
        }

        @Test("A process that hangs is ended and started again within twice the watchdog's time")
        func hung() async throws {
            let watchdog = try #require(Int(try await machine.property("WatchdogUSec").filter(\.isNumber)))
            let main = try await machine.mainPID()
            let began = ContinuousClock.now
            try await machine.shell("kill -STOP \(main)")
            _ = try await eventually("another process") {
                try await machine.mainPID() != main ? true : nil
            }
            try await machine.ready()
            #expect(ContinuousClock.now - began < .seconds(2 * watchdog))
            #expect(try await machine.journal("ig-shop-auth").contains("Watchdog timeout"))
        }
    }
}
