// SPDX-License-Identifier: MIT
import Instagram
import Logging

extension Renewals {
    /// Wipes a token that Instagram called dead some minutes ago, if the app is alive: an app that Meta has switched off
    /// makes every token look dead, and they all work again when it is back.
    func bury(_ user: User) async throws(StoreFailure) {
        let now = now()
        let hasDied = user.updatedAt
        if let lastSuccess, lastSuccess > hasDied { return try await wipe(user) }
        let witnesses = try await store.witnesses(for: user, limit: AppHealth.alike - 1)
        if witnesses.isEmpty { return try await wipe(user) }
        for witness in witnesses where await testifies(witness) { return try await wipe(user) }
        try await store.postpone(
            user, until: now + RenewalRule.secondLook(chance: random.chance()) / 4, failures: 0)
    }

    /// Whether another account shows that the app is alive. One that is dead as well hears of it when its turn comes.
    private func testifies(_ witness: User) async -> Bool {
        guard appWait() == nil, let token = token(of: witness), await turn(atMost: .seconds(5)) else { return false }
        do throws(InstagramFailure) {
            _ = try await instagram.profile(token)
            await succeeded()
            return true
        } catch {
            _ = await judge(error, of: witness)
            return false
        }
    }

    private func wipe(_ user: User) async throws(StoreFailure) {
        try await store.wipe(user, now: now())
        log.notice("wiped", metadata: ["user": "\(user.id)", "reason": "\(user.reason ?? "")"])
    }
}
