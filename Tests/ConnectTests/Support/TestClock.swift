// SPDX-License-Identifier: MIT
import Connect
import Synchronization

/// A machine's clocks, moved by hand.
final class TestClock: Sendable {
    private struct State {
        var time: UnixTime
        var uptime: Int64
        var boots = 0
    }

    private let state: Mutex<State>

    /// Machines that tell the same time have been up for equally long.
    init(_ now: UnixTime) {
        state = Mutex(State(time: now, uptime: 1_000_000 + (now - Shop.begin)))
    }

    var now: Moment {
        state.withLock { Moment(time: $0.time, uptime: Boot(name: "boot \($0.boots)".utf8).uptime($0.uptime)) }
    }

    func pass(_ seconds: Int64) {
        state.withLock {
            $0.time = $0.time + seconds
            $0.uptime += seconds
        }
    }

    func set(_ time: UnixTime) { state.withLock { $0.time = time } }

    func reboot(after seconds: Int64) {
        state.withLock {
            $0.time = $0.time + seconds
            $0.uptime = 0
            $0.boots += 1
        }
    }
}
