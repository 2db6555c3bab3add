// SPDX-License-Identifier: MIT
import Foundation
import Glibc
import TestSupport
import Testing

/// What systemd hears of the real program.
@Suite
struct SupervisionTests {
    @Test("Ready after it has shown that it works, alive at each round, and stopping before anything else ends")
    func life() async throws {
        let systemd = try Systemd()
        try await Stage.run(systemd.options(watchdog: 10)) { stage in
            _ = try await eventually("three rounds") { systemd.notify.count("WATCHDOG=1") >= 3 ? () : nil }
            #expect(systemd.notify.texts.first == "STATUS=serving; keys system; 0 agents")
            #expect(systemd.notify.texts.dropFirst().first == "READY=1")
            let fed = systemd.notify.all.filter { $0.text == "WATCHDOG=1" }.map(\.at)
            #expect(zip(fed, fed.dropFirst()).allSatisfy { $0.duration(to: $1) < .seconds(6) }, "a quarter of its time")

            #expect(await stage.responder?.stop() == .exit(0))
            #expect(systemd.notify.texts.last == "STOPPING=1")
            #expect(systemd.notify.count("READY=1") == 1 && systemd.notify.count("STOPPING=1") == 1)
            let stopping = try #require(systemd.notify.all.last?.at)
            #expect(stopping > fed.last!)
        }
    }

    @Test("A writer that hangs in the disk: the watchdog is fed no more, the journal names the part; then it is again")
    func hung() async throws {
        let systemd = try Systemd()
        let disk = try await DiskShim()
        try await Stage.run(systemd.options(watchdog: 10, shim: disk)) { stage in
            _ = try await eventually("a round") { systemd.notify.count("WATCHDOG=1") > 0 ? () : nil }
            disk.hang()
            let readyz = Task { try await HTTPClient.shared.send(.get, stage.readyz) }
            _ = try await eventually("the line") {
                try stage.journal().first { $0["event"] == "no progress" && $0["part"] == "store" }
            }
            _ = try await eventually("the status of it") {
                systemd.notify.status?.hasPrefix("no progress: store") == true ? () : nil
            }
            let fed = try #require(systemd.notify.all.last { $0.text == "WATCHDOG=1" })
            #expect(fed.at.duration(to: .now) > .seconds(4), "since it hangs nobody was told that all is well")
            #expect(try await Browser().fetch(stage.start).status == 200, "what needs no writer goes on")
            disk.heal()
            _ = try await eventually("the next round") {
                systemd.notify.all.last { $0.text == "WATCHDOG=1" }.map { $0.at > fed.at } == true ? () : nil
            }
            _ = try await eventually("the status") { systemd.notify.status?.hasPrefix("serving; ") == true ? () : nil }
            _ = try await readyz.value
            #expect(await stage.responder?.stop() == .exit(0))
        }
    }

    @Test("Full at the start: it is ready all the same and says what does not work; with room again it says so, too")
    func fullAtStart() async throws {
        let systemd = try Systemd()
        let disk = try await DiskShim()
        try await Stage.run(systemd.options(watchdog: 10, shim: disk)) { stage in
            #expect(await stage.responder?.stop() == .exit(0))
            disk.fail(ENOSPC, [.write, .create], on: .all)
            let before = systemd.notify.texts.count
            try stage.startResponder()
            _ = try await eventually("it is ready") {
                systemd.notify.texts.dropFirst(before).contains("READY=1") ? () : nil
            }
            let said = try #require(systemd.notify.texts.dropFirst(before).first)
            #expect(said.hasPrefix("STATUS=storage_unavailable: SQLite failed with "))
            _ = try await eventually("rounds") {
                systemd.notify.texts.dropFirst(before).count { $0 == "WATCHDOG=1" } > 1 ? () : nil
            }
            let lines = try stage.journal().filter { $0["during"] == "self-check" }
            #expect(lines.count == 1 && lines[0]["level"] == "error")
            #expect(try await Browser().fetch(stage.start).status == 200)
            disk.heal()
            _ = try await eventually("the status") { systemd.notify.status?.hasPrefix("serving; ") == true ? () : nil }
            _ = try await eventually("the line") {
                try stage.journal().first { $0["event"] == "storage works again" }
            }
        }
    }

    @Test("The path of the socket is gone: one line with the remedy, what runs is answered, exit 75")
    func socketGone() async throws {
        let systemd = try Systemd()
        try await Stage.run(systemd.options(watchdog: 10)) { stage in
            let browser = Browser()
            let callback = try await stage.consented(browser)
            try await stage.standIn.fail("exchange-code", nil, count: 1, latency: 3_000)
            let answer = Task { try await browser.fetch(callback.request) }
            try await stage.standIn.wait(for: "exchange-code", count: 1)
            unlink(stage.socketPath)
            #expect(await stage.responder?.end() == .exit(75))
            #expect(try await answer.value.status == 200)
            let lines = try stage.journal().filter { $0["level"] == "error" }
            #expect(lines.count == 1 && lines[0]["event"] == "socket gone" && lines[0]["path"] == stage.socketPath)
            #expect(lines[0]["remedy"]?.contains("systemctl restart") == true)
            #expect(try stage.journal().last?["event"] == "stopped")
            #expect(systemd.notify.texts.last == "STOPPING=1")
            #expect(stage.said("responder") == "")
        }
    }

    @Test("The path of systemd's socket is gone at the start already: exit 75 all the same")
    func socketGoneBefore() async throws {
        let systemd = try Systemd()
        try await Stage.run(systemd.options()) { stage in
            #expect(await stage.responder?.stop() == .exit(0))
            try FileManager.default.moveItem(atPath: stage.socketPath, toPath: stage.socketPath + ".hidden")
            try stage.startResponder()
            #expect(await stage.responder?.end() == .exit(75))
            #expect(try stage.journal().contains { $0["event"] == "socket gone" && $0["path"] == stage.socketPath })
        }
    }

    @Test("Without systemd a socket whose path was never seen is served all the same")
    func socketElsewhere() async throws {
        let systemd = try Systemd()
        var options = systemd.options(watchdog: 10)
        options.settings["RUNTIME_DIRECTORY"] = nil
        try await Stage.run(options) { stage in
            #expect(await stage.responder?.stop() == .exit(0))
            try FileManager.default.moveItem(atPath: stage.socketPath, toPath: stage.socketPath + ".hidden")
            let before = systemd.notify.count("WATCHDOG=1")
            try stage.startResponder()
            _ = try await eventually("rounds") { systemd.notify.count("WATCHDOG=1") > before + 1 ? () : nil }
            #expect(try stage.journal().contains { $0["event"] == "socket not seen" && $0["level"] == "warning" })
            #expect(stage.responder?.isRunning == true)
        }
    }

    @Test("A watchdog that a locked database would set off is refused: one line, exit 78")
    func hasty() async throws {
        let serve = try await Command.run(Programs.shopAuth, ["serve"], environment: ["WATCHDOG_USEC": "6000000"])
        #expect(serve.end == .exit(78))
        #expect(serve.lines.count == 1 && serve.error.hasPrefix("ig-shop-auth: WatchdogSec=: 6.0 seconds is too short"))
    }

    @Test("SIGTERM or SIGINT at any moment of a start: it ends with 0, never by the signal")
    func earlyStop() async throws {
        try await Stage.run { stage in
            #expect(await stage.responder?.stop() == .exit(0))
            let count = Soak.times(40)
            var latest: Duration = .zero
            for number in 0..<count {
                try? FileManager.default.removeItem(atPath: stage.journalPath)
                try stage.startResponder()
                let responder = try #require(stage.responder)
                while try responder.isRunning && !Signals.minds(SIGTERM, responder.pid) { await Task.yield() }
                // From the first moment to a while after it serves.
                let wait = Duration.microseconds(number * 60_000 / count)
                let began = ContinuousClock.now
                while began.duration(to: .now) < wait { await Task.yield() }
                responder.signal(number % 4 == 3 ? SIGINT : SIGTERM)
                let stopped = ContinuousClock.now
                #expect(await responder.end() == .exit(0), "\(wait)")
                latest = max(latest, stopped.duration(to: .now))
            }
            #expect(latest < .seconds(5))
            Soak.record("SIGTERM and SIGINT at any moment of a start", count, "each ended with 0")
        }
    }
}
