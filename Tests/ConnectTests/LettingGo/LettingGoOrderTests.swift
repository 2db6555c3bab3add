// SPDX-License-Identifier: MIT
import GRDB
import HTTPTypes
import Instagram
import TestSupport
import Testing
import Vault

@testable import Connect

/// Whatever happens in whatever order, the newest decision stands, and nothing comes back from the dead.
@Suite struct LettingGoOrderTests {
    fileprivate enum Step: CaseIterable {
        /// A flow of the user has begun; its callback has arrived; it has its answer from Instagram.
        case started, arrived, finished
        case asked, answered
        case reconnected, switched, disconnected, deauthorized, deleted
        /// A request of Meta from before the connection, and one that was obeyed already.
        case stale, repeated
        case resealed
        /// A connect link was followed to its end; what came of it is claimed.
        case linked, claimed
    }

    @Test("renewal, reseal, connect, switch and every way of letting go, in all orders, with callbacks in flight")
    func newest() async throws {
        let shop = try Shop.forAgents()
        var play = Play(shop)
        var numbers = SeededNumbers(11)
        let rounds = Soak.times(1_000)
        for _ in 0..<rounds {
            let steps = Step.allCases.shuffled(using: &numbers).prefix(Int.random(in: 5...12, using: &numbers))
            try await play.round(Array(steps))
        }
        #expect(play.refused > rounds / 20 && play.connections > rounds / 2, "both ends of a flow were met")
        #expect(play.claims.kept > rounds / 50 && play.claims.lost > rounds / 100, "and both of a claim")
        Soak.record(
            "every way of letting go against renewal, reseal, connect and callbacks in flight", rounds,
            "the newest decision stood each time")
    }
}

/// One user, and what has to be true of them.
private struct Play {
    private let shop: Shop
    private var account = 1
    private var grants = 0
    /// The token that is connected, and its account; nil: nothing is.
    private var connected: (token: String, account: Int, at: UnixTime)?
    /// The account whose ids the row still has.
    private var lastAccount: Int?
    private var decisions = 0
    private var rotations = 0
    private var lastLetGo = 0
    private var accountLetGo: [Int: Int] = [:]
    private var flow: Flow?
    private var renewal: (task: Task<RenewalOutcome, Never>, release: Signal, token: String, of: String)?
    private var obeyed: [(path: String, text: String)] = []
    private var claim: (text: String, account: Int, token: String, began: Int, at: UnixTime)?
    private(set) var claims = (kept: 0, lost: 0)
    private(set) var refused = 0
    private(set) var connections = 0

    private struct Flow {
        let browser: Browser
        let state: String
        let account: Int
        let began: Int
        var call: (task: Task<Answer, Never>, release: Signal, token: String)?
    }

    init(_ shop: Shop) {
        self.shop = shop
    }

    private static func id(_ account: Int) -> String { SimulatedInstagram.id(account) }

    mutating func round(_ steps: [LettingGoOrderTests.Step]) async throws {
        shop.now = shop.now + 2 * 86_400
        for step in steps {
            shop.now = shop.now + 1
            await take(step)
            try check(step, steps)
        }
        // Nothing is under way over the end of a round.
        for step in [LettingGoOrderTests.Step.answered, .finished] { await take(step) }
        flow = nil
        claim = nil
        try check(.finished, steps)
    }

    private func check(_ step: LettingGoOrderTests.Step, _ steps: [LettingGoOrderTests.Step]) throws {
        let row = try shop.committed("SELECT * FROM users WHERE id = 'alice'").first
        let comment: Comment = "\(step) in \(steps)"
        guard let connected else {
            #expect(row == nil || row!["state"] == "not_connected" && row!["instagram_access_token"] == nil, comment)
            return
        }
        let user = User(try #require(row, comment))
        #expect(user.state == "connected" && user.instagramUserID == Self.id(connected.account), comment)
        let token = try? user.token(shop.keyring).exposedText()
        if step == .resealed { #expect(user.box?.keyID == shop.site.keyring.signingID, comment) }
        #expect(token == connected.token, comment)
    }

    private mutating func grant() -> String {
        grants += 1
        let token = "GRANT_\(grants)"
        shop.instagram.answer(.extendToken, .success(.ok(#"{"access_token":"\#(token)","expires_in":5183944}"#)))
        return token
    }

    private mutating func connect(account: Int) async {
        // A call that is held would take this one's answer.
        guard flow?.call == nil else { return }
        let token = grant()
        shop.instagram.account = Self.id(account)
        await shop.connect("alice", account: Self.id(account))
        made(token, account)
    }

    private mutating func made(_ token: String, _ account: Int, at: UnixTime? = nil) {
        connections += 1
        connected = (token, account, at ?? shop.now)
        lastAccount = account
    }

    private mutating func letGo(_ accounts: [Int?], user: Bool) {
        decisions += 1
        if user { (connected, lastLetGo) = (nil, decisions) }
        for account in accounts.compactMap(\.self) { accountLetGo[account] = decisions }
    }

    private mutating func signed(_ path: String, account: Int, issuedAt: UnixTime) async {
        let text = MetaSignature.signedRequest(
            userID: grants % 2 == 0 ? Shop.appScoped(Self.id(account)) : Self.id(account), issuedAt: issuedAt.seconds,
            secret: Shop.appSecret)
        #expect(await shop.post(path, text).status == .ok)
        obeyed.append((path, text))
    }

    private mutating func take(_ step: LettingGoOrderTests.Step) async {
        switch step {
        case .started:
            guard flow == nil else { return }
            var browser = Browser()
            let answer = await shop.answer(
                .json(.post, Route.start + "?switch_account=1", browser, Shop.ours), as: "alice")
            browser.take(answer)
            flow = Flow(browser: browser, state: answer.state ?? "", account: account, began: decisions)
        case .arrived:
            guard let begun = flow, begun.call == nil else { return }
            let token = grant()
            let (arrived, release) = shop.instagram.hold(.readProfile)
            let path = Route.callback + "?code=\(Shop.code)&state=\(begun.state)"
            let task = Task { [shop] in await shop.answer(.json(.get, path, begun.browser), as: "alice") }
            await arrived.wait()
            flow?.call = (task, release, token)
        case .finished:
            guard let ending = flow, let call = ending.call else { return }
            shop.instagram.account = Self.id(ending.account)
            call.release.fire()
            let answer = await call.task.value
            flow = nil
            let isOutdated = lastLetGo > ending.began || accountLetGo[ending.account].map { $0 > ending.began } ?? false
            #expect(answer.errorCode == (isOutdated ? "interrupted" : nil))
            if isOutdated {
                refused += 1
            } else {
                let old = connected?.account
                made(call.token, ending.account)
                if old != ending.account { letGo([old], user: false) }
            }
        case .asked:
            guard renewal == nil, let connected, shop.now - connected.at > 86_460 else { return }
            grants += 1
            let token = "GRANT_\(grants)"
            shop.instagram.answer(.refreshToken, .success(.ok(#"{"access_token":"\#(token)","expires_in":5183944}"#)))
            let (arrived, release) = shop.instagram.hold(.refreshToken)
            let task = Task { [shop] in await shop.site.renewals.renew("alice", isAsked: true) }
            await arrived.wait()
            renewal = (task, release, token, connected.token)
        case .answered:
            guard let asked = renewal else { return }
            asked.release.fire()
            let isCurrent = connected?.token == asked.of
            #expect(await asked.task.value == (isCurrent ? .renewed : .superseded))
            if isCurrent { connected?.token = asked.token }
            renewal = nil
        case .reconnected: await connect(account: connected?.account ?? account)
        case .switched:
            guard flow?.call == nil else { return }
            let old = connected?.account
            account += 1
            await connect(account: account)
            letGo([old], user: false)
        case .disconnected:
            #expect(
                await shop.answer(.json(.post, Route.disconnect, Browser(), Shop.ours), as: "alice").status == .ok)
            letGo([lastAccount], user: true)
        case .deauthorized:
            guard let lastAccount else { return }
            await signed(Route.deauthorize, account: lastAccount, issuedAt: shop.now)
            letGo([lastAccount], user: true)
        case .deleted:
            // And connected again under the same name.
            guard let gone = lastAccount else { return }
            await signed(Route.dataDeletion, account: gone, issuedAt: shop.now)
            letGo([gone], user: true)
            lastAccount = nil
            await connect(account: gone)
        case .stale:
            guard let connected else { return }
            await signed(
                grants % 3 == 0 ? Route.deauthorize : Route.dataDeletion, account: connected.account,
                issuedAt: connected.at + (-61 - Int64(grants % 1_000)))
        case .repeated:
            guard let last = obeyed.isEmpty ? nil : obeyed[grants % obeyed.count] else { return }
            #expect(await shop.post(last.path, last.text).status == .ok)
        case .linked:
            guard flow?.call == nil else { return }
            let (token, began) = (grant(), decisions)
            shop.instagram.account = Self.id(account)
            let text = try? await shop.newClaim(for: "alice", body: #"{"return_to":"/a","switch_account":true}"#)
            #expect(text != nil)
            claim = text.map { ($0, account, token, began, shop.now) }
        case .claimed:
            guard let open = claim else { return }
            claim = nil
            let answer = await shop.claim(open.text, for: "alice")
            let isOutdated = lastLetGo > open.began || accountLetGo[open.account].map { $0 > open.began } ?? false
            // Connected since: that was the newer decision.
            let isOlder = connected.map { $0.at > open.at } ?? false
            #expect(answer.errorCode == (isOutdated ? "invalid_state" : isOlder ? "interrupted" : nil))
            if isOutdated || isOlder {
                claims.lost += 1
            } else {
                claims.kept += 1
                let old = connected?.account
                made(open.token, open.account, at: open.at)
                if old != open.account { letGo([old], user: false) }
            }
        case .resealed:
            // The other key comes first.
            rotations += 1
            let keys = rotations % 2 == 0 ? ["a", "b"] : ["b", "a"]
            guard let ring = try? Keyring(parsing: keys.map(Shop.line).joined(separator: "\n").utf8) else { return }
            shop.site.keys.replace(with: ring)
            await shop.site.resealing.pass()
        }
    }
}
