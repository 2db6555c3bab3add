// SPDX-License-Identifier: MIT
import HTTPTypes
package import Instagram
package import Logging
package import Vault

/// What the operator decided about this site.
package struct SiteSettings: Sendable {
    /// Scheme, host and port of the public site. Links and `Origin` checks use it; never a request header.
    package let publicOrigin: String
    /// Origins of frontends on our own site, as browsers write them. Ours is not among them.
    package let allowedOrigins: [String]
    /// Where a visitor ends who asked for nothing else.
    package let after: ReturnTo
    package let identity: Identity
    /// Where a visitor signs in who has to: a path of this origin or a URL. Identity `remote-user` only.
    package let loginURL: String?
    /// Callbacks that are finished at once.
    package let flowsInFlight: Int

    package init(
        publicOrigin: String, allowedOrigins: [String] = [], after: ReturnTo, identity: Identity = .session,
        loginURL: String? = nil, flowsInFlight: Int = 6_000
    ) {
        self.publicOrigin = publicOrigin
        self.allowedOrigins = allowedOrigins
        self.after = after
        self.identity = identity
        self.loginURL = loginURL
        self.flowsInFlight = flowsInFlight
    }

    /// Where a visitor asks to end. A frontend on an allowed origin always names origins, also ours.
    func returnTo(_ text: String) throws(ErrorCode) -> ReturnTo {
        try ReturnTo(text, origins: allowedOrigins, own: allowedOrigins.isEmpty ? nil : publicOrigin)
    }
}

/// The product: a request in, an answer out. It knows neither FastCGI nor curl.
package struct Site: Sendable {
    let settings: SiteSettings
    let keys: KeyringInForce
    let store: Store
    let instagram: InstagramAPI
    let agents: AgentsInForce
    let authorizeURL: AuthorizeURL
    let page: PageFrame
    let clock: @Sendable () -> Moment
    let random: Randomness
    let log: Logger
    let flows: FlowsInFlight
    let imports: Imports
    /// Keeps what was connected alive; runs as long as somebody runs it.
    package let renewals: Renewals
    /// Finishes what was let go; runs as long as somebody runs it.
    package let lettingGo: LettingGo
    /// Seals with the first key what others have sealed; the same.
    package let resealing: Resealing

    package init(
        settings: SiteSettings, keys: KeyringInForce, store: Store, instagram: InstagramAPI,
        agents: AgentsInForce = AgentsInForce(.none), renewal: RenewalSettings = RenewalSettings(),
        clock: @escaping @Sendable () -> Moment, pause: Pause = .real,
        random: Randomness = .system, log: Logger
    ) {
        self.settings = settings
        self.keys = keys
        self.store = store
        self.instagram = instagram
        self.agents = agents
        self.clock = clock
        self.random = random
        self.log = log
        authorizeURL = AuthorizeURL(instagram.app)
        page = PageFrame(
            origin: settings.publicOrigin, formTargets: Self.formTargets(of: instagram.app, settings),
            loginURL: settings.loginURL)
        flows = FlowsInFlight(bound: settings.flowsInFlight)
        imports = Imports(callsPerMinute: renewal.callsPerMinute, now: pause.now())
        renewals = Renewals(
            settings: renewal, store: store, keys: keys, instagram: instagram, clock: clock, pause: pause,
            random: random, log: log)
        lettingGo = LettingGo(
            store: store, keys: keys, instagram: instagram, clock: clock, pause: pause, random: random, log: log,
            forget: { [renewals, imports] user, isDeleted in
                renewals.drop(user, isDeleted: isDeleted)
                imports.drop(user)
            },
            resubscribe: { [renewals] in renewals.bell.ring() })
        resealing = Resealing(
            store: store, keys: keys, dueBell: renewals.bell, clock: clock, pause: pause, random: random, log: log)
    }

    /// Where a press of our button may lead without another one: to Instagram, and, where everything is allowed there, on
    /// to the redirect URI and to where the visitor ends.
    private static func formTargets(of app: App, _ settings: SiteSettings) -> [String] {
        let host = app.redirectURI.drop { $0 != "/" }.dropFirst(2).prefix { $0 != "/" }
        let redirect = app.redirectURI.prefix { $0 != ":" } + "://" + host
        let others = [String(redirect)] + settings.allowedOrigins
        return [app.authorizeOrigin]
            + others.filter { $0 != settings.publicOrigin && $0 != app.authorizeOrigin }
            .reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }

    /// Never fails, never reflects, and ends: each await in here has a deadline of its own.
    package func answer(_ request: Request) async -> Answer {
        guard let route = MatchedRoute(path: request.path), route.endpoint.surface == request.surface else {
            return refusal(.notFound, of: request)
        }
        var answer = await answer(request, at: route)
        answer.route = route.endpoint
        if isShared(route.endpoint) { share(&answer, with: request) }
        return answer
    }

    private func answer(_ request: Request, at route: MatchedRoute) async -> Answer {
        let endpoint = route.endpoint
        let isPreflight = request.head.method == .options && isShared(endpoint)
        guard isPreflight || endpoint.methods.contains(request.head.method) else {
            var answer = refusal(.methodNotAllowed, of: request)
            answer.fields[.allow] = allowed(endpoint)
            return answer
        }
        guard request.body.isEmpty || endpoint.takesBody else { return refusal(.payloadTooLarge, of: request) }
        if isPreflight { return preflight(request, for: endpoint) }
        switch endpoint {
        case .start: return start(request)
        case .callback: return await callback(request)
        case .status: return await status(request)
        case .settings: return await settingsPage(request)
        case .signOut: return await signOut(request)
        case .disconnect: return await disconnect(request)
        case .deauthorize: return await deauthorize(request)
        case .dataDeletion: return await dataDeletion(request)
        case .deletion: return await deletion(request, code: route.parameter)
        case .connectLink: return await connectLink(request)
        case .connectScript: return .text(PackageResources.connect_js, contentType: "text/javascript; charset=utf-8")
        case .openAPI: return .text(PackageResources.openapi_yaml, contentType: "application/yaml; charset=utf-8")
        case .healthz: return .json(Array("{\"status\":\"success\"}\n".utf8))
        case .readyz: return await readiness(request)
        case .metrics: return await metrics(request)
        case .agentUsers, .agentUser, .agentUserToken, .agentUserRefused, .agentAccount, .agentAccountToken,
            .agentAccountRefused, .agentEvents, .agentUserConnect, .agentUserDisconnect, .agentUserImport, .agentClaims:
            return await answerAgent(request, at: route)
        }
    }

    var keyring: Keyring { keys.current }

    /// The time of day, for what visitors, agents and Instagram are told.
    func now() -> UnixTime { clock().time }

    /// The process is about to end: no flow begins to be finished here, everything else goes on.
    package func beginStopping() {
        flows.close()
        store.eventBell.ring()
    }

    package var isStopping: Bool { flows.isStopping }

    /// A failure, as the page or the JSON that was asked for.
    func refusal(_ error: ErrorCode, of request: Request) -> Answer {
        request.wantsPage ? failurePage(error, of: request) : .failure(error, requestID: request.id)
    }

    /// A failure that nobody but the operator can mend, told before the visitor hears of it.
    func report(_ failure: any Error, during step: StaticString) {
        log.error("storage", metadata: ["failure": "\(failure)", "during": "\(step)"])
    }

    /// An absolute URL on our own origin.
    func url(_ path: String) -> String { settings.publicOrigin + path }

    /// The absolute URL of where a visitor ends.
    func url(_ place: ReturnTo) -> String { place.url(own: settings.publicOrigin) }
}
