// SPDX-License-Identifier: MIT
import GRDB
import HTTPTypes
import Instagram
import Synchronization
import TestSupport
import Testing
import Vault

@testable import Connect

/// A whole shop moves in while as many accounts of its own are due: real engine, real store, virtual time.
@Suite struct ManyImportsTests {
    private static let users = Soak.times(1_000)
    private static let perMinute = 200
    private static let callers = 16

    /// Whom a call was made for.
    private enum Purpose: Sendable { case ofImport, renewal, subscription }

    private struct Made: Sendable {
        let at: Duration
        let purpose: Purpose
    }

    @Test(
        "A caller who heeds Retry-After imports all, within the calls per minute, and what is due meanwhile is renewed")
    func all() async throws {
        let crowd = Crowd()
        let time = VirtualTime(crowd: crowd)
        let instagram = SimulatedInstagram(time, .init(limits: 1))
        let made = Tally<Made>()
        let transport = Transport { call throws(TransportFailure) in
            guard case .query(let query) = call.secret else { throw .broken("no query") }
            // Imported tokens are named so; what they were renewed to is not.
            let isImport = query.exposedText().contains("access_token=I")
            let purpose: Purpose =
                isImport ? .ofImport : call.name == .refreshToken ? .renewal : .subscription
            made.add(Made(at: time.elapsed, purpose: purpose))
            return try await instagram.transport.send(call)
        }
        let shop = try Shop(
            agents: Shop.agentsText, renewal: RenewalSettings(callsPerMinute: Self.perMinute), time: time,
            transport: transport)
        let issuedAt = Shop.begin + -40 * 86_400
        // The first half is there and due, the second half moves in.
        try shop.seed(0..<Self.users, issuedAt: issuedAt, next: Shop.begin)
        for account in 0..<2 * Self.users {
            let text = account < Self.users ? "T\(account)x0" : "I\(account)"
            instagram.adopt(text, .init(account: account, issuedAt: issuedAt, expiresAt: issuedAt + 5_183_944))
        }

        let next = Atomic(Self.users)
        let refused = Tally<String>()
        let lastImport = Mutex(Duration.zero)
        let caller: @Sendable () async -> Void = {
            while true {
                let account = next.wrappingAdd(1, ordering: .relaxed).oldValue
                guard account < 2 * Self.users else { return }
                while true {
                    let answer = await shop.importToken("I\(account)", for: "u\(account)")
                    if answer.status == .ok { break }
                    guard answer.status.kind == .serverError else { return refused.add(answer.text) }
                    await crowd.sleep(.seconds(answer.retryAfter ?? 30), time)
                }
                lastImport.withLock { $0 = time.elapsed }
            }
        }
        await crowd.run(shop.site.renewals, time, Array(repeating: caller, count: Self.callers))

        #expect(refused.all == [])
        let rows = try shop.committed("SELECT * FROM users")
        #expect(rows.count == 2 * Self.users)
        let lost = try rows.count { row in
            let token = instagram.token(try User(row).token(shop.keyring).exposedText())
            let account = Int((row["id"] as String).dropFirst())
            return row["state"] as String != "connected" || token?.account != account
                || token.map { $0.issuedAt < Shop.begin } ?? true || row["webhooks_subscribed_at"] as Int64? == nil
        }
        #expect(lost == 0, "each has a token that was renewed since, and is subscribed")
        #expect(instagram.young == 0)
        let most = Years.mostInAMinute(made.all.map(\.at))
        #expect(most <= Self.perMinute)

        // While both wait for turns: what each got.
        let renewed = made.all.filter { $0.purpose == .renewal }.map(\.at)
        let both = min(lastImport.withLock { $0 }, renewed[renewed.count * 9 / 10])
        let shared = made.all.filter { $0.at <= both }
        func share(_ purpose: Purpose) -> Int {
            shared.count { $0.purpose == purpose } * 100 / max(shared.count, 1)
        }
        let shares = (imports: share(.ofImport), renewals: share(.renewal), subscriptions: share(.subscription))
        #expect(shares.imports <= 55 && shares.renewals >= 15, "\(shares)")
        let minutes = Int(lastImport.withLock { $0 } / .seconds(60))
        Soak.record(
            "tokens imported while as many were due for renewal", Self.users,
            "none lost, in \(minutes) minutes; at most \(most) calls a minute, of which imports had \(shares.imports) %, "
                + "renewals \(shares.renewals) %, subscriptions \(shares.subscriptions) %")
    }
}
