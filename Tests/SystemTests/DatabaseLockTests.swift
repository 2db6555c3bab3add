// SPDX-License-Identifier: MIT
import Foundation
import Glibc
import TestSupport
import Testing

/// Another process has the database: somebody's sqlite3, left open in the middle of a transaction.
@Suite
struct DatabaseLockTests {
    @Test(
        "While another process writes, callbacks are told within the deadline and spend nothing; others do not notice")
    func held() async throws {
        try await Stage.run { stage in
            let (owner, browser) = (Browser(), Browser())
            _ = try await stage.connect(owner)
            let callback = try await stage.consented(browser, account: "bloom.ceramics")
            let responder = try #require(stage.responder)
            let began = ContinuousClock.now
            let holder = try await Holder(stage, "BEGIN EXCLUSIVE; UPDATE counter SET generation = generation;")

            var refused = 0
            repeat {
                let asked = ContinuousClock.now
                let isTold = Flag()
                let answer = Task {
                    let answer = try await browser.fetch(callback.request)
                    isTold.raise()
                    return answer
                }
                let readyz = Task { try await HTTPClient.shared.send(.get, stage.readyz) }
                for _ in 0..<10 {
                    #expect(try await Browser().fetch(stage.start).status == 200)
                    #expect(try await owner.fetch(stage.status).decoded(Account.self).connected == true)
                }
                #expect(try await owner.open(stage.settingsPage).text.contains("@acme_shop"))
                #expect(!isTold.isRaised, "none of them waits for the lock")
                let told = try await answer.value
                #expect(told.status == 503 && told.error?.error == "storage_unavailable")
                #expect(
                    ContinuousClock.now - asked < .seconds(30), "five seconds, on a machine with nothing else to do")
                #expect(try await readyz.value.status == 503)
                refused += 1
            } while Soak.isOn && ContinuousClock.now - began < .seconds(30)
            #expect(try await stage.standIn.calls().exchanges == 1)

            await holder.letGo()
            #expect(try await browser.fetch(callback.request).status == 200, "the same code, now")
            #expect(try await HTTPClient.shared.send(.get, stage.readyz).status == 200)
            #expect(try await stage.standIn.calls().exchanges == 2)
            #expect(responder.isRunning)
            #expect(try stage.kept.integrity() == "ok")
            Soak.record(
                "callbacks while another process holds the database for 30 s", refused, "told in time, none lost")
        }
    }

    @Test("A short lock is waited for, and nobody hears of it")
    func short() async throws {
        try await Stage.run { stage in
            let browser = Browser()
            let callback = try await stage.consented(browser)
            let holder = try await Holder(stage, "BEGIN IMMEDIATE;")
            let answer = Task { try await browser.fetch(callback.request) }
            for _ in 0..<50 { #expect(try await Browser().fetch(stage.start).status == 200) }
            await holder.letGo()
            #expect(try await answer.value.status == 200)
        }
    }

    @Test("While another process writes, systemd's watchdog hears in time that this one lives, and what does not work")
    func watched() async throws {
        let systemd = try Systemd()
        try await Stage.run(systemd.options(watchdog: 10)) { stage in
            let holder = try await Holder(stage, "BEGIN EXCLUSIVE; UPDATE counter SET generation = generation;")
            let began = ContinuousClock.now
            // The writer waits for the lock without a pause.
            repeat {
                #expect(try await HTTPClient.shared.send(.get, stage.readyz).status == 503)
            } while began.duration(to: .now) < .seconds(Soak.isOn ? 60 : 11)
            #expect(systemd.notify.status?.hasPrefix("storage_unavailable: ") == true)
            await holder.letGo()
            _ = try await eventually("the status") { systemd.notify.status?.hasPrefix("serving; ") == true ? () : nil }
            let fed = systemd.notify.all.filter { $0.text == "WATCHDOG=1" }.map(\.at)
            let gaps = zip(fed, fed.dropFirst()).map { $0.duration(to: $1) }
            #expect(gaps.allSatisfy { $0 < .seconds(9) }, "\(gaps)")
            #expect(gaps.contains { $0 > .seconds(4) }, "or the writer did not wait for the lock: \(gaps)")
            #expect(try stage.journal().allSatisfy { $0["event"] != "no progress" })
            #expect(stage.responder?.isRunning == true)
        }
    }

    /// sqlite3 in the middle of a transaction.
    private struct Holder {
        private let child: Child
        private let input: Int32

        init(_ stage: Stage, _ statements: String) async throws {
            var ends: [Int32] = [0, 0]
            guard pipe(&ends) == 0 else { throw Missing("no pipe") }
            for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
            let output = open(stage.log("holder"), O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
            defer {
                close(ends[0])
                close(output)
            }
            input = ends[1]
            child = try Child("sqlite3", ["-bail", stage.database], input: ends[0], output: output, error: output)
            say(statements + "\n.print held\n")
            _ = try await eventually("the lock") { stage.said("holder").contains("held") ? () : nil }
        }

        func letGo() async {
            say("ROLLBACK;\n.quit\n")
            close(input)
            _ = await child.end()
        }

        private func say(_ words: String) {
            let bytes = Array(words.utf8)
            _ = write(input, bytes, bytes.count)
        }
    }
}
