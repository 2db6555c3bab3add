// SPDX-License-Identifier: MIT
import Instagram
import Testing

@testable import Connect

@Suite struct AppHealthTests {
    private let now = UnixTime(1_767_225_600)

    private func failing(_ health: inout AppHealth, _ judgement: Judgement, _ account: String, _ time: UnixTime)
        -> AppHealth.Change?
    {
        health.failed(judgement, of: account, at: time, chance: 0.5)
    }

    @Test(
        "three accounts that are lost alike, with no success between them, are the app: one event",
        arguments: Loss.allCases)
    func alike(loss: Loss) {
        var health = AppHealth()
        #expect(failing(&health, .lost(loss), "a", now) == nil)
        #expect(failing(&health, .lost(loss), "a", now) == nil, "one account is one account")
        #expect(failing(&health, .lost(loss), "b", now + 10) == nil && health.believes(loss, at: now))
        #expect(failing(&health, .lost(loss), "c", now + 20) == .failing(loss.rawValue))
        for account in 0..<1_000 { #expect(failing(&health, .lost(loss), "\(account)", now + 30) == nil) }
        #expect(!health.believes(loss, at: now + 30) && health.wait(at: now + 30) != nil)
        #expect(health.succeeded(at: now + 40) == .recovered && health.succeeded(at: now + 50) == nil)
        #expect(health.believes(loss, at: now + 50) && health.wait(at: now + 50) == nil)
    }

    @Test("accounts that are lost one by one, or each in its own way, are lost by themselves")
    func byThemselves() {
        var health = AppHealth()
        for account in 0..<100 {
            #expect(failing(&health, .lost(.revoked), "\(account)", now + Int64(account)) == nil)
            #expect(health.succeeded(at: now + Int64(account)) == nil)
        }
        for (index, loss) in (Loss.allCases + Loss.allCases).enumerated() {
            #expect(failing(&health, .lost(loss), "x\(index)", now + 200) == nil)
        }
        var slow = AppHealth()
        for day in 0..<30 {
            #expect(failing(&slow, .lost(.revoked), "\(day)", now + Int64(day) * 100_000) == nil)
        }
    }

    @Test("an outage is one event after an hour, and takes nobody's connection")
    func outage() {
        var health = AppHealth()
        for minute in 0..<200 {
            let change = failing(&health, .transient, "\(minute % 9)", now + Int64(minute) * 60)
            #expect(change == (minute == 60 ? .failing(AppHealth.unreachable) : nil))
        }
        #expect(health.believes(.revoked, at: now + 12_000), "what is said is believed")
        // Tried now and then, half an hour apart at most.
        #expect((1...1_800).contains(health.wait(at: now + 199 * 60) ?? 0))
    }

    @Test("an app that is misconfigured is the app at once, and one that stays away is not blamed for ever")
    func misconfigured() {
        var health = AppHealth()
        #expect(failing(&health, .misconfigured, "a", now) == .failing(AppHealth.misconfigured))
        #expect(!health.believes(.revoked, at: now + 86_399) && health.believes(.revoked, at: now + 86_400))
        #expect(health.believes(.revoked, at: now + -1), "a clock that was set back blames nobody")
    }

    @Test("a limit of the app pauses everybody for as long as it says, doubles where it says nothing, and ends")
    func limits() {
        var health = AppHealth()
        #expect(failing(&health, .limited(.app, seconds: 1_140), "a", now) == nil)
        #expect(health.wait(at: now) == 1_197 && health.wait(at: now + 1_197) == nil)
        var waits: [Int64] = []
        var time = now + 10_000
        for _ in 0..<6 {
            // What was on its way together counts once.
            for _ in 0..<50 { _ = failing(&health, .limited(.app, seconds: nil), "a", time) }
            waits.append(health.wait(at: time) ?? 0)
            time = time + waits[waits.count - 1]
        }
        #expect(waits == [1_890, 3_780, 7_560, 7_560, 7_560, 7_560])
        #expect(failing(&health, .limited(.app, seconds: 999_999_999), "a", time) == nil)
        #expect(health.wait(at: time) == 86_400, "a day at most")
        #expect(health.wait(at: time + -1_000_000) == nil, "a pause that is further away than any is none")
        var account = AppHealth()
        _ = failing(&account, .limited(.account, seconds: 60), "a", now)
        #expect(account.wait(at: now) == nil)
    }
}
