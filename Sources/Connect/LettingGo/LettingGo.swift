// SPDX-License-Identifier: MIT
package import Instagram
package import Logging
import Synchronization
package import Vault

/// Lets accounts go, in the order that section 6 of the contract promises: a commit after which nobody is handed the
/// token, an attempt to take the webhooks back, and the bytes overwritten, with what file and log keep of them.
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
    private let forget: @Sendable (_ user: String, _ isDeleted: Bool) -> Void
    /// Hears that a subscription has to be looked at.
    private let resubscribe: @Sendable () -> Void
    private let flights = SingleFlight<WebhooksLetGo>()
    let eraser: Mutex<Eraser>
    /// Rings when all waiting is over.
    let stopBell = Bell()
    let isStopping = Mutex(false)

    package init(
        store: Store, keys: KeyringInForce, instagram: InstagramAPI, clock: @escaping @Sendable () -> Moment,
        pause: Pause = .real, random: Randomness = .system, log: Logger,
        forget: @escaping @Sendable (_ user: String, _ isDeleted: Bool) -> Void = { _, _ in },
        resubscribe: @escaping @Sendable () -> Void = {}
    ) {
        self.store = store
        seals = Seals(keys: keys, random: random)
        self.instagram = instagram
        self.clock = clock
        self.pause = pause
        self.forget = forget
        self.resubscribe = resubscribe
        self.log = log
        eraser = Mutex(Eraser())
    }

    /// Lets the account of a user go, at the word of the user or of an agent.
    ///
    /// - Returns: The row as it is now, nil where there is none, and what is known of the subscription; nil: nobody had
    ///   connected anything.
    func disconnect(
        _ user: String, entry: AuditEntry
    ) async throws(StoreFailure) -> (user: User?, webhooks: WebhooksLetGo?) {
        let done = try await store.disconnect(user, entry: entry, now: clock(), seals: seals)
        guard let departure = done.departure else {
            return (done.user, try await outcome(of: done.user))
        }
        left(user, departure)
        return (done.user, await finish(departure))
    }

    /// The rest of what Meta or an operator asked for.
    @discardableResult
    func finish(_ obeyed: Obeyed) async -> WebhooksLetGo? {
        if let user = obeyed.user, let departure = obeyed.departure {
            left(user, departure)
            return await finish(departure)
        }
        // Nothing to take back; bytes are left all the same.
        store.overwrote()
        return nil
    }

    /// Erases a user and everything about their account, at the word of an operator, while nobody else is served.
    ///
    /// - Returns: nil: there is no such user. What was erased, what is known of the subscription, and whether a reader
    ///   holds what is left.
    package func erase(
        _ user: String
    ) async throws(StoreFailure) -> (erased: [String], webhooks: String?, isHeld: Bool)? {
        let result = try await store.delete(user, reason: "operator", now: clock(), seals: seals)
        guard let result else { return nil }
        let webhooks = await finish(result.done)
        return (result.erased.map(\.rawValue), webhooks?.rawValue, await !finishAll(at: .once))
    }

    /// What became of a letting go before this one; it is waited for while it is under way.
    func outcome(of user: User?) async throws(StoreFailure) -> WebhooksLetGo? {
        guard let user, !user.isConnected else { return nil }
        if let known = user.webhooksLetGo.flatMap(WebhooksLetGo.init) { return known }
        guard let (departure, webhooks) = try await store.departure(user.generation) else { return nil }
        if let known = webhooks.flatMap(WebhooksLetGo.init) { return known }
        return await finish(departure)
    }

    /// A token that was renewed and not stored yet goes, too.
    private func left(_ user: String, _ departure: Departure) {
        forget(user, departure.cause == .delete)
        log.notice(
            "let go",
            metadata: [
                "user": "\(departure.user)", "cause": "\(departure.cause.rawValue)",
                "generation": "\(departure.generation)",
            ])
    }

    /// Takes the webhooks back and overwrites the token, once for all who ask for it. What cannot be done now is done by
    /// `run`.
    func finish(_ departure: Departure) async -> WebhooksLetGo {
        let webhooks = await flights.run(String(departure.generation)) {
            do throws(StoreFailure) {
                // As it is now: whoever was in this place before may have finished it, or a deletion taken its names.
                guard let (departure, known) = try await store.departure(departure.generation) else { return .unknown }
                if let known { return WebhooksLetGo(rawValue: known) ?? .unknown }
                let (webhooks, wasTried) = try await takeBack(departure)
                try await store.finish(departure, webhooks, wasTried: wasTried, seals: seals, now: clock().time)
                if wasTried { resubscribe() }
                return webhooks
            } catch {
                log.error("storage", metadata: ["failure": "\(error)", "during": "letting go"])
                bell.ring()
                return .unknown
            }
        }
        return webhooks ?? .unknown
    }

    /// - Returns: Also whether Instagram was asked; it may have done it, whatever came back.
    private func takeBack(_ departure: Departure) async throws(StoreFailure) -> (WebhooksLetGo, wasTried: Bool) {
        guard instagram.app.product.hasWebhooks else { return (.unsubscribed, false) }
        guard let token = departure.token(seals.keys.current) else {
            // Its key is missing, or was when the account was let go. That the bytes go is worth more than the webhooks.
            log.warning("webhooks not taken back", metadata: ["failure": "unreadable"])
            return (.unknown, false)
        }
        // Connected again meanwhile, by the same user or another one: the subscription is theirs.
        if try await store.isConnectedAgain(departure, seals: seals) { return (.unknown, false) }
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
        return (isDone ? .unsubscribed : .unknown, true)
    }
}
