// SPDX-License-Identifier: MIT
import Instagram
import Logging
import Synchronization
import Vault

/// What an operator decides about renewals.
package struct RenewalSettings: Sendable {
    package var rule: RenewalRule
    /// Calls to Instagram, of all that this engine makes; nil: as many as it can.
    package var callsPerMinute: Int?
    /// What accounts are subscribed to.
    package var webhookFields: [String]

    package init(
        rule: RenewalRule = RenewalRule(), callsPerMinute: Int? = 200, webhookFields: [String] = ["messages"]
    ) {
        self.rule = rule
        self.callsPerMinute = callsPerMinute
        self.webhookFields = webhookFields
    }
}

/// Keeps tokens alive: renews what is due, subscribes what was connected, finds out what has died. For one account
/// nothing runs twice at the same time, whoever asks for it.
package final class Renewals: Sendable {
    /// Calls at once that nobody waits for.
    static let inFlight = 128

    let settings: RenewalSettings
    let store: Store
    let keys: KeyringInForce
    let instagram: InstagramAPI
    let clock: @Sendable () -> Moment
    let pause: Pause
    let random: Randomness
    let log: Logger
    let flights = SingleFlight<RenewalOutcome>()
    let running = Running()
    let askings = Askings()
    let handOuts: HandOuts
    /// Rings when there may be something to do.
    let bell = Bell()
    /// Rings when something that was under way is over.
    let doneBell = Bell()
    /// Rings when all waiting is over.
    let stopBell = Bell()
    let pace: Mutex<Pace>
    private let health: Mutex<AppHealth>
    let isStopping = Mutex(false)
    let hasStoreFailed = Mutex(false)
    /// Renewed tokens that the store could not take, by user.
    let unstored = Mutex<[String: Unstored]>([:])

    init(
        settings: RenewalSettings, store: Store, keys: KeyringInForce, instagram: InstagramAPI,
        clock: @escaping @Sendable () -> Moment, pause: Pause = .real, random: Randomness = .system, log: Logger
    ) {
        self.settings = settings
        self.store = store
        self.keys = keys
        self.instagram = instagram
        self.clock = clock
        self.pause = pause
        self.random = random
        self.log = log
        pace = Mutex(Pace(perMinute: settings.callsPerMinute, now: pause.now()))
        health = Mutex(AppHealth())
        handOuts = HandOuts(bell: bell)
    }

    func now() -> UnixTime { clock().time }

    var keyring: Keyring { keys.current }

    var subscribes: Bool {
        instagram.app.product.hasWebhooks && !settings.webhookFields.isEmpty
            && instagram.app.scopes.contains(Scope.messages)
    }

    /// What the process before this one knew. Nobody is called before it is known.
    func recall() async -> Bool {
        do throws(StoreFailure) {
            let known = try await store.appHealth()
            if subscribes { try await store.wantWebhooks(settings.webhookFields, now: now()) }
            health.withLock { $0 = known }
            return true
        } catch {
            report(error, during: "start")
            return false
        }
    }

    // MARK: The app

    /// Seconds until a call may be made that nobody waits for; nil: now.
    func appWait() -> Int64? {
        let now = now()
        return health.withLock { $0.wait(at: now) }
    }

    func believes(_ loss: Loss) -> Bool {
        let now = now()
        return health.withLock { $0.believes(loss, at: now) }
    }

    var isAppToBlame: Bool { health.withLock { $0.isToBlame } }

    var lastSuccess: UnixTime? { health.withLock { $0.lastSuccess } }

    /// An account was connected: it is to be subscribed, and the app is alive.
    func connected() async {
        bell.ring()
        await succeeded()
    }

    /// Some account got what it asked for: the app is alive.
    func succeeded() async {
        let now = now()
        let change = health.withLock { $0.succeeded(at: now) }
        if change != nil { await keepHealth(change) }
    }

    /// What a failure says about the account that it was met for, noted for the app.
    ///
    /// - Parameter saysOfTheApp: What counts against the app; a call of lesser weight leaves out most.
    func judge(
        _ failure: InstagramFailure, of user: User, saysOfTheApp: (Judgement) -> Bool = { _ in true }
    ) async -> Judgement {
        let judgement = judge(failure)
        let now = now()
        if !saysOfTheApp(judgement) { return judgement }
        let (change, isPaused, isWorse) = health.withLock { health in
            let (pausedUntil, cause) = (health.pausedUntil, health.failing?.cause)
            let change = health.failed(judgement, of: user.id, at: now, chance: random.chance())
            return (change, health.pausedUntil != pausedUntil, health.failing?.cause != cause)
        }
        if isPaused {
            log.warning("app limited", metadata: ["seconds": "\(appWait() ?? 0)", "failure": "\(failure)"])
        }
        if change != nil || isPaused || isWorse { await keepHealth(change) }
        return judgement
    }

    /// The same of a call that says nothing of the app.
    func judge(_ failure: InstagramFailure) -> Judgement {
        let judgement = Judgement(failure)
        if judgement == .unknown {
            store.metrics.unknownAnswer()
            log.warning("unknown answer", metadata: ["failure": "\(failure)"])
        }
        return judgement
    }

    private func keepHealth(_ change: AppHealth.Change?) async {
        var kind: Event.Kind?
        switch change {
        case .failing(let cause):
            kind = .appFailing
            log.error("app failing", metadata: ["cause": "\(cause)", "meaning": "many accounts fail alike"])
        case .recovered:
            kind = .appRecovered
            log.notice("app recovered")
        case nil: break
        }
        do throws(StoreFailure) {
            try await store.keep(health.withLock { $0 }, telling: kind, now: now())
        } catch {
            report(error, during: "app")
        }
    }

    // MARK: Rows

    /// The token of a row; nil, and told loudly, where it does not open. The others go on.
    func token(of user: User) async -> LongLivedToken? {
        let ring = keyring
        let row: User?
        do throws(StoreFailure) { row = try await store.reread(user, without: keys) } catch {
            report(error, during: "token")
            return nil
        }
        // Another token stands there by now.
        guard let row, row.generation == user.generation else { return nil }
        do {
            // What was in force before it was looked at opens it, whatever has come since.
            return try row.token(row.isSealed(byOneOf: ring) ? ring : keyring)
        } catch {
            store.metrics.unreadableRow()
            log.error("unreadable row", metadata: ["user": "\(user.id)", "failure": "\(error)"])
            return nil
        }
    }

    /// A user was let go: a token that was renewed and not stored yet is nobody's any more.
    ///
    /// - Parameter isDeleted: What was counted of them names nobody who may have the name after them.
    func drop(_ user: String, isDeleted: Bool) {
        unstored.withLock { $0[user] = nil }
        if isDeleted { handOuts.forget(user) }
    }

    /// Tells of a store that failed; the engine goes on when a commit has worked.
    func report(_ failure: StoreFailure, during step: StaticString) {
        hasStoreFailed.withLock { $0 = true }
        log.error("storage", metadata: ["failure": "\(failure)", "during": "\(step)"])
    }
}
