// SPDX-License-Identifier: MIT
import GRDB
import HTTPTypes
import Instagram
import Logging
import Vault

@testable import Connect

/// A whole site: real store, real vault, a clock that is set by hand, and a scripted Instagram.
final class Shop: Sendable {
    static let origin = "https://shop.example"
    static let begin = UnixTime(1_767_225_600)  // 2026-01-01T00:00:00Z

    let directory: TemporaryDirectory
    let keyring: Keyring
    let store: Store
    let site: Site
    let instagram = ScriptedInstagram()
    let log = CapturedLog()
    let clock: TestClock

    init(
        in directory: TemporaryDirectory? = nil, keys: [String] = ["a", "b"], scopes: [String]? = nil,
        extraSecrets: [String] = [],
        product: InstagramProduct = .instagramLogin, identity: Identity = .session, loginURL: String? = nil,
        allowedOrigins: [String] = [], redirectURI: String = origin + "/auth/instagram/callback",
        after: String = "/done", flowsInFlight: Int = 2_000, random: Randomness = .system, now: UnixTime = begin,
        deadline: Duration = .seconds(5), agents: String = "",
        renewal: RenewalSettings = RenewalSettings(callsPerMinute: nil), time: VirtualTime? = nil,
        transport: Transport? = nil
    ) throws {
        self.directory = try directory ?? TemporaryDirectory()
        keyring = try Keyring(parsing: keys.map(Self.line).joined(separator: "\n").utf8)
        store = try Store(path: self.directory.database, deadline: deadline)
        let clock = TestClock(now)
        self.clock = clock
        let app = App(
            product: product, id: "990602627938098", secret: AppSecret(utf8: Self.appSecret),
            redirectURI: redirectURI, scopes: scopes,
            extraSecrets: extraSecrets.map(AppSecret.init(utf8:)))
        site = Site(
            settings: SiteSettings(
                publicOrigin: Self.origin, allowedOrigins: allowedOrigins,
                after: try ReturnTo(after, origins: allowedOrigins), identity: identity, loginURL: loginURL,
                flowsInFlight: flowsInFlight),
            keys: KeyringInForce(keyring), store: store,
            instagram: InstagramAPI(
                app: app, transport: transport ?? instagram.transport,
                observe: { [metrics = store.metrics] in metrics.call($0, outcome: $1, seconds: $2) }),
            agents: AgentsInForce(try Agents(parsing: agents.utf8)), renewal: renewal,
            clock: { time?.moment ?? clock.now }, pause: time?.pause ?? .real, random: random, log: log.logger)
    }

    static let edge = "ZWRnZS1jYW5hcnktZWRnZS1jYW5hcnktZWRnZS1jYW4"
    static let appSecret = "app-secret-canary"
    static let code = "AQBx-code-canary"

    /// A keyring line whose bytes depend on the id only.
    static func line(_ id: String) -> String {
        let seed = Digest.sha256(id.utf8)
        return Keyring.generateLine(id: KeyID(id)!, random: Randomness { Array(seed.prefix($0)) })
    }

    /// Moved forward, so much time passes; `clock.set` makes it wrong.
    var now: UnixTime {
        get { clock.now.time }
        set { clock.pass(newValue - clock.now.time) }
    }

    func answer(_ request: Request) async -> Answer { await site.answer(request) }

    /// The request as nginx passes it on, with what it says of the user.
    func answer(_ request: Request, as user: String?, edge: String? = edge) async -> Answer {
        await site.answer(
            Request(
                head: request.head, body: request.body, id: Request.id, surface: request.surface, remoteUser: user,
                edge: edge.map(EdgeSecret.init(utf8:))))
    }

    // MARK: What a visitor does

    /// Presses our button.
    @discardableResult
    func start(_ browser: inout Browser, query: String = "") async -> Answer {
        let answer = await answer(.page(.post, Route.start + query, browser, ["Sec-Fetch-Site": "same-origin"]))
        browser.take(answer)
        return answer
    }

    func callback(
        _ browser: Browser, state: String?, code: String? = code, page: Bool = false, more: String = ""
    ) async -> Answer {
        let query = [code.map { "code=\($0)" }, state.map { "state=\($0)" }].compactMap(\.self).joined(separator: "&")
        let path = Route.callback + "?" + query + more
        return await answer(
            page ? .page(.get, path, browser, ["Sec-Fetch-Site": "cross-site"]) : .json(.get, path, browser))
    }

    /// From the button to the end, as one person does it.
    @discardableResult
    func connect(_ browser: inout Browser, page: Bool = false, query: String = "") async -> Answer {
        let state = await start(&browser, query: query).state
        let answer = await callback(browser, state: state, page: page)
        browser.take(answer)
        return answer
    }

    func status(_ browser: Browser) async -> Answer { await answer(.json(.get, Route.status, browser)) }

    // MARK: What an operator sees

    /// Reads through a second, read-only connection: what it sees is committed.
    func committed(_ sql: String, _ arguments: StatementArguments = []) throws -> [Row] {
        var configuration = Configuration()
        configuration.readonly = true
        return try DatabaseQueue(path: directory.database, configuration: configuration).read {
            try Row.fetchAll($0, sql: sql, arguments: arguments)
        }
    }

    func phases() throws -> [String] {
        try committed("SELECT phase FROM flows ORDER BY forget_at_uptime").map { $0["phase"] }
    }

    /// Changes rows behind the site's back.
    func execute(_ sql: String, _ arguments: StatementArguments = []) throws {
        try store.pool.writeWithoutTransaction { try $0.execute(sql: sql, arguments: arguments) }
    }
}

/// The paths, spelled out once more: a renamed route is a broken promise.
enum Route {
    static let start = "/auth/instagram"
    static let callback = "/auth/instagram/callback"
    static let status = "/auth/instagram/status"
    static let settings = "/auth/instagram/settings"
    static let signOut = "/auth/instagram/sign-out"
    static let connectScript = "/auth/instagram/connect.js"
    static let openAPI = "/auth/instagram/openapi.yaml"
}
