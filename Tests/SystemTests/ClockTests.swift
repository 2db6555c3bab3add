// SPDX-License-Identifier: MIT
import Glibc
import Testing

/// Somebody sets the clock of the machine while the program runs.
@Suite(.serialized)
struct ClockTests {
    private static let day: Int64 = 86_400

    /// An hour, a day, more than a session lives, 1970, the ends of 31 and of 32 bits.
    private static var jumps: [Int64] {
        let now = Int64(time(nil))
        let steps = [3_600, -3_600, day, -day, 91 * day].map { now + $0 }
        let ends: [Int64] = [0, 1, 1 << 31 - 1, 1 << 31, 1 << 31 + 1, 1 << 32, 1 << 32 + 1]
        return steps + ends
    }

    @Test(
        "No state lives longer than its 600 seconds, whatever the clock says, and no code is sent twice (checklist 6)")
    func lifetime() async throws {
        let clock = try await ClockShim()
        try await Stage.run(Stage.Options(shim: clock)) { stage in
            let responder = try #require(stage.responder)
            var exchanges = 0
            for jump in Self.jumps {
                let browser = Browser()
                let used = try await stage.consented(browser)
                let open = try await stage.consented(browser)
                let late = try await stage.consented(browser)
                let first = try await browser.fetch(used.request)
                #expect(first.status == 200, "\(jump)")

                clock.set(jump)
                clock.pass(598)  // and one at most since the start
                #expect(try await browser.fetch(open.request).status == 200, "\(jump): 598 seconds")
                #expect(try await browser.fetch(used.request).body == first.body, "\(jump): a repeat")
                exchanges += 2
                clock.pass(3)
                for time in [nil, jump, Int64(time(nil))] {
                    if let time { clock.set(time) } else { clock.setRight() }
                    let answer = try await browser.fetch(late.request)
                    #expect(answer.error?.error == "invalid_state", "\(jump): 601 seconds")
                }
                clock.set(jump)
                #expect(try await HTTPClient.shared.send(.get, stage.readyz).status == 200)
                #expect(try await browser.open(stage.settingsPage).status == 200)
                clock.setRight()
            }
            #expect(try await stage.standIn.calls().exchanges == exchanges)
            #expect(try await stage.standIn.calls().repeatedCodes == 0)
            #expect(responder.isRunning)
            #expect(try stage.kept.integrity() == "ok")
            #expect(try stage.journal().count > 100, "and each of its lines is one")
        }
    }

    @Test("Set in the middle of a callback: it ends as if nothing were, also for a repeat after a restart")
    func middle() async throws {
        let clock = try await ClockShim()
        try await Stage.run(Stage.Options(shim: clock)) { stage in
            for jump in Self.jumps {
                try await stage.standIn.reset()
                let browser = Browser()
                let callback = try await stage.consented(browser)
                try await stage.standIn.fail("extend-token", nil, count: 1, latency: 50)
                let answer = Task { try await browser.fetch(callback.request) }
                try await stage.standIn.wait(for: "extend-token", count: 1)
                clock.set(jump)
                #expect(try await answer.value.status == 200, "\(jump)")
                if jump % 2 == 0 {
                    try await stage.crashResponder()
                    try await stage.ready()
                }
                #expect(try await browser.fetch(callback.request).status == 200, "\(jump): a repeat")
                clock.setRight()
                #expect(try await browser.fetch(callback.request).status == 200, "\(jump): a repeat later")
                #expect(try await stage.standIn.calls().exchanges == 1)
            }
            for row in try stage.kept.users() { _ = try row.token(stage.kept.keyring()) }
        }
    }

    @Test("A session that was signed out stays signed out, and others go on, over every jump (checklist 28)")
    func sessions() async throws {
        let clock = try await ClockShim()
        try await Stage.run(Stage.Options(shim: clock)) { stage in
            let living = Browser()
            _ = try await stage.connect(living)
            for jump in Self.jumps {
                let (browser, copy) = (Browser(), Browser())
                _ = try await stage.connect(browser)
                let jar = await browser.jar
                await copy.change { $0 = jar }
                _ = try await browser.fetch(stage.origin + "/auth/instagram/sign-out", .post)
                clock.set(jump)
                let late = Browser()
                _ = try await stage.connect(late)
                _ = try await late.fetch(stage.origin + "/auth/instagram/sign-out", .post)
                clock.setRight()
                #expect(try await state(copy, stage) == "not_connected", "\(jump)")
                // By a clock that is far ahead everybody's session had ended, and some stay so (Store.end).
                if jump < Int64(time(nil)) + 90 * Self.day {
                    #expect(try await state(living, stage) != "not_connected", "\(jump)")
                }
                _ = try await stage.connect(living)
            }
        }
    }

    private func state(_ browser: Browser, _ stage: Stage) async throws -> String? {
        try await browser.fetch(stage.status).decoded(Account.self).state
    }
}
