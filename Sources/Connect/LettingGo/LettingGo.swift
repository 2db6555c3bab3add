// SPDX-License-Identifier: MIT
package import Instagram
package import Logging
import Synchronization
package import Vault

/// Lets accounts go, in the order that section 6 of the contract promises: a commit after which nobody is handed the
/// token, an attempt to take the webhooks back, and the bytes overwritten, in the log as well.
package final class LettingGo: Sendable {
    /// How long an answer waits for Instagram.
    private static let patience: Duration = .seconds(3)

    let store: Store
    /// Rings when there may be something to finish.
    var bell: Bell { store.lettingGoBell }
    let seals: Seals
    let instagram: InstagramAPI
    let clock: @Sendable () -> Moment
    let pause: Pause
    let log: Logger
    /// Hears of users whose tokens nobody may keep any more.
    private let forget: @Sendable (_ user: String) -> Void
    private let flights = SingleFlight<WebhooksLetGo>()
    /// Rings when all waiting is over.
    let stopBell = Bell()
    let isStopping = Mutex(false)

    package init(
        store: Store, keys: KeyringInForce, instagram: InstagramAPI, clock: @escaping @Sendable () -> Moment,
        pause: Pause = .real, random: Randomness = .system, log: Logger,
        forget: @escaping @Sendable (_ user: String) -> Void = { _ in }
    ) {
        self.store = store
        seals = Seals(keys: keys, random: random)
        self.instagram = instagram
        self.clock = clock
        self.pause = pause
        self.forget = forget
        self.log = log
    }

    /// Lets the account of a user go.
    ///
    /// - Returns: The row as it is now, nil where there is none, and what is known of the subscription; nil: nobody had
    ///   connected anything.
    func letGo(
        _ user: String, as cause: Departure.Cause, entry: AuditEntry
    ) async throws(StoreFailure) -> (user: User?, webhooks: WebhooksLetGo?) {
        let done = try await store.letGo(user, as: cause, entry: entry, now: clock(), seals: seals)
        guard let departure = done.departure else {
            return (done.user, try await outcome(of: done.user))
        }
        left(user, departure)
        return (done.user, await finish(departure, of: done.user?.instagramUserID))
    }

    /// The rest of what Meta or an operator asked for.
    @discardableResult
    func finish(_ obeyed: Obeyed) async -> WebhooksLetGo? {
        guard let departure = obeyed.departure, let user = obeyed.user else {
            // Nothing to take back; bytes may still be in the log.
            store.isLogDirty.withLock { $0 = true }
            await clean()
            return nil
        }
        left(user, departure)
        return await finish(departure, of: obeyed.account)
    }

    /// Erases a user and everything about their account, at the word of an operator.
    ///
    /// - Returns: nil: there is no such user. What was erased, and what is known of the subscription.
    package func erase(
        _ user: String
    ) async throws(StoreFailure) -> (erased: [String], webhooks: String?, isLogClean: Bool)? {
        let result = try await store.delete(user, reason: "operator", now: clock(), seals: seals)
        guard let result else { return nil }
        let webhooks = await finish(result.done)
        return (result.erased.map(\.rawValue), webhooks?.rawValue, !store.isLogDirty.withLock { $0 })
    }

    /// A token that was renewed and not stored yet goes, too.
    private func left(_ user: String, _ departure: Departure) {
        forget(user)
        log.notice(
            "let go",
            metadata: [
                "user": "\(departure.user)", "cause": "\(departure.cause.rawValue)",
                "generation": "\(departure.generation)",
            ])
    }

    /// What became of a letting go before this one; it is waited for while it is under way.
    func outcome(of user: User?) async throws(StoreFailure) -> WebhooksLetGo? {
        guard let user, !user.isConnected else { return nil }
        if let known = user.webhooksLetGo.flatMap(WebhooksLetGo.init) { return known }
        guard let departure = try await store.departure(user.generation) else { return nil }
        return await finish(departure, of: user.instagramUserID)
    }

    /// The rest, once for all who ask for it. What cannot be done now is done by `run`.
    ///
    /// - Parameter account: nil: nobody knows any more, as after a deletion.
    func finish(_ departure: Departure, of account: String?) async -> WebhooksLetGo {
        let webhooks = await flights.run(String(departure.generation)) {
            let webhooks = await takeBack(departure, of: account)
            do throws(StoreFailure) {
                try await store.finish(departure, webhooks, of: account, now: clock().time)
                store.isLogDirty.withLock { $0 = true }
                await clean()
            } catch {
                log.error("storage", metadata: ["failure": "\(error)", "during": "letting go"])
                bell.ring()
            }
            return webhooks
        }
        return webhooks ?? .unknown
    }

    private func takeBack(_ departure: Departure, of account: String?) async -> WebhooksLetGo {
        guard instagram.app.product.hasWebhooks else { return .unsubscribed }
        guard let token = departure.token(seals.keys.current) else {
            // Its key is missing, or was when the account was let go. That the bytes go is worth more than the webhooks.
            log.warning("webhooks not taken back", metadata: ["failure": "unreadable"])
            return .unknown
        }
        // Connected again meanwhile, by the same user or another one: the subscription is theirs.
        if let account, (try? await store.isConnected(account: account)) ?? true { return .unknown }
        let over = Bell()
        let isDone = await withTaskGroup { group in
            group.addTask { [instagram, log] in
                do throws(InstagramFailure) {
                    try await instagram.unsubscribe(token)
                    return true
                } catch {
                    log.notice("webhooks not taken back", metadata: ["failure": "\(error)"])
                    return false
                }
            }
            group.addTask { [pause] in
                await pause.wait(over, 0, Self.patience)
                return false
            }
            let first = await group.next() ?? false
            over.ring()
            group.cancelAll()
            return first
        }
        return isDone ? .unsubscribed : .unknown
    }

    /// Empties the log, as far as nobody reads; then what was deleted is.
    ///
    /// - Returns: Whether nothing is left to do.
    @discardableResult
    func clean() async -> Bool {
        do throws(StoreFailure) {
            // What is overwritten after this is for the next time.
            let deletions = try await store.overwrittenDeletions()
            store.isLogDirty.withLock { $0 = false }
            guard try await store.truncateLog() else {
                store.isLogDirty.withLock { $0 = true }
                bell.ring()
                return false
            }
            try await store.finishDeletions(deletions, now: clock().time)
            return true
        } catch {
            store.isLogDirty.withLock { $0 = true }
            log.error("storage", metadata: ["failure": "\(error)", "during": "log"])
            return false
        }
    }
}
