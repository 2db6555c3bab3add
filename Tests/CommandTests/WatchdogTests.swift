// SPDX-License-Identifier: MIT
import Connect
import Glibc
import Testing

@testable import ig_shop_auth

@Suite struct WatchdogTests {
    @Test("systemd's two variables, for this process or for nobody else")
    func environment() {
        let usec = ["WATCHDOG_USEC": "10000000"]
        #expect(Watchdog(environment: usec)?.time == .seconds(10))
        #expect(Watchdog(environment: usec.merging(["WATCHDOG_PID": "\(getpid())"]) { $1 })?.time == .seconds(10))
        #expect(Watchdog(environment: usec.merging(["WATCHDOG_PID": "1"]) { $1 }) == nil)
        for wrong in ["", "0", "-1", "x", "1.5", "99999999999999999999"] {
            #expect(Watchdog(environment: ["WATCHDOG_USEC": wrong]) == nil, "\(wrong)")
        }
        #expect(Watchdog(environment: [:]) == nil)
    }

    @Test("Ten seconds bear a writer that waits for another process's lock, and less would name it as one that hangs")
    func busyTimeout() {
        let lock = Duration.seconds(Store.busyTimeout)
        #expect(Watchdog(time: .seconds(10)).bears(lock))
        for hasty in [6, 7, 8, 9] { #expect(!Watchdog(time: .seconds(hasty)).bears(lock), "\(hasty)") }
        let rounds = Rounds(Watchdog(time: .seconds(10)))
        #expect(rounds.every + lock < .seconds(8), "asked just after it began to wait, and told in time")
        #expect(rounds.patience > lock, "who waits for a lock is not named")
        #expect(rounds.every + rounds.patience < .seconds(10), "who hangs is named before systemd kills")
    }

    @Test("Without a watchdog it goes round all the same, seldom")
    func nobody() {
        #expect(Rounds(nil).every == .seconds(10))
    }
}
