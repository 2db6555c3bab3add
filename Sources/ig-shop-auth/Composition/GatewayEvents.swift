// SPDX-License-Identifier: MIT
import Gateway
import Logging
import Synchronization

/// What the edge has to say, as journal lines: at most one a second of each kind, with the number left out.
final class GatewayEvents: Sendable {
    private struct Kind {
        var last: ContinuousClock.Instant?
        var untold = 0
    }

    private let log: Logger
    private let kinds = Mutex<[String: Kind]>([:])

    init(_ log: Logger) {
        self.log = log
    }

    func note(_ event: GatewayEvent) {
        let kind =
            switch event {
            case .refused: "refused"
            case .stalled: "stalled"
            case .unreadable: "unreadable"
            case .oversized: "oversized"
            case .exhausted: "exhausted"
            case .abandoned: "abandoned"
            }
        let now = ContinuousClock.now
        let untold: Int? = kinds.withLock { kinds in
            var seen = kinds[kind] ?? Kind()
            defer { kinds[kind] = seen }
            if let last = seen.last, last.duration(to: now) < .seconds(1) {
                seen.untold += 1
                return nil
            }
            seen.last = now
            defer { seen.untold = 0 }
            return seen.untold
        }
        if let untold {
            log.warning("gateway", metadata: ["what": "\(event)", "untold": "\(untold)"])
        }
    }
}
