// SPDX-License-Identifier: MIT
import Synchronization

@testable import Connect

/// Years that pass as fast as the engine works: whenever it has nothing to do and nothing under way, time goes on to the
/// moment that it waits for.
final class VirtualTime: Sendable {
    private struct State {
        var elapsed = Duration.zero
        var end = Duration.zero
        var ahead = Duration.zero
        var engine: Renewals?
    }

    private let begin: UnixTime
    private let state = Mutex(State())

    private let crowd: Crowd?

    /// - Parameter crowd: Others that wait beside the engine; nil: whoever waits moves the time on.
    init(_ begin: UnixTime = Shop.begin, crowd: Crowd? = nil) {
        self.begin = begin
        self.crowd = crowd
    }

    var elapsed: Duration { state.withLock { $0.elapsed } }
    /// What the clock on the wall is wrong by.
    func setAhead(_ duration: Duration) { state.withLock { $0.ahead = duration } }

    var now: UnixTime { begin + state.withLock { $0.elapsed + $0.ahead }.components.seconds }
    var moment: Moment { Moment(time: now, uptime: Boot(name: "boot".utf8).uptime(elapsed.components.seconds)) }

    func pass(_ duration: Duration) { state.withLock { $0.elapsed += duration } }

    /// What an engine waits with.
    var pause: Pause {
        Pause(now: { self.elapsed }, wait: { await self.wait($0, after: $1, atMost: $2) })
    }

    private func wait(_ bell: Bell, after heard: Int, atMost duration: Duration) async {
        if let crowd { return await crowd.wait(bell, after: heard, until: elapsed + duration) }
        let engine = self.state.withLock { $0.engine }
        if let engine, engine.bell === bell || engine.doneBell === bell {
            if bell.rings != heard { return }
            // Whatever is under way rings when it is over.
            if !engine.running.users.isEmpty { return await bell.wait(after: heard, atMost: .seconds(20)) }
        }
        let isOver = self.state.withLock { state in
            state.elapsed = engine == nil ? state.elapsed + duration : min(state.elapsed + duration, state.end)
            return state.elapsed >= state.end
        }
        if isOver { engine?.stop() }
    }

    /// Lets an engine work until then.
    func run(_ engine: Renewals, until end: Duration) async {
        state.withLock { state in
            state.end = end
            state.engine = engine
        }
        await engine.run()
        // It may be asked for renewals and run again.
        engine.isStopping.withLock { $0 = false }
        state.withLock { $0.engine = nil }
    }
}
