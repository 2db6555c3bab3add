// SPDX-License-Identifier: MIT
import Instagram
import Logging
import Synchronization
import Vault

/// A renewed token that could not be stored yet.
struct Unstored: Sendable {
    let user: User
    let renewed: Renewed
    let token: LongLivedToken
}

extension Renewals {
    /// Seconds taken for the life of a token whose answer does not say: short, so that a renewal learns the true one
    /// as soon as Instagram allows it, a day after the issue.
    private static let unstatedLifetime: Int64 = 2 * 86_400

    /// What is too short to be renewed even once counts as not stated.
    static func lifetime(_ grant: LongLivedGrant) -> Int64 {
        grant.expiresIn.map(Int64.init).flatMap { $0 > RenewalRule.youth ? $0 : nil } ?? unstatedLifetime
    }

    /// Failures in a row after which an operator should look.
    private static let alarm = 10
    /// How long somebody who asks waits for a turn.
    private static let patience: Duration = .seconds(5)

    /// Renews the token of a user now, if Instagram allows it: once for all that ask for it at the same time.
    ///
    /// - Parameter isAsked: Somebody waits for it: it does not wait for its time, and not long for a turn.
    func renew(_ id: String, isAsked: Bool) async -> RenewalOutcome {
        let outcome = await flights.run(id) { await renewAlone(id, isAsked: isAsked) }
        return outcome ?? .untried
    }

    private func renewAlone(_ id: String, isAsked: Bool) async -> RenewalOutcome {
        let outcome: RenewalOutcome
        do throws(StoreFailure) {
            // As it is now: whoever was in this place before may have renewed it.
            guard let user = try await store.user(id), unstored.withLock({ $0[id] == nil }) else { return .untried }
            outcome = try await renew(user, isAsked: isAsked)
        } catch {
            report(error, during: "renewal")
            outcome = .failed
        }
        if outcome != .untried { store.metrics.renewal(outcome) }
        return outcome
    }

    private func renew(_ user: User, isAsked: Bool) async throws(StoreFailure) -> RenewalOutcome {
        let now = now()
        guard user.state != "not_connected" else { return .untried }
        let issuedAt = user.tokenIssuedAt ?? UnixTime(0)
        let isDead = user.state == "reconnect_required" && user.reason.flatMap(Loss.init)?.isFinal ?? true
        if isDead {
            if !isAsked, isDue(user) { try await bury(user) }
            return .untried
        }
        guard isAsked || isDue(user) else { return .untried }
        guard let token = await token(of: user) else {
            // Loud again tomorrow.
            let isUnreadable = try await store.postpone(
                unreadable: user, until: now + 86_400, failures: user.renewalFailures + 1, keys: keys)
            return isUnreadable ? .unreadable : .untried
        }
        // One that a person had to clear is tried all the same: it is no young one.
        guard RenewalRule.isOldEnough(issuedAt, at: now, isKept: user.state == "reconnect_required") else {
            if !isAsked {
                // Issued in the future: the clock was wrong, and tomorrow may know more.
                try await store.postpone(
                    user, until: (issuedAt > now ? now : issuedAt) + RenewalRule.youth, failures: 0)
            }
            return .untried
        }
        if isAsked {
            // A failure a moment ago: asking again would tell nothing new.
            let backsOff = user.renewalFailures > 0 && user.nextRenewalAt.map { $0 > now } ?? false
            guard !backsOff, appWait() == nil, await turn(atMost: Self.patience) else { return .untried }
        }
        return try await renew(user, token)
    }

    /// Somebody else may have seen to it while it waited for its turn.
    private func isDue(_ user: User) -> Bool { user.nextRenewalAt.map { $0 <= now() } ?? false }

    private func renew(_ user: User, _ token: LongLivedToken) async throws(StoreFailure) -> RenewalOutcome {
        let issuedAt = now()
        let grant: LongLivedGrant
        do throws(InstagramFailure) {
            grant = try await instagram.refresh(token)
        } catch {
            return try await failed(error, user)
        }
        let expiresAt = issuedAt + Self.lifetime(grant)
        let next = settings.rule.due(
            issuedAt: issuedAt, expiresAt: expiresAt, account: user.instagramUserID ?? user.id)
        let renewed = Renewed(issuedAt: issuedAt, expiresAt: expiresAt, scopes: grant.scopes, next: next)
        let outcome = await keep(Unstored(user: user, renewed: renewed, token: grant.token))
        await succeeded()
        if outcome == .failed {
            let wait = RenewalRule.retry(
                failures: user.renewalFailures + 1, left: user.tokenExpiresAt.map { $0 - now() } ?? 0,
                chance: random.chance())
            try await store.postpone(user, until: now() + wait, failures: user.renewalFailures + 1)
        }
        return outcome
    }

    /// A token that Instagram gave is not lost to a disk that is full: it is held, and offered to the store again.
    func keep(_ held: Unstored) async -> RenewalOutcome {
        do throws(StoreFailure) {
            let generation = try await store.renewed(held.user, held.renewed, now: now()) {
                [keys, random] field in try keys.current.seal(held.token, as: field, random: random)
            }
            unstored.withLock { $0[held.user.id] = nil }
            log.info(
                "renewed",
                metadata: [
                    "user": "\(held.user.id)", "generation": "\(generation.map(String.init) ?? "superseded")",
                    "expires": "\(held.renewed.expiresAt)",
                ])
            return generation == nil ? .superseded : .renewed
        } catch {
            report(error, during: "renewed")
            guard error.mayPass else {
                unstored.withLock { $0[held.user.id] = nil }
                return .failed
            }
            unstored.withLock { $0[held.user.id] = held }
            return .unstored
        }
    }

    /// What a failed renewal means for its row.
    private func failed(_ failure: InstagramFailure, _ user: User) async throws(StoreFailure) -> RenewalOutcome {
        let judgement = await judge(failure, of: user)
        let now = now()
        let left = user.tokenExpiresAt.map { $0 - now } ?? 0
        log.notice(
            "renewal failed",
            metadata: [
                "user": "\(user.id)", "failure": "\(failure)", "failures": "\(user.renewalFailures + 1)",
                "days": "\(left / 86_400)",
            ])
        let failures = user.renewalFailures + 1
        if failures == Self.alarm {
            log.error(
                "renewal keeps failing",
                metadata: ["user": "\(user.id)", "failures": "\(failures)", "days": "\(left / 86_400)"])
        }
        let wait: Int64
        switch judgement {
        case .lost(let loss) where believes(loss):
            switch await secondOpinion(user) {
            case .works: wait = RenewalRule.secondLook(left: left, chance: random.chance())
            case .lost:
                try await lose(user, loss)
                return .lost
            case .unknown: wait = RenewalRule.retry(failures: failures, left: left, chance: random.chance())
            }
        case .limited(.account, let seconds): wait = RenewalRule.limited(seconds: seconds, chance: random.chance())
        // Not this account's doing: it comes again as soon as calls may be made.
        case .limited(.app, _), .untold, .misconfigured: wait = max(60, appWait() ?? 0)
        case .transient, .unknown, .lost:
            wait = RenewalRule.retry(failures: failures, left: left, chance: random.chance())
        }
        try await store.postpone(user, until: now + wait, failures: failures)
        return .failed
    }

    private enum Opinion { case works, lost, unknown }

    /// What another call says of a token that cannot be renewed: one answer alone takes nobody's connection.
    private func secondOpinion(_ user: User) async -> Opinion {
        guard let token = await token(of: user), await turn(atMost: patience) else { return .unknown }
        do throws(InstagramFailure) {
            _ = try await instagram.profile(token)
            await succeeded()
            return .works
        } catch {
            guard case .lost(let loss) = await judge(error, of: user), believes(loss) else { return .unknown }
            return .lost
        }
    }

    /// The person has to do something. What is final is looked at again soon, to be wiped; the rest is tried once a day.
    func lose(_ user: User, _ loss: Loss) async throws(StoreFailure) {
        let now = now()
        let isKnown = user.state == "reconnect_required" && user.reason == loss.rawValue
        let look = loss.isFinal ? RenewalRule.mourning : RenewalRule.secondLook(chance: random.chance())
        if !isKnown {
            log.warning("reconnect required", metadata: ["user": "\(user.id)", "reason": "\(loss.rawValue)"])
        }
        try await store.lose(user, loss, next: now + look, now: now)
    }

    /// Waits for a turn to call, in the order of those who ask; false, and none is taken, where that takes too long.
    ///
    /// - Parameter rings: Rings when the waiting may be over sooner; nil: only a stop ends it.
    func turn(atMost patience: Duration, on rings: Bell? = nil) async -> Bool {
        let now = pause.now()
        guard let wait = pace.withLock({ $0.turn(at: now, atMost: patience) }) else { return false }
        return await self.wait(until: now + wait, on: rings)
    }

    /// False: all waiting is over before.
    func wait(until end: Duration, on rings: Bell? = nil) async -> Bool {
        while !isStopping.withLock({ $0 }) {
            let bell = rings ?? stopBell
            let heard = bell.rings
            let left = end - pause.now()
            if left <= .zero { return true }
            await pause.wait(bell, heard, left)
        }
        return false
    }
}
