// SPDX-License-Identifier: MIT
import Logging
import Synchronization
import Vault

/// Seals again with the first key what other keys of the ring have sealed, so that those can be taken out.
///
/// Some rows a commit, and each is whole before and after: it may be killed at any point. What it has read and somebody
/// else has changed meanwhile stays as they left it.
package final class Resealing: Sendable {
    /// Rows a commit. Whoever waits for the writer waits for so many at most.
    static let page = 100
    /// The longest time without a look: rows that do not open are told again.
    private static let look: Duration = .seconds(86_400)
    /// Between two tries of a store that failed.
    private static let storePause: Duration = .seconds(5)

    let store: Store
    private let keys: KeyringInForce
    private let clock: @Sendable () -> Moment
    private let pause: Pause
    private let random: Randomness
    private let log: Logger
    /// Rings when another keyring is in force.
    let bell = Bell()
    /// Rings when rows are due that nobody could open before.
    private let dueBell: Bell
    private let stopBell = Bell()
    private let isStopping = Mutex(false)

    init(
        store: Store, keys: KeyringInForce, dueBell: Bell, clock: @escaping @Sendable () -> Moment,
        pause: Pause = .real, random: Randomness = .system, log: Logger
    ) {
        self.store = store
        self.keys = keys
        self.dueBell = dueBell
        self.clock = clock
        self.pause = pause
        self.random = random
        self.log = log
    }

    /// Works until it is stopped; a commit that is under way then is finished.
    package func run() async {
        while !isStopping.withLock({ $0 }) {
            let heard = bell.rings
            await pass()
            // Somebody may have stopped it just now.
            if isStopping.withLock({ $0 }) { return }
            await pause.wait(bell, heard, Self.look)
        }
    }

    package func stop() {
        isStopping.withLock { $0 = true }
        for bell in [bell, stopBell] { bell.ring() }
    }

    /// What there is to do with the keyring that is in force now; ends early where another one comes or it is stopped.
    func pass() async {
        guard await remember() else { return }
        let ring = keys.current
        // First, because what is sealed again does not tell any more which key it waited for.
        for key in ring.ids where await !wake(key) { return }
        var count = Count()
        for key in ring.ids.dropFirst() where await !reseal(key, ring, &count) { break }
        if count.resealed > 0 || count.unreadable > 0 {
            log.notice(
                "resealed",
                metadata: [
                    "rows": "\(count.resealed)", "key": "\(ring.signingID)", "unreadable": "\(count.unreadable)",
                ])
        }
        // What the old key sealed is in no row any more, and still in the log.
        if count.resealed > 0 { store.overwrote() }
    }

    /// Writes down the keys of a start or a reload that could not.
    ///
    /// - Returns: false: it was stopped, or they cannot be in force.
    private func remember() async -> Bool {
        let outcome = await untilDone("keys") { () throws(StoreFailure) in
            let seen = try await self.store.review(self.keys)
            return seen.isRemembered ? seen.outcome : try await self.store.remember(self.keys)
        }
        guard case .refused(let refusals) = outcome else { return outcome != nil }
        for refusal in refusals { log.error("keyring refused", metadata: ["fault": "\(refusal)"]) }
        return false
    }

    private struct Count {
        var resealed = 0
        var unreadable = 0
    }

    /// - Returns: Whether it came to the end of them.
    private func reseal(_ key: KeyID, _ ring: Keyring, _ count: inout Count) async -> Bool {
        var last: Int64 = .min
        while true {
            let from = last
            let rows = await untilDone("reseal") { () throws(StoreFailure) in
                try await self.store.users(sealedBy: key, after: from, limit: Self.page)
            }
            guard let rows else { return false }
            guard let end = rows.last else { return true }
            let resealed = rows.compactMap { again($0, ring) }
            count.unreadable += rows.count - resealed.count
            let changed = await untilDone("reseal") { () throws(StoreFailure) in
                try await self.store.reseal(resealed, with: ring.signingID, in: self.keys)
            }
            guard let changed, let changed else { return false }
            count.resealed += changed
            last = end.generation
        }
    }

    /// nil, and told loudly, where the row does not open. The others go on.
    private func again(_ user: User, _ ring: Keyring) -> Resealed? {
        do {
            guard let box = user.box, let account = user.instagramUserID else { throw OpenFailure.malformed }
            let field = SealedField.accessToken(user: user.id, account: account, generation: user.generation)
            return Resealed(
                user: user, old: box, new: try ring.seal(user.token(ring), as: field, random: random))
        } catch {
            store.metrics.unreadableRow()
            log.error("unreadable row", metadata: ["user": "\(user.id)", "failure": "\(error)"])
            return nil
        }
    }

    /// What a key has sealed that was missing and is back need not wait for its next try.
    ///
    /// - Returns: false: it was stopped.
    private func wake(_ key: KeyID) async -> Bool {
        let isBack = await untilDone("keys") { () throws(StoreFailure) in try await self.store.isBack(key) }
        guard let isBack else { return false }
        if !isBack { return true }
        var last: Int64? = .min
        while let from = last {
            let now = clock().time
            let end = await untilDone("keys") { () throws(StoreFailure) in
                try await self.store.makeDue(sealedBy: key, after: from, now: now)
            }
            guard let end else { return false }
            last = end
        }
        dueBell.ring()
        store.lettingGoBell.ring()
        log.notice("key is back", metadata: ["key": "\(key)"])
        return true
    }

    /// Tries until the store does it; nil: it was stopped meanwhile.
    private func untilDone<Value: Sendable>(
        _ step: StaticString, _ work: () async throws(StoreFailure) -> Value
    ) async -> Value? {
        while true {
            let heard = stopBell.rings
            if isStopping.withLock({ $0 }) { return nil }
            do throws(StoreFailure) { return try await work() } catch {
                log.error("storage", metadata: ["failure": "\(error)", "during": "\(step)"])
            }
            await pause.wait(stopBell, heard, Self.storePause)
        }
    }
}
