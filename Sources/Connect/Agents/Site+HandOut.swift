// SPDX-License-Identifier: MIT
import HTTPTypes
import Vault

extension Site {
    /// The longest `min_valid_for`, in seconds.
    private static let longestWish: Int64 = 7 * 86_400

    /// How often a hand-out begins again because a newer grant came while it was written down.
    private static let handOutTries = 3

    /// `GET .../token`: a token that works, renewed first where less is left of it than the agent needs. That it leaves
    /// is written down before it does.
    func handOut(_ request: Request, _ found: User, _ agent: Agent) async throws(ErrorCode) -> Answer {
        let wish = try seconds(Query(request.query, knowing: ["min_valid_for"])["min_valid_for"])
        var user = found
        if let expiresAt = user.tokenExpiresAt, expiresAt - now() < wish,
            try refusal(of: user, request, keys: keyring.ids) == nil
        {
            _ = await renewals.renew(user.id, isAsked: true)
            user = try await again(user)
        }
        for _ in 0..<Self.handOutTries {
            // A key that is dropped while it is looked at is none that the row misses.
            let known = keyring.ids
            user = try await reread(user)
            if let refusal = try refusal(of: user, request, keys: known + keyring.ids) { return refusal }
            // Told loudly where it does not open.
            guard let token = await renewals.token(of: user), let expiresAt = user.tokenExpiresAt else {
                throw .internalError
            }
            if try await isWritten(user, agent, request) {
                var text = JSONText()
                text.add("status", "success")
                text.add("access_token", token.exposedText())
                text.add("token_type", "bearer")
                text.add("token_id", String(user.generation))
                text.add("instagram_user_id", user.instagramUserID)
                text.add("instagram_username", user.instagramUsername)
                text.add("scopes", user.scopes)
                text.add("expires_at", expiresAt.description)
                return .json(text.finished())
            }
            user = try await again(user)
        }
        throw .busy
    }

    /// As it is now, if its key was dropped since it was read.
    func reread(_ user: User) async throws(ErrorCode) -> User {
        let now = try await storage("token") { () throws(StoreFailure) in try await store.reread(user, without: keys) }
        guard let now else { throw .notFound }
        return now
    }

    private func again(_ user: User) async throws(ErrorCode) -> User {
        let now = try await storage("token") { () throws(StoreFailure) in try await store.user(user.id) }
        guard let now else { throw .notFound }
        return now
    }

    /// Writes a hand-out down; false: another grant came, or the account was let go, since the row was read.
    private func isWritten(_ user: User, _ agent: Agent, _ request: Request) async throws(ErrorCode) -> Bool {
        let now = now()
        let handOut = HandOut(agent: agent.name, user: user.id, generation: user.generation, at: now)
        // Counted and not written, so nobody has looked at the row again.
        if renewals.handOuts.count(handOut), !store.departed.isOutdated(user) { return true }
        let isCurrent = try await storage("hand-out") { () throws(StoreFailure) in
            try await store.begin(handOut, of: user, requestID: request.id, now: now)
        }
        if isCurrent { renewals.handOuts.began(handOut) }
        return isCurrent
    }

    /// What an agent hears who gets no token; nil where there is one.
    private func refusal(of user: User, _ request: Request, keys: [KeyID]) throws(ErrorCode) -> Answer? {
        let status = StatusObject(user, keys: keys, now: now())
        switch status.state {
        case .connected, .expiring: return nil
        case .notConnected: throw .notFound
        case .reconnectRequired:
            var text = JSONText()
            text.add("status", "error")
            text.add("error", ErrorCode.reconnectRequired.publicCode)
            text.add("message", ErrorCode.reconnectRequired.message)
            text.add("request_id", request.id)
            text.add("reason", status.reason)
            text.add("connect_url", url(Self.settingsPath.path))
            var answer = Answer.json(text.finished(), status: .conflict)
            answer.error = .reconnectRequired
            return answer
        }
    }

    private func seconds(_ text: String?) throws(ErrorCode) -> Int64 {
        guard let text else { return 0 }
        guard let seconds = Int64(digits: text), seconds <= Self.longestWish else { throw .invalidRequest }
        return seconds
    }
}

extension Int64 {
    /// Digits and nothing else: no sign, no blank, no other script's digits.
    init?(digits text: String) {
        guard (1...18).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            return nil
        }
        self.init(text)
    }
}
