// SPDX-License-Identifier: MIT
import HTTPTypes

extension Site {
    /// `POST /auth/instagram/disconnect`: lets go what the visitor connected. A repeat hears the same.
    func disconnect(_ request: Request) async -> Answer {
        guard request.isFromAllowedPage(settings) else { return refusal(.forbidden, of: request) }
        do throws(ErrorCode) {
            let leaver = try await leaver(request)
            let outcome = try await storage("disconnect") { () throws(StoreFailure) in
                switch leaver {
                case .user(let id):
                    let entry = AuditEntry(action: .disconnect, user: id, requestID: request.id)
                    return try await lettingGo.disconnect(id, entry: entry)
                case .former(let user): return (user, try await lettingGo.outcome(of: user))
                case .nobody: return (nil, nil)
                }
            }
            guard request.wantsPage else { return disconnected(outcome.user, outcome.webhooks, named: false) }
            // A session that was over: the account stays connected, and the page says so.
            if case .nobody = leaver { return toSettings(after: .signedOut) }
            return toSettings(after: .disconnected)
        } catch {
            return refusal(error, of: request)
        }
    }

    private enum Leaver {
        case user(String)
        /// Whoever presses twice has no session the second time: one that a letting go has ended hears what became of it,
        /// and changes nothing.
        case former(User)
        case nobody
    }

    /// What a page says after a disconnect: only what is so. Whoever follows a link that says it, or whose session was over
    /// before anything was let go, is told nothing.
    func farewell(_ request: Request) async throws(ErrorCode) -> SettingsPage.Notice? {
        let former: User?
        switch try await leaver(request) {
        case .user(let id):
            former = try await storage("settings") { () throws(StoreFailure) in try await store.user(id) }
        case .former(let user): former = user
        case .nobody: former = nil
        }
        guard let former, !former.isConnected else { return nil }
        return .disconnected(confirmed: former.webhooksLetGo == WebhooksLetGo.unsubscribed.rawValue)
    }

    private func leaver(_ request: Request) async throws(ErrorCode) -> Leaver {
        if let remoteUser = try remoteUser(request) { return .user(remoteUser.name) }
        let cookies = CookieHeader(request.head.headerFields[.cookie])
        guard let session = Session(cookies, keyring: keyring, now: now()) else { return .nobody }
        let (alive, user) = try await storage("disconnect") { () throws(StoreFailure) in
            (try await store.user(of: session), try await store.user(session.user))
        }
        if let alive { return .user(alive.id) }
        guard let user, !user.isConnected, user.sessionEpoch > session.epoch else { return .nobody }
        return .former(user)
    }

    /// `POST /agent/v1/users/{user}/disconnect`.
    func disconnect(_ request: Request, _ user: User, _ agent: Agent) async throws(ErrorCode) -> Answer {
        let entry = AuditEntry(action: .disconnect, user: user.id, agent: agent.name, requestID: request.id)
        let outcome = try await storage("disconnect") { () throws(StoreFailure) in
            try await lettingGo.disconnect(user.id, entry: entry)
        }
        return disconnected(outcome.user, outcome.webhooks, named: true)
    }

    /// The status object, and what could not be done.
    private func disconnected(_ user: User?, _ webhooks: WebhooksLetGo?, named: Bool) -> Answer {
        var text = JSONText()
        text.add("status", "success")
        if named { text.add("user", user?.id) }
        StatusObject(user, keyring: keyring, now: now()).write(to: &text)
        text.add("webhooks", webhooks?.rawValue)
        return .json(text.finished())
    }
}
