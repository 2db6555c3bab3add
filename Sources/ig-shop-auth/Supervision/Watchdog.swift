// SPDX-License-Identifier: MIT
import Glibc

/// How soon systemd takes a silent process for dead: `WatchdogSec=`, `sd_watchdog_enabled(3)`.
struct Watchdog: Equatable {
    let time: Duration

    /// nil: nobody watches this process.
    init?(environment: [String: String], process: pid_t = getpid()) {
        guard let microseconds = environment["WATCHDOG_USEC"].flatMap(Int64.init), microseconds > 0 else { return nil }
        // Another process was meant, of which this one has the environment.
        if let pid = environment["WATCHDOG_PID"], pid_t(pid) != process { return nil }
        time = .microseconds(microseconds)
    }

    init(time: Duration) { self.time = time }

    /// A sound process whose turn takes as long as the longest wait for a lock of the database is not named as one that
    /// hangs, with a second for a machine that is busy; so much less is it ended.
    func bears(_ longestTurn: Duration) -> Bool { Rounds(self).patience >= longestTurn + .seconds(1) }
}

/// When everything has to come round.
struct Rounds {
    /// From one to the next. systemd asks for half of its time, which a part that is late would miss.
    let every: Duration
    /// Who has not come round by then is named, while there is somebody left to do so.
    let patience: Duration

    init(_ watchdog: Watchdog?) {
        let time = watchdog?.time ?? .seconds(40)
        every = time / 4
        patience = time * 3 / 5
    }
}
