// SPDX-License-Identifier: MIT
import Instagram
import Logging
import Vault

extension Renewals {
    /// Failures that pass by themselves before somebody hears of them.
    private static let quietFailures = 2

    /// Subscribes an account to webhooks, without which it looks connected and receives nothing. What is subscribed
    /// already stays: the call sets the whole list.
    func subscribe(_ user: User) async {
        do throws(StoreFailure) {
            guard let user = try await store.user(user.id), user.nextWebhooksAt.map({ $0 <= now() }) ?? false else {
                return
            }
            guard user.scopes?.contains(Scope.messages) ?? true else {
                return try await store.notSubscribed(
                    user, error: user.webhooksError, next: nil, tells: false, now: now())
            }
            // Wanted all the same, once it is connected again or its key is back.
            guard user.state == "connected", let token = await token(of: user) else {
                return try await store.notSubscribed(
                    user, error: user.state == "connected" ? "unreadable" : user.webhooksError,
                    next: now() + RenewalRule.secondLook(chance: random.chance()), tells: false, now: now())
            }
            do throws(InstagramFailure) {
                let there = try await instagram.subscribedFields(token)
                let missing = settings.webhookFields.filter { !there.contains($0) }
                await succeeded()
                if !missing.isEmpty {
                    // Without a turn it is left for later: nothing was said yet.
                    guard await turn(atMost: .seconds(600)) else { return }
                    try await instagram.subscribe(token, to: there + missing)
                }
            } catch {
                return try await notSubscribed(user, error)
            }
            guard try await store.subscribed(user, now: now()) else { return try await takeBack(user, token) }
            log.info("webhooks subscribed", metadata: ["user": "\(user.id)"])
        } catch {
            report(error, during: "webhooks")
        }
    }

    /// The account was let go while it was subscribed: whoever let it go may have been faster.
    private func takeBack(_ user: User, _ token: LongLivedToken) async throws(StoreFailure) {
        guard let account = user.instagramUserID, try await store.user(account: account)?.isConnected != true else {
            return
        }
        do throws(InstagramFailure) {
            try await instagram.unsubscribe(token)
        } catch {
            log.notice("webhooks not taken back", metadata: ["user": "\(user.id)", "failure": "\(error)"])
        }
        // Who connected it in between has lost their subscription by that.
        try await store.subscribeAgain(account: account, now: now())
        bell.ring()
    }

    private func notSubscribed(_ user: User, _ failure: InstagramFailure) async throws(StoreFailure) {
        // An app that may not subscribe, or a field that nobody knows, says nothing about renewals.
        let judgement = await judge(failure, of: user) { judgement in
            switch judgement {
            case .limited: true
            case .lost(let loss): loss.isFinal
            default: false
            }
        }
        let now = now()
        log.notice("webhooks failed", metadata: ["user": "\(user.id)", "failure": "\(failure)"])
        let chance = random.chance()
        let error: String
        var wait = RenewalRule.retry(failures: user.webhooksFailures + 1, left: 0, chance: chance)
        var isQuiet = user.webhooksFailures < Self.quietFailures
        switch judgement {
        case .lost(let loss) where loss.isFinal && believes(loss):
            try await lose(user, loss)
            error = loss.rawValue
            isQuiet = true  // told as what it is: a dead token
        case .lost(let loss):
            error = loss.rawValue
            wait = RenewalRule.secondLook(chance: chance)
            isQuiet = !believes(loss)
        case .limited(.account, let seconds):
            error = "limited"
            wait = RenewalRule.limited(seconds: seconds, chance: chance)
        case .limited(.app, _): (error, wait) = ("limited", max(60, appWait() ?? 0))
        case .misconfigured: error = "misconfigured"
        case .transient, .unknown, .untold: error = "unavailable"
        }
        // One event a change: who has heard of it hears of it again after it worked in between.
        let tells = !isQuiet && !user.webhooksTold
        try await store.notSubscribed(user, error: error, next: now + wait, tells: tells, now: now)
    }
}
