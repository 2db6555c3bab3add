// SPDX-License-Identifier: MIT
import GRDB
import HTTPTypes
import Instagram
import TestSupport
import Testing
import Vault

@testable import Connect

@Suite struct OrderTests {
    private enum Step: CaseIterable {
        /// A renewal has been asked for at Instagram; its answer has arrived.
        case asked, answered
        case reconnected, switched
        /// The account is connected by another user, whose connection had died.
        case died
    }

    /// All orders in which a renewal begins before it ends.
    private static let orders: [[Step]] = permutations(Step.allCases).filter {
        $0.firstIndex(of: .asked)! < $0.firstIndex(of: .answered)!
    }

    private static func permutations(_ steps: [Step]) -> [[Step]] {
        guard steps.count > 1 else { return [steps] }
        return steps.indices.flatMap { index in
            var rest = steps
            let first = rest.remove(at: index)
            return permutations(rest).map { [first] + $0 }
        }
    }

    @Test("renewal, reconnect, account switch and death in all orders: the newest grant is always kept")
    func newest() async throws {
        let staff = try Staff()
        let shop = staff.shop
        let rounds = Soak.times(1_000)
        var numbers = SeededNumbers(5)
        var grants = 0
        func connect(account: Int, query: String = "") async -> String {
            grants += 1
            let token = "GRANT_\(grants)"
            shop.instagram.answer(.extendToken, .success(.ok(#"{"access_token":"\#(token)","expires_in":5183944}"#)))
            #expect(await staff.connect("alice", account: SimulatedInstagram.id(account), query: query).status == .ok)
            return token
        }
        var account = 1
        var newest = await connect(account: account)
        for round in 0..<rounds {
            shop.now = shop.now + 2 * 86_400
            let order = Self.orders[
                round < Self.orders.count ? round : Int.random(in: 0..<Self.orders.count, using: &numbers)]
            grants += 1
            let renewed = "GRANT_\(grants)"
            shop.instagram.answer(.refreshToken, .success(.ok(#"{"access_token":"\#(renewed)","expires_in":5183944}"#)))
            var renewal: (task: Task<RenewalOutcome, Never>, release: Signal, isNewest: Bool)?
            for step in order {
                switch step {
                case .asked:
                    // A token that came a moment ago is too young: let it grow.
                    shop.now = shop.now + 2 * 86_400
                    let (arrived, release) = shop.instagram.hold(.refreshToken)
                    renewal = (Task { await shop.site.renewals.renew("alice", isAsked: true) }, release, true)
                    await arrived.wait()
                case .answered:
                    renewal!.release.fire()
                    let outcome = await renewal!.task.value
                    #expect(outcome == (renewal!.isNewest ? .renewed : .superseded), "\(order)")
                    if renewal!.isNewest { newest = renewed }
                    renewal = nil
                case .reconnected:
                    newest = await connect(account: account)
                    renewal?.isNewest = false
                case .switched:
                    account += 1
                    newest = await connect(account: account, query: "?switch_account=1")
                    renewal?.isNewest = false
                case .died:
                    // Somebody reported it, and Instagram agreed: a person connects it again.
                    let user = try #require(await shop.store.user("alice"))
                    try await shop.store.lose(user, .checkpoint, next: shop.now + 86_400, now: shop.now)
                }
            }
            let row = try shop.committed("SELECT * FROM users WHERE id = 'alice'")[0]
            let token = try User(row).token(shop.keyring).exposedText()
            #expect(token == newest, "\(order)")
            #expect(row["instagram_user_id"] == SimulatedInstagram.id(account))
        }
        Soak.record("renewal, reconnect, switch and death in all orders", rounds, "the newest grant was kept each time")
    }
}
