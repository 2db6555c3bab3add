// SPDX-License-Identifier: MIT
import Connect
import Gateway
import Transfer

/// All that waits has a deadline, and together they have an order: a flow ends before nginx gives up, and a stop before
/// systemd kills.
struct TimeBudget {
    /// `fastcgi_read_timeout` in `nginx/snippets/ig-shop-auth-fastcgi.conf`.
    static let answer: Duration = .seconds(60)
    /// `TimeoutStopSec=` in `systemd/ig-shop-auth.service`.
    static let stop: Duration = .seconds(90)

    /// One call to Instagram.
    var call = TransferLimits().totalDeadline
    /// One read or commit.
    var store = Store.deadline
    /// What a stop gives to requests that run, twice.
    var drain = GatewayLimits().drain
    /// The writer's wait for somebody else's lock.
    var lock = Duration.seconds(Store.busyTimeout)
    /// Lines that are written at the end.
    var journal: Duration = .seconds(1)

    /// Where calls are not limited to fewer than 24 a minute: below that, a turn is waited for longer.
    var longestImport: Duration { FlowTime.longestImport(call: call, store: store) }
    var longestFlow: Duration { FlowTime.longest(call: call, store: store) }

    /// One after the other: the edge; renewals, letting go and resealing, each with a call under way and two waits for the
    /// store after it; the database; the journal. A reload begins before all this or not at all, and runs beside the edge.
    var longestStop: Duration { drain * 2 + (call + store * 2) * 3 + lock + journal }

    /// A watchdog is the operator's, the rest is ours.
    func prove(_ watchdog: Watchdog?) throws(Complaint) {
        let faults = faults()
        guard faults.isEmpty else { throw Complaint(faults, exit: SysExit.internalError) }
        if let fault = fault(watchdog) { throw Complaint(fault, exit: SysExit.configuration) }
    }

    /// What of ours is out of order.
    func faults() -> [String] {
        var faults: [String] = []
        if longestFlow >= Self.answer {
            faults.append("a flow may take \(longestFlow), and nginx waits for \(Self.answer)")
        }
        if longestImport >= Self.answer {
            faults.append("an import may take \(longestImport), and nginx waits for \(Self.answer)")
        }
        if Self.answer >= Self.stop {
            faults.append("nginx waits for \(Self.answer), and a stop may take no longer than \(Self.stop)")
        }
        if longestStop >= Self.stop {
            faults.append("a stop may take \(longestStop), and systemd kills after \(Self.stop)")
        }
        return faults
    }

    func fault(_ watchdog: Watchdog?) -> String? {
        guard let watchdog, !watchdog.bears(lock) else { return nil }
        return "WatchdogSec=: \(watchdog.time) is too short: the database may be locked by another process for \(lock);"
            + " 10 s is enough"
    }
}
