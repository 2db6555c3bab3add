// SPDX-License-Identifier: MIT
import HTTPTypes
import Instagram
import Logging
import Synchronization
import Vault

extension Site {
    /// `POST .../import`: a token that another program kept so far. It is stored like one that was granted here, if
    /// Instagram says whose it is and renews it: it is never exchanged.
    func importToken(_ request: Request, for user: String, _ agent: Agent) async throws(ErrorCode) -> Answer {
        guard agent.mayServe(user) else { throw .notFound }
        let imported = try ImportedToken(request)
        if flows.isStopping {
            var answer = Answer.failure(.busy, requestID: request.id)
            answer.isBetterLeft = true
            return answer
        }
        let id = FlowID(importing: imported.token, for: user, switchesAccount: imported.switchesAccount)
        // Not among the visitors' flows, whose places these would take.
        let ending = await imports.flights.run(Base64URL.encode(id.bytes)) {
            do throws(ImportFailure) {
                return try await finish(imported, for: user, as: id, agent, requestID: request.id)
            } catch {
                log.notice(
                    "import failed",
                    metadata: ["user": "\(user)", "error": "\(error.ending.word)", "cause": "\(error.cause)"])
                return error.ending
            }
        }
        switch ending ?? .failed(.busy, retryAfter: 1) {
        case .connected:
            let row = try await storage("import") { () throws(StoreFailure) in
                try await store.reread(store.user(user), without: keys)
            }
            // Let go since.
            guard let row else { throw .interrupted }
            return agentStatus(row)
        case .failed(let error, let retryAfter):
            return .failure(error, requestID: request.id, retryAfter: retryAfter)
        case .refused(let refusal): return Self.answer(refusal, to: request)
        }
    }

    /// In the order that wastes nothing: what is known, whose token it is, whether it may be had here, and only then the
    /// renewal that may leave the agent with an old token.
    private func finish(
        _ imported: ImportedToken, for user: String, as id: FlowID, _ agent: Agent, requestID: String
    ) async throws(ImportFailure) -> ImportEnding {
        let began = store.generation
        switch try await stored(
            "import",
            { () throws(StoreFailure) in
                try await store.known(import: id, now: clock().uptime)
            })
        {
        case .connected:
            imports.drop(id)
            return .connected
        case .letGo:
            imports.drop(id)
            throw ImportFailure(.failed(.interrupted), cause: "let go since")
        case .nothing: break
        }
        let owner = Owner.user(user, switchesAccount: imported.switchesAccount)
        if let held = imports.held(id, now: clock().uptime) {
            try await markSent(id)
            return try await keep(held, as: id, for: owner, agent, requestID: requestID)
        }

        try await place()
        let profile = try await asked(of: user, otherwise: .userInfoFailed) { () throws(InstagramFailure) in
            try await instagram.profile(imported.token)
        }
        if profile.isPersonal, !instagram.app.product.takesPersonalAccounts {
            throw ImportFailure(.failed(.accountNotEligible), cause: "a personal account")
        }
        switch try await stored(
            "import",
            { () throws(StoreFailure) in
                try await store.objection(to: profile, for: owner, now: now())
            })
        {
        case .refused(let error): throw ImportFailure(.failed(error), cause: "another user or account")
        case .otherApp: throw ImportFailure(.refused(.foreign), cause: "another app-scoped id")
        case nil: break
        }

        try await turn(atMost: renewals.patience)
        try await markSent(id)
        let issuedAt = now()
        let long = try await asked(of: user, otherwise: .providerUnavailable) { () throws(InstagramFailure) in
            try await instagram.refresh(imported.token)
        }
        let grant = try grant(long, issuedAt: issuedAt, of: profile)
        return try await keep(
            ImportedGrant(user: user, grant: grant, began: began), as: id, for: owner, agent, requestID: requestID)
    }

    private func grant(
        _ long: LongLivedGrant, issuedAt: UnixTime, of profile: Profile
    ) throws(ImportFailure) -> Grant {
        if let granted = long.scopes {
            let product = instagram.app.product
            let missing = product.needed(of: instagram.app.scopes).filter { !granted.contains($0) }
            guard missing.isEmpty else {
                throw ImportFailure(
                    .failed(missing.contains(product.basicScope) ? .profileNotGranted : .messagesNotGranted),
                    cause: "missing \(missing.joined(separator: " "))")
            }
        }
        let expiresAt = issuedAt + Renewals.lifetime(long)
        return Grant(
            token: long.token,
            connection: Connection(
                profile: profile, scopes: long.scopes, tokenIssuedAt: issuedAt, tokenExpiresAt: expiresAt,
                nextRenewalAt: renewals.settings.rule.due(
                    issuedAt: issuedAt, expiresAt: expiresAt, account: profile.accountID.digits)))
    }

    private func keep(
        _ imported: ImportedGrant, as id: FlowID, for owner: Owner, _ agent: Agent, requestID: String
    ) async throws(ImportFailure) -> ImportEnding {
        let kept: Kept
        do throws(StoreFailure) {
            kept = try await store.connect(
                imported.grant.connection, flow: id, began: imported.began, for: owner, from: .agent(agent.name),
                requestID: requestID, now: clock(), seals: Seals(keys: keys, random: random)
            ) { [keys, random] field in
                try keys.current.seal(imported.grant.token, as: field, random: random)
            }
        } catch {
            report(error, during: "import")
            if error.mayPass { imports.hold(imported, as: id, now: clock().uptime) }
            throw ImportFailure(.failed(.storageUnavailable), cause: "\(error)")
        }
        imports.drop(id)
        switch kept {
        case .connected(let user, let generation):
            // Not that the app is alive: the token may be another app's.
            renewals.bell.ring()
            log.info(
                "imported", metadata: ["user": "\(user)", "generation": "\(generation)", "agent": "\(agent.name)"])
            return .connected
        case .refused(let error):
            throw ImportFailure(.failed(error), cause: "another user or account, let go or connected meanwhile")
        }
    }

    // MARK: Steps

    private func stored<Value>(
        _ step: StaticString, _ work: () async throws(StoreFailure) -> Value
    ) async throws(ImportFailure) -> Value {
        do throws(StoreFailure) {
            return try await work()
        } catch {
            report(error, during: step)
            throw ImportFailure(.failed(.storageUnavailable), cause: "\(error)")
        }
    }

    private func markSent(_ id: FlowID) async throws(ImportFailure) {
        try await stored("import") { () throws(StoreFailure) in
            try await store.markSent(import: id, now: clock().uptime)
        }
    }

    /// The import's place among imports, and its first turn.
    private func place() async throws(ImportFailure) {
        try proveOpen()
        let now = renewals.pause.now()
        switch imports.begin(at: now) {
        case .failure(let later):
            throw ImportFailure(.failed(.busy, retryAfter: later.seconds), cause: "no turn for an import")
        case .success(let wait):
            guard await renewals.wait(until: now + wait) else {
                throw ImportFailure(.failed(.busy), cause: "stopping")
            }
        }
        try await turn(atMost: Imports.patience)
    }

    /// A turn of the calls that nobody waits for, in their order.
    private func turn(atMost patience: Duration) async throws(ImportFailure) {
        guard await renewals.turn(atMost: patience) else {
            let wait = renewals.pace.withLock { $0.wait(at: renewals.pause.now()) }
            throw ImportFailure(.failed(.busy, retryAfter: Later(after: wait - patience).seconds), cause: "no turn")
        }
        try proveOpen()
    }

    /// Instagram does not limit the app.
    private func proveOpen() throws(ImportFailure) {
        guard let wait = [renewals.appWait(), imports.wait(at: now())].compactMap(\.self).max() else { return }
        throw ImportFailure(.failed(.providerUnavailable, retryAfter: Int(wait)), cause: "the app is limited")
    }

    private func asked<Value>(
        of user: String, otherwise: ErrorCode, _ call: () async throws(InstagramFailure) -> Value
    ) async throws(ImportFailure) -> Value {
        do throws(InstagramFailure) {
            let value = try await call()
            imports.succeeded(at: now())
            return value
        } catch {
            throw failure(error, of: user, otherwise: otherwise)
        }
    }

    /// Said of the token alone. Whatever somebody imports, the app's own health is what its own accounts say.
    private func failure(_ failure: InstagramFailure, of user: String, otherwise: ErrorCode) -> ImportFailure {
        let cause = "\(failure)"
        if let refusal = TokenRefusal(failure) { return ImportFailure(.refused(refusal), cause: cause) }
        let judgement = renewals.judge(failure)
        let told = FlowFailure(failure, otherwise: otherwise)
        var retryAfter = told.retryAfter
        switch judgement {
        case .limited(.app, _):
            imports.limited(judgement, of: user, at: now(), chance: random.chance())
            retryAfter = imports.wait(at: now()).map { Int($0) }
        case .limited(.account, let seconds):
            retryAfter = Int(RenewalRule.limited(seconds: seconds, chance: random.chance()))
        default: break
        }
        return ImportFailure(.failed(told.code, retryAfter: retryAfter), cause: cause)
    }

    private static func answer(_ refusal: TokenRefusal, to request: Request) -> Answer {
        var text = JSONText()
        text.add("status", "error")
        text.add("error", ErrorCode.tokenRefused.publicCode)
        text.add("message", refusal.message)
        text.add("reason", refusal.rawValue)
        text.add("request_id", request.id)
        var answer = Answer.json(text.finished(), status: ErrorCode.tokenRefused.status)
        answer.error = .tokenRefused
        return answer
    }
}

/// Why an import did not succeed: what the agent hears, and what the journal says.
private struct ImportFailure: Error {
    let ending: ImportEnding
    let cause: String

    init(_ ending: ImportEnding, cause: String) {
        self.ending = ending
        self.cause = cause
    }
}

extension ImportEnding {
    fileprivate var word: String {
        switch self {
        case .connected: "connected"
        case .failed(let error, _): error.rawValue
        case .refused(let refusal): "\(ErrorCode.tokenRefused.rawValue) \(refusal.rawValue)"
        }
    }
}
