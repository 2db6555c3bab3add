// SPDX-License-Identifier: MIT
import HTTPTypes

extension Site {
    /// `GET /auth/instagram/callback`: finishes a flow. Nothing reaches Instagram before the flow is proven to be this
    /// browser's, and nobody hears "connected" before the commit.
    func callback(_ request: Request) async -> Answer {
        var success = CallbackOutcome.connected
        let answer = await answerCallback(request, success: &success)
        store.metrics.callback(
            answer.isBetterLeft ? CallbackOutcome.left : answer.error?.publicCode ?? success)
        return answer
    }

    private func answerCallback(_ request: Request, success: inout String) async -> Answer {
        if request.isPrefetch { return refusal(.busy, of: request) }
        let cookies = CookieHeader(request.head.headerFields[.cookie])
        let now = clock()
        let user: RemoteUser?
        let parameters: CallbackParameters
        let found: FlowTicket?
        do throws(ErrorCode) {
            parameters = try CallbackParameters(request.query)
            found = parameters.state.flatMap {
                FlowCookies(cookies, keyring: keyring, origins: settings.allowedOrigins, now: now).ticket(state: $0)
            }
            // A link's flow belongs to the browser that pressed its button, whoever is signed in there.
            user = found?.link == nil ? try remoteUser(request) : nil
        } catch {
            return failure(error, ticket: nil, of: request)
        }
        // Instagram may leave the state out when a person says no. Nothing is looked up and nothing changes.
        if parameters.state == nil, case .refused(let error)? = parameters.decision {
            return failure(error, ticket: nil, of: request)
        }
        guard let ticket = found, ticket.isOf(user) else { return failure(.invalidState, ticket: nil, of: request) }
        // Not spent: whoever comes with the code may still finish this flow.
        guard let decision = parameters.decision else { return failure(.missingCode, ticket: ticket, of: request) }

        let ending = await flows.finish(ticket.id, decisionHash: decision.hash(with: ticket.id)) {
            await finish(ticket, decision, requestID: request.id)
        }
        switch ending {
        case .connected(let user, let generation):
            return await connected(user, generation: generation, ticket: ticket, of: request)
        case .unclaimed:
            success = CallbackOutcome.unclaimed
            return unclaimed(ticket, of: request)
        case .failed(let error, let retryAfter):
            return failure(error, retryAfter: retryAfter, ticket: ticket, of: request)
        case .lost:
            // A page gets a new flow at once, but only once in a row: what fails twice is told.
            guard request.wantsPage, !ticket.isRestart else {
                return failure(.interrupted, ticket: ticket, of: request)
            }
            success = CallbackOutcome.restarted
            return begin(ticket.restarted(at: now, random: random), of: request, wantsPage: true)
        case .left:
            var answer = failure(.busy, ticket: ticket, of: request)
            answer.isBetterLeft = true
            return answer
        }
    }

    /// The answer to a success: from the row as it is now, also for a repeat.
    private func connected(
        _ userID: String, generation: Int64, ticket: FlowTicket, of request: Request
    ) async -> Answer {
        let sessionID = Session.id(of: ticket.id)
        let (user, hasEnded): (User?, Bool)
        do throws(StoreFailure) {
            (user, hasEnded) = try await store.user(userID, session: sessionID, generation: generation)
        } catch {
            return failure(.storageUnavailable, ticket: ticket, of: request)
        }
        // Sessions of this user were ended after this flow: it brings none back.
        guard let user, generation > user.sessionEpoch, let account = user.instagramUserID else {
            return failure(.invalidState, ticket: nil, of: request)
        }
        let answer: Answer
        if request.wantsPage {
            // The fragment is explicit, because Instagram adds `#_`, which a browser would carry over otherwise
            // (RFC 9110, section 10.2.2).
            answer = .seeOther(url(ticket.returnTo ?? settings.after) + "#instagram=connected")
        } else {
            var body = JSONText()
            body.add("status", "success")
            body.add("message", "Instagram is connected.")
            body.add("instagram_user_id", account)
            body.add("instagram_username", user.instagramUsername)
            answer = .json(body.finished())
        }
        guard ticket.user == nil else { return answer }
        // A repeat after a sign-out, or after a later flow, tells the outcome and leaves the browser as it is.
        if hasEnded { return answer }
        // The same in every repeat, unless the clock was set meanwhile: then the session would begin in the future or
        // long ago.
        let now = now()
        let issuedAt = ticket.issuedAt.time
        let beganAt = (0...FlowTicket.lifetime).contains(now - issuedAt) ? issuedAt : now
        let session = Session(
            id: sessionID, user: user.id, epoch: user.sessionEpoch, generation: generation, beganAt: beganAt,
            seenAt: beganAt)
        await endReplacedSession(of: request, by: session)
        return answer.setting([session.cookie(keyring, now: now)])
    }

    /// Who connects is signed in anew; the session before it stops working, also for a copy of its cookie (checklist 27).
    private func endReplacedSession(of request: Request, by session: Session) async {
        let now = now()
        let cookies = CookieHeader(request.head.headerFields[.cookie])
        guard let old = Session(cookies, keyring: keyring, now: now), old.id != session.id else { return }
        do throws(StoreFailure) {
            try await store.end(old, now: now)
        } catch {
            // The account is connected all the same; the old session ends by its own time.
            report(error, during: "sign-in")
        }
    }

    /// A page never answers itself, so that the code leaves the address bar.
    private func failure(
        _ error: ErrorCode, retryAfter: Int? = nil, ticket: FlowTicket?, of request: Request
    ) -> Answer {
        guard request.wantsPage else { return .failure(error, requestID: request.id, retryAfter: retryAfter) }
        let target = ticket.map { $0.returnTo ?? settings.after } ?? Self.settingsPath
        let permission = error.missingPermission.map { "&instagram_permission=\($0.rawValue)" } ?? ""
        let location =
            url(target.adding("instagram_error", error.publicCode))
            + "\(permission)&request_id=\(request.id)#instagram=failed"
        var answer = Answer.seeOther(location)
        answer.error = error
        return answer
    }
}
