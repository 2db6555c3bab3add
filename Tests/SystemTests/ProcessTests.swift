// SPDX-License-Identifier: MIT
import Foundation
import Glibc
import Testing

/// Starting, stopping and everything that keeps the program from starting.
@Suite
struct ProcessTests {
    @Test("SIGTERM to an idle program: it ends at once with 0, and its socket is gone")
    func idle() async throws {
        try await Stage.run { stage in
            let began = ContinuousClock.now
            #expect(await stage.responder?.stop() == .exit(0))
            #expect(ContinuousClock.now - began < .seconds(3), "milliseconds, on a machine with nothing else to do")
            #expect(!FileManager.default.fileExists(atPath: stage.socketPath))
            let events = try stage.journal().compactMap { $0["event"] }
            #expect(events.first == "started" && events.last == "stopped")
        }
    }

    @Test("SIGTERM with a flow in flight: the flow ends as if nothing were, then the program does")
    func draining() async throws {
        try await Stage.run { stage in
            let browser = Browser()
            let callback = try await stage.consented(browser)
            try await stage.standIn.fail("extend-token", nil, count: 1, latency: 500)
            let answer = Task { try await browser.fetch(callback.request) }
            try await stage.standIn.wait(for: "extend-token", count: 1)
            #expect(await stage.responder?.stop() == .exit(0))
            #expect(try await answer.value.status == 200)
            #expect(try stage.kept.users().map(\.state) == ["connected"])
        }
    }

    @Test("SIGTERM while Instagram hangs: the flow is told so within its deadline, and the program still ends with 0")
    func hanging() async throws {
        try await Stage.run { stage in
            let browser = Browser()
            let callback = try await stage.consented(browser)
            try await stage.standIn.fail("read-profile", "hang", count: 1)
            let answer = Task { try await browser.fetch(callback.request) }
            try await stage.standIn.wait(for: "read-profile", count: 1)
            #expect(await stage.responder?.stop(within: .seconds(25)) == .exit(0))
            #expect(try await [502, 504].contains(answer.value.status))
        }
    }

    @Test("SIGTERM while Instagram is slow: the flow ends well, others do not feel it, and no new flow is begun")
    func slow() async throws {
        try await Stage.run { stage in
            let (browser, other) = (Browser(), Browser())
            let callback = try await stage.consented(browser)
            let later = try await stage.consented(other)
            try await stage.standIn.fail("exchange-code", nil, count: 1, latency: 6_000)
            let answer = Task { try await browser.fetch(callback.request) }
            try await stage.standIn.wait(for: "exchange-code", count: 1)
            stage.responder?.signal(SIGTERM)
            _ = try await eventually("the stop") {
                try stage.journal().contains { $0["event"] == "stopping" } ? () : nil
            }
            for _ in 0..<20 { #expect(try await other.fetch(stage.status).status == 200) }
            #expect(try await other.fetch(later.request).error?.error == "busy")
            #expect(stage.responder?.isRunning == true, "the flow is still under way")
            #expect(try await answer.value.status == 200)
            #expect(await stage.responder?.end() == .exit(0))
            // The flow that was told to come back was not spent.
            try stage.startResponder()
            try await stage.ready()
            #expect(try await other.fetch(later.request).status == 200)
        }
    }

    @Test(
        "SIGTERM while Instagram is slow for longer than the drain: the flow is told, and the program still ends with 0"
    )
    func overdue() async throws {
        try await Stage.run { stage in
            let browser = Browser()
            let callback = try await stage.consented(browser)
            let faults = ["exchange-code", "extend-token", "read-profile"].map {
                #"{"endpoint": "\#($0)", "latency_ms": 6500}"#
            }
            try await stage.standIn.set("{\"faults\": [\(faults.joined(separator: ", "))]}")
            let answer = Task { try await browser.fetch(callback.request) }
            try await stage.standIn.wait(for: "exchange-code", count: 1)
            #expect(await stage.responder?.stop(within: .seconds(25)) == .exit(0))
            #expect(try await answer.value.error?.error == "interrupted")
            #expect(try stage.journal().last?["event"] == "stopped")
            #expect(stage.said("responder") == "")
        }
    }

    @Test("With too few descriptors it says so and ends; it never stays behind half alive", arguments: 14...24)
    func fewDescriptors(_ count: Int) async throws {
        try await Stage.run { stage in
            #expect(await stage.responder?.stop() == .exit(0))
            let output = open(stage.log("few"), O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
            defer { close(output) }
            let child = try Child(
                "/usr/bin/prlimit", ["--nofile=\(count):\(count)", Programs.shopAuth, "serve"],
                environment: stage.environment, output: output, error: output)
            // Until it has said what it has to say.
            _ = try await eventually("a start or an end") {
                !child.isRunning || stage.said("few").contains("\"started\"") ? () : nil
            }
            let end = await child.stop(within: .seconds(5))
            #expect(end == .exit(0) || end == .exit(69), "\(end) \(stage.said("few"))")
            if end == .exit(69) { #expect(stage.said("few").contains("ig-shop-auth: ")) }
        }
    }

    @Test("What it writes is for the service alone, and its socket for the group of nginx")
    func modes() async throws {
        try await Stage.run { stage in
            _ = try await stage.connect(Browser())
            func mode(_ path: String) throws -> Int? {
                try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
            }
            for name in try FileManager.default.contentsOfDirectory(atPath: stage.databaseDirectory) {
                #expect(try mode(stage.databaseDirectory + "/" + name) == 0o600, "\(name)")
            }
            #expect(try mode(stage.socketPath) == 0o660)
        }
    }

    @Test("SIGHUP ends nothing")
    func hangup() async throws {
        try await Stage.run { stage in
            let responder = try #require(stage.responder)
            responder.signal(SIGHUP)
            #expect(try await Browser().fetch(stage.status).status == 200)
            #expect(responder.isRunning)
        }
    }

    @Test("A stale socket is replaced, a live one is not: 69; nor is a second server let to the same database: 69")
    func twins() async throws {
        try await Stage.run { stage in
            let otherDatabase = try await Command.run(
                Programs.shopAuth, ["serve"],
                environment: stage.environment.merging(["IG_SHOP_AUTH_DATABASE": stage.directory + "/other"]) { $1 })
            #expect(otherDatabase.end == .exit(69))
            #expect(otherDatabase.lines.count == 1)
            #expect(otherDatabase.error.contains("IG_SHOP_AUTH_SOCKET"))
            let otherSocket = try await Command.run(
                Programs.shopAuth, ["serve"],
                environment: stage.environment.merging(["IG_SHOP_AUTH_SOCKET": stage.directory + "/c.sock"]) { $1 })
            #expect(otherSocket.end == .exit(69))
            #expect(otherSocket.lines.count == 1)
            #expect(otherSocket.error.contains("IG_SHOP_AUTH_DATABASE"))
            #expect(try await Browser().fetch(stage.status).status == 200, "the first one did not notice")

            await stage.responder?.killed()
            #expect(FileManager.default.fileExists(atPath: stage.socketPath))
            try stage.startResponder()
            try await stage.ready()
        }
    }
}
