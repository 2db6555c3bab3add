// SPDX-License-Identifier: MIT
import Instagram
import Logging
import Synchronization
import Vault

extension Renewals {
    /// Looks again at a token that Instagram called dead some minutes ago. It is wiped if it still is and the app is alive:
    /// an app that Meta has switched off makes every token look dead, and they all work again when it is back.
    func bury(_ user: User) async throws(StoreFailure) {
        // Long ended, also by a clock that is somewhat ahead.
        if user.tokenExpiresAt.map({ $0 + 2 * 86_400 <= now() }) ?? true { return try await wipe(user) }
        guard let token = await token(of: user) else { return try await postponeBurial(user) }
        do throws(InstagramFailure) {
            _ = try await instagram.profile(token)
        } catch {
            guard case .lost(let loss) = await judge(error, of: user), loss.isFinal else {
                return try await postponeBurial(user)
            }
            return try await isAppAlive(since: user.updatedAt, except: user)
                ? await wipe(user) : await postponeBurial(user)
        }
        await succeeded()
        let left = user.tokenExpiresAt.map { $0 - now() } ?? 0
        try await store.recover(
            user, next: now() + RenewalRule.secondLook(left: left, chance: random.chance()), now: now())
        log.notice("recovered", metadata: ["user": "\(user.id)", "reason": "\(user.reason ?? "")"])
    }

    private func isAppAlive(since death: UnixTime, except user: User) async throws(StoreFailure) -> Bool {
        if isAppToBlame { return false }
        if let lastSuccess, lastSuccess > death { return true }
        let (witnesses, isAlone) = try await store.witnesses(
            for: user, keys: keyring.ids, limit: AppHealth.alike - 1)
        if isAlone { return true }
        for witness in witnesses where await testifies(witness) { return true }
        return false
    }

    /// Whether another account got what it asked for. One that is dead as well hears of it when its turn comes.
    private func testifies(_ witness: User) async -> Bool {
        guard appWait() == nil, let token = await token(of: witness), await turn(atMost: patience) else { return false }
        do throws(InstagramFailure) {
            _ = try await instagram.profile(token)
            await succeeded()
            return true
        } catch {
            _ = await judge(error, of: witness)
            return false
        }
    }

    /// At least two turns: who is buried took the last one.
    var patience: Duration { max(.seconds(5), pace.withLock { $0.interval } * 2) }

    private func postponeBurial(_ user: User) async throws(StoreFailure) {
        let hours = RenewalRule.secondLook(chance: random.chance()) / 4
        try await store.postpone(user, until: now() + hours, failures: 0)
    }

    private func wipe(_ user: User) async throws(StoreFailure) {
        try await store.wipe(user, now: now())
        log.notice("wiped", metadata: ["user": "\(user.id)", "reason": "\(user.reason ?? "")"])
    }
}
