// SPDX-License-Identifier: MIT
import Glibc
import TestSupport
import Testing

/// A disk that fails at a call of a test's choice: before, during and after each commit.
@Suite
struct DiskFaultTests {
    /// What has to be true in the end.
    private struct Ledger {
        var acknowledged: Set<String> = []
        var failed = 0
    }

    @Test(
        "Each write and each sync of a connection fails in turn: nobody hears of what is not kept; then all goes on",
        arguments: [ENOSPC, EDQUOT, EIO, EROFS])
    func everyCall(error: Int32) async throws {
        let disk = try await DiskShim()
        try await Stage.run(Stage.Options(shim: disk)) { stage in
            let responder = try #require(stage.responder)
            var ledger = Ledger()
            // One call; a write that was half done; everything from that call on, until it is mended.
            for (times, half) in [(1, false), (1, true), (.max, false)] {
                let stride = Soak.isOn ? 1 : 4
                var skip = Soak.isOn ? 0 : Int(error) % stride
                // Signed in, so that the last commit is the end of the session before.
                let browser = Browser()
                while try await connectFailing(
                    browser, stage, disk, &ledger,
                    { disk.fail(error, [.write, .sync], on: .all, after: skip, times: times, halfWritten: half) })
                { skip += stride }
            }
            #expect(ledger.failed > 0 && !ledger.acknowledged.isEmpty)
            #expect(responder.isRunning, "not restarted")
            try await check(ledger, stage)
            Soak.record(
                "connections with a disk that fails at one call, errno \(error)", ledger.failed,
                "none told falsely, all went on without a restart")
        }
    }

    @Test(
        "The database file takes nothing while the log does: connections go on, also over a stop and a start",
        arguments: [ENOSPC, EIO])
    func checkpoint(error: Int32) async throws {
        let disk = try await DiskShim()
        try await Stage.run(Stage.Options(shim: disk)) { stage in
            var ledger = Ledger()
            disk.fail(error, [.write, .sync], on: .database)
            for _ in 0..<3 {
                let browser = Browser()
                let callback = try await stage.consented(browser)
                #expect(try await browser.fetch(callback.request).status == 200)
                ledger.acknowledged.insert(try callback.value(of: "state"))
                try await stage.restartResponder()
                try await stage.ready()
            }
            #expect(disk.failed > 0, "the stop moves the log into the database")
            try await check(ledger, stage)
            disk.heal()
            try await stage.restartResponder()
            try await stage.ready()
            try await check(ledger, stage)
        }
    }

    /// False: the connection had fewer calls than that, and none failed.
    private func connectFailing(
        _ browser: Browser, _ stage: Stage, _ disk: DiskShim, _ ledger: inout Ledger, _ fail: () -> Void
    ) async throws -> Bool {
        let before = await browser.jar["__Host-ig_session"]
        let callback = try await stage.consented(browser)
        fail()
        let answer = try await browser.fetch(callback.request)
        let start = try await Browser().fetch(stage.start)
        let page = try await browser.open(stage.settingsPage)
        let hasFailed = disk.failed > 0
        disk.heal()
        #expect(start.status == 200 && page.status == 200)
        let state = try callback.value(of: "state")
        if answer.status == 200 {
            #expect(try stage.kept.flows().isConnected(state))
            ledger.acknowledged.insert(state)
        } else {
            #expect(answer.status == 503 && answer.error?.error == "storage_unavailable", "\(answer.text)")
            #expect(await browser.jar["__Host-ig_session"] == before, "nobody is signed in by it")
            ledger.failed += 1
            // The same code if it was not sent; else a new flow.
            let again = try await browser.fetch(callback.request)
            if again.status == 200 {
                ledger.acknowledged.insert(state)
            } else {
                #expect(again.error?.error == "interrupted", "\(again.text)")
                #expect(try await stage.connect(browser).status == 200)
            }
        }
        return hasFailed
    }

    /// Also after a crash.
    private func check(_ ledger: Ledger, _ stage: Stage) async throws {
        try await stage.crashResponder()
        try await stage.ready()
        let kept = stage.kept
        let flows = try kept.flows()
        let lost = ledger.acknowledged.filter { !flows.isConnected($0) }
        #expect(lost.isEmpty)
        #expect(try await stage.everyTokenIsGood())
        #expect(try kept.integrity() == "ok")
        #expect(try await stage.standIn.calls().repeatedCodes == 0)
    }
}
