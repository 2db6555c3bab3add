// SPDX-License-Identifier: MIT
import HTTPTypes
import Instagram
import Logging
import Vault

extension Site {
    /// `POST /agent/v1/users/{user}/connect`: a link for a user of the application behind the agent.
    func link(_ request: Request, for user: String, _ agent: Agent) async throws(ErrorCode) -> Answer {
        guard agent.mayServe(user) else { throw .notFound }
        let body = try AgentBody(request, knowing: ["return_to", "user_name", "switch_account"])
        let userName = try body.text("user_name") ?? user
        guard RemoteUser.isName(userName), userName.unicodeScalars.contains(where: \.isVisible) else {
            throw .invalidRequest
        }
        let place = try body.text("return_to").map { text throws(ErrorCode) in try settings.returnTo(text) }
        let returnTo = place ?? settings.after
        // Nobody on a page of ours would post the claim.
        guard returnTo.origin != nil || !returnTo.path.utf8.starts(with: Endpoint.start.rawValue.utf8) else {
            throw .invalidRequest
        }
        let link = ConnectLink(
            agent: agent.name, user: user, userName: userName, returnTo: returnTo.text,
            switchesAccount: try body.flag("switch_account"))
        let secret = OneTimeSecret(random)
        let isKept = try await storage("link") { () throws(StoreFailure) in
            try await store.keep(link, as: secret.hash, now: clock().uptime)
        }
        guard isKept else { return .failure(.busy, requestID: request.id, retryAfter: 60) }
        log.info("link", metadata: ["user": "\(user)", "agent": "\(agent.name)"])
        var text = JSONText()
        text.add("status", "success")
        text.add("connect_url", url: url(Self.path(of: secret)))
        text.add("expires_at", (now() + ConnectLink.lifetime).description)
        return .json(text.finished(), status: .created)
    }

    /// In the query, which no log of ours or of nginx has.
    private static func path(of secret: OneTimeSecret) -> String {
        "\(Endpoint.connectLink.rawValue)?link=\(secret.text)"
    }

    /// `GET`, `POST /auth/instagram/connect?link=`: the page behind a link, and its button. Always a page: only a person
    /// can press.
    func connectLink(_ request: Request) async -> Answer {
        if request.isPrefetch { return failurePage(.busy, of: request) }
        do throws(ErrorCode) {
            guard let secret = try Query(request.query, knowing: ["link"])["link"].flatMap(OneTimeSecret.init(_:))
            else {
                return linkIsOver(request)
            }
            return request.head.method == .post ? try await press(secret, request) : try await show(secret, request)
        } catch {
            return failurePage(error, of: request)
        }
    }

    private func show(_ secret: OneTimeSecret, _ request: Request) async throws(ErrorCode) -> Answer {
        guard let (link, returnTo) = try await open(secret, request, at: clock()) else { return linkIsOver(request) }
        let page = LinkPage(
            words: request.language.words,
            open: LinkPage.Open(
                userName: link.userName,
                host: String((returnTo.origin ?? settings.publicOrigin).drop { $0 != "/" }.dropFirst(2)),
                scopes: instagram.app.scopes, action: Self.path(of: secret)))
        return self.page.answer(.link(page), in: request.language)
    }

    private func press(_ secret: OneTimeSecret, _ request: Request) async throws(ErrorCode) -> Answer {
        // Of this very page: no other origin may press, not even an allowed one.
        guard request.isFromOurPage(settings) else { throw .forbidden }
        let now = clock()
        guard let (link, returnTo) = try await open(secret, request, at: now) else { return linkIsOver(request) }
        let ticket = FlowTicket.begin(
            at: now, generation: store.generation, user: link.user,
            link: FlowTicket.Link(agent: link.agent, claim: OneTimeSecret(random)), returnTo: returnTo,
            switchesAccount: link.switchesAccount, random: random)
        let counts = try await storage("link") { () throws(StoreFailure) in
            try await store.press(
                secret.hash, flow: ticket.id, open: flowCookies(request, now).openFlows, now: now.uptime)
        }
        return counts ? begin(ticket, of: request, wantsPage: true) : linkIsOver(request)
    }

    /// A link that this browser may still use, and where it ends; nil: there is none.
    private func open(
        _ secret: OneTimeSecret, _ request: Request, at now: Moment
    ) async throws(ErrorCode) -> (ConnectLink, ReturnTo)? {
        let found = try await storage("link") { () throws(StoreFailure) in
            try await store.link(secret.hash, now: now.uptime)
        }
        guard let (link, flow) = found, let returnTo = try? settings.returnTo(link.returnTo) else { return nil }
        if let flow, !flowCookies(request, now).openFlows.contains(where: { $0.bytes == flow }) { return nil }
        return (link, returnTo)
    }

    private func flowCookies(_ request: Request, _ now: Moment) -> FlowCookies {
        FlowCookies(
            CookieHeader(request.head.headerFields[.cookie]), keyring: keyring, origins: settings.allowedOrigins,
            now: now)
    }

    private func linkIsOver(_ request: Request) -> Answer {
        let page = LinkPage(words: request.language.words, open: nil)
        var answer = self.page.answer(.link(page), in: request.language, status: ErrorCode.invalidState.status)
        answer.error = .invalidState
        return answer
    }
}

extension Unicode.Scalar {
    /// Something is seen of it: a letter, a digit, a sign.
    fileprivate var isVisible: Bool {
        if properties.isDefaultIgnorableCodePoint { return false }
        return switch properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator,
            .spaceSeparator, .nonspacingMark, .enclosingMark:
            false
        default: true
        }
    }
}
