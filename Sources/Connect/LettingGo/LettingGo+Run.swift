// SPDX-License-Identifier: MIT
import Logging
import Synchronization

extension LettingGo {
    /// Accounts at once.
    private static let atOnce = 16
    /// Between two tries: the first, and the longest.
    private static let (soon, late): (Duration, Duration) = (.milliseconds(200), .seconds(10))

    /// Finishes what was begun, also by a process that died in between, until it is stopped.
    package func run() async {
        var wait = Self.soon
        while !isStopping.withLock({ $0 }) {
            let heard = bell.rings
            if await finishAll(at: .serving) {
                wait = Self.soon
                await pause.wait(bell, heard, await untilUnclaimed())
            } else {
                // Not at each ring: what stands in the way does not go sooner by asking.
                await pause.wait(stopBell, 0, wait)
                wait = min(wait * 2, Self.late)
            }
        }
    }

    /// Until a link or a claim is too old, or an hour.
    private func untilUnclaimed() async -> Duration {
        let seconds = try? await store.untilUnclaimed(now: clock().uptime)
        // One more, so that its time is over then.
        return min(.seconds((seconds ?? 3_600) + 1), .seconds(3_600))
    }

    package func stop() {
        isStopping.withLock { $0 = true }
        bell.ring()
        stopBell.ring()
    }

    /// - Returns: Whether nothing is left to do.
    package func finishAll(at haste: Haste) async -> Bool {
        do throws(StoreFailure) {
            try await store.forgetUnclaimed(now: clock().uptime)
            while !isStopping.withLock({ $0 }) {
                let departures = try await store.departures(limit: Self.atOnce)
                guard let first = departures.first else { break }
                await withDiscardingTaskGroup { group in
                    for departure in departures { group.addTask { _ = await self.finish(departure) } }
                }
                // The store did not take it: not again at once.
                if try await store.departures(limit: 1).first?.generation == first.generation { return false }
            }
            return try await erase(haste)
        } catch {
            log.error("storage", metadata: ["failure": "\(error)", "during": "letting go"])
            return false
        }
    }
}
