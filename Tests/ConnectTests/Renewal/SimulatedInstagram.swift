// SPDX-License-Identifier: MIT
import Connect
import HTTPTypes
import Instagram
import Synchronization
import TestSupport
import Vault

/// An Instagram of many accounts in virtual time: tokens that live sixty days and are not renewed on their first, errors,
/// limits, outages, people who change their password.
final class SimulatedInstagram: Sendable {
    /// What goes wrong, and how often.
    struct Weather: Sendable {
        /// Of a hundred calls.
        var errors = 5
        /// Of ten thousand calls, how many begin half an hour in which the app is limited.
        var limits = 10
        var outage: ClosedRange<Int64>?
        /// Accounts for which a renewal never succeeds.
        var cursed: Set<Int> = []
    }

    struct Token: Sendable {
        let account: Int
        let issuedAt: UnixTime
        let expiresAt: UnixTime
    }

    fileprivate struct State {
        var numbers: SeededNumbers
        var weather: Weather
        var account = 0
        var tokens: [String: Token] = [:]
        var issued = 0
        var dead: Set<Int> = []
        var answers: [Int: Reply] = [:]
        var unrenewable: Set<Int> = []
        var limitedUntil = UnixTime(0)
        var refreshes: [Duration] = []
        var calls: [Duration] = []
        var tries: [Int: Int] = [:]
        var young = 0
        var kill: (@Sendable () -> Void)?
        var isCut = false
    }

    private let time: VirtualTime
    private let state: Mutex<State>

    init(_ time: VirtualTime, _ weather: Weather = Weather(), seed: UInt64 = 7) {
        self.time = time
        state = Mutex(State(numbers: SeededNumbers(seed), weather: weather))
    }

    // MARK: For the test

    var weather: Weather {
        get { state.withLock { $0.weather } }
        set { state.withLock { $0.weather = newValue } }
    }

    /// Who signs in next.
    var account: Int {
        get { state.withLock { $0.account } }
        set { state.withLock { $0.account = newValue } }
    }
    /// When renewals were asked for.
    var refreshes: [Duration] { state.withLock { $0.refreshes } }
    /// When anything was asked for that no visitor waits for.
    var calls: [Duration] { state.withLock { $0.calls } }
    /// Renewals of tokens that were issued less than a day ago.
    var young: Int { state.withLock { $0.young } }
    /// Renewals that were tried for an account.
    func tries(_ account: Int) -> Int { state.withLock { $0.tries[account] ?? 0 } }
    /// A token that somebody got before.
    func adopt(_ text: String, _ token: Token) { state.withLock { $0.tokens[text] = token } }
    func token(_ text: String) -> Token? { state.withLock { $0.tokens[text] } }

    /// A person changes their password.
    func changePassword(_ account: Int) { state.withLock { _ = $0.dead.insert(account) } }
    /// Renewals of an account are refused as if its token was dead; it works.
    func refuseRenewal(of account: Int) { state.withLock { _ = $0.unrenewable.insert(account) } }
    /// It was the app all along.
    func revive() { state.withLock { $0.dead = [] } }
    /// The answer to every renewal of an account; nil: the usual one.
    func say(_ reply: Reply?, to account: Int) { state.withLock { $0.answers[account] = reply } }
    func isDead(_ account: Int) -> Bool { state.withLock { $0.dead.contains(account) } }

    /// Happens once, when the next renewal has been granted and before its answer arrives; nobody is answered after it.
    func kill(_ action: (@Sendable () -> Void)?) {
        state.withLock {
            $0.kill = action
            $0.isCut = false
        }
    }

    static func id(_ account: Int) -> String { "17841400000\(100_000 + account)" }

    var transport: Transport {
        Transport { call throws(TransportFailure) in
            let secret: String
            switch call.secret {
            case .query(let query): secret = query.exposedText()
            case .form(let form): secret = form.exposedText()
            }
            let (now, elapsed) = (self.time.now, self.time.elapsed)
            let (result, kill): (Result<Reply, TransportFailure>, (@Sendable () -> Void)?) = self.state.withLock {
                state in
                if state.isCut { return (.failure(.stopped), nil) }
                let result = state.answer(call.name, secret, now: now, elapsed: elapsed)
                guard call.name == .refreshToken, case .success(let reply) = result, reply.status == 200,
                    let kill = state.kill
                else { return (result, nil) }
                state.kill = nil
                state.isCut = true
                return (result, kill)
            }
            let reply = try result.get()
            guard let kill else { return reply }
            kill()
            throw .stopped
        }
    }
}

extension SimulatedInstagram.State {
    fileprivate mutating func answer(
        _ name: Call.Name, _ secret: String, now: UnixTime, elapsed: Duration
    ) -> Result<Reply, TransportFailure> {
        switch name {
        case .exchangeCode:
            return .success(
                .ok(
                    #"{"access_token":"S","user_id":1,"permissions":["instagram_business_basic","instagram_business_manage_messages"]}"#
                ))
        case .extendToken: return .success(granted(account, now: now))
        case .readSubscription, .subscribe, .unsubscribe:
            calls.append(elapsed)
            return .success(.ok(name == .readSubscription ? #"{"data":[]}"# : #"{"success":true}"#))
        case .readProfile, .refreshToken: break
        }
        let text = String(secret.split(separator: "access_token=").last?.prefix { $0 != "&" } ?? "")
        let token = tokens[text] ?? SimulatedInstagram.Token(account: account, issuedAt: now, expiresAt: now)
        let said = answers[token.account]
        if name == .refreshToken {
            calls.append(elapsed)
            refreshes.append(elapsed)
            if now < token.expiresAt { tries[token.account, default: 0] += 1 }
            if now - token.issuedAt < 86_400 { young += 1 }
            if let said { return .success(said) }
            if unrenewable.contains(token.account) { return .success(.graph(400, code: 190)) }
            if weather.outage?.contains(now.seconds) == true { return .failure(.deadline) }
            if now < limitedUntil { return .success(limit) }
            if Int.random(in: 0..<10_000, using: &numbers) < weather.limits {
                limitedUntil = now + 1_800
                return .success(limit)
            }
            if weather.cursed.contains(token.account) { return .success(.graph(500, code: 2)) }
            if Int.random(in: 0..<100, using: &numbers) < weather.errors { return error() }
        }
        if let said { return .success(said) }
        if dead.contains(token.account) { return .success(.graph(400, code: 190, subcode: 460)) }
        if token.expiresAt <= now { return .success(.graph(400, code: 190, subcode: 463)) }
        if name == .refreshToken { return .success(granted(token.account, now: now)) }
        let id = SimulatedInstagram.id(token.account)
        return .success(
            .ok(#"{"id":"9\#(id)","user_id":"\#(id)","username":"shop\#(token.account)","account_type":"BUSINESS"}"#))
    }

    /// The old token stays as good as it was.
    private mutating func granted(_ account: Int, now: UnixTime) -> Reply {
        issued += 1
        let text = "T\(account)x\(issued)"
        let life = Int64(5_127_758 + Int.random(in: 0..<56_186, using: &numbers))
        tokens[text] = SimulatedInstagram.Token(account: account, issuedAt: now, expiresAt: now + life)
        return .ok(#"{"access_token":"\#(text)","token_type":"bearer","expires_in":\#(life)}"#)
    }

    private var limit: Reply {
        Reply(
            status: 403,
            headers: [
                HTTPField.Name("X-Business-Use-Case-Usage")!:
                    #"{"1":[{"type":"instagram","call_count":100,"estimated_time_to_regain_access":30}]}"#
            ],
            body: Reply.graph(403, code: 4).body)
    }

    private mutating func error() -> Result<Reply, TransportFailure> {
        switch Int.random(in: 0..<6, using: &numbers) {
        case 0: .failure(.deadline)
        case 1: .failure(.broken("reset"))
        case 2: .failure(.unreachable("refused"))
        case 3: .success(Reply(status: 502, headers: [:], body: Array("<html>bad gateway</html>".utf8)))
        case 4: .success(.graph(400, code: 98_765))
        default: .success(.graph(500, code: 2))
        }
    }
}
