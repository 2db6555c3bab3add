// SPDX-License-Identifier: MIT
import HTTPTypes
import Logging
import Vault

extension Site {
    /// What a link's flow connected, sealed and for nobody yet.
    func keepUnclaimed(
        _ grant: Grant, by link: FlowTicket.Link, for user: String, of ticket: FlowTicket
    ) async -> FlowEnding {
        let unclaimed = Unclaimed(
            connection: grant.connection, agent: link.agent, user: user, switchesAccount: ticket.switchesAccount,
            began: ticket.generation)
        do throws(StoreFailure) {
            let refusal = try await store.keep(
                unclaimed, claimedBy: link.claim.hash, flow: ticket.id, now: clock(),
                seals: Seals(keys: keys, random: random)
            ) { [keys, random] field in
                try keys.current.seal(grant.token, as: field, random: random)
            }
            if let refusal {
                log.notice(
                    "flow failed",
                    metadata: ["error": "\(refusal.rawValue)", "cause": "another user or account, or let go meanwhile"])
                return .failed(refusal)
            }
            log.info("unclaimed", metadata: ["user": "\(user)", "agent": "\(link.agent)"])
            return .unclaimed
        } catch {
            report(error, during: "unclaimed")
            return .failed(.storageUnavailable)
        }
    }

    /// The answer to a link's flow: the browser carries the claim to the application. Behind `#`, which no server sees and
    /// no log has.
    func unclaimed(_ ticket: FlowTicket, of request: Request) -> Answer {
        let place = url(ticket.returnTo ?? settings.after)
        guard let claim = ticket.link?.claim.text else { return refusal(.internalError, of: request) }
        guard !request.wantsPage else { return .seeOther(place + "#instagram_claim=" + claim) }
        var text = JSONText()
        text.add("status", "success")
        text.add("message", "Instagram is connected, and waits to be claimed.")
        text.add("instagram_claim", claim)
        text.add("return_to", url: place)
        return .json(text.finished())
    }

    /// `POST /agent/v1/claims`: the application says that its own user came back with the claim. One answer for all that
    /// are none: unknown, used, too old, another user's, another agent's.
    func claim(_ request: Request, _ agent: Agent) async throws(ErrorCode) -> Answer {
        let body = try AgentBody(request, knowing: ["claim", "user"])
        guard let text = try body.text("claim"), let user = try body.text("user"), RemoteUser.isName(user) else {
            throw .invalidRequest
        }
        guard agent.mayServe(user) else { throw .notFound }
        guard let claim = OneTimeSecret(text) else { throw .invalidState }
        let kept = try await storage("claim") { () throws(StoreFailure) in
            try await store.take(
                claim: claim.hash, agent: agent.name, user: user, requestID: request.id, now: clock(),
                seals: Seals(keys: keys, random: random))
        }
        switch kept {
        case .connected(let user, let generation):
            await renewals.connected()
            log.info(
                "connected", metadata: ["user": "\(user)", "generation": "\(generation)", "agent": "\(agent.name)"])
            let row = try await storage("claim") { () throws(StoreFailure) in
                try await store.reread(store.user(user), without: keys)
            }
            // Let go since.
            guard let row else { throw .interrupted }
            return agentStatus(row)
        case .refused(let error):
            log.notice("claim failed", metadata: ["user": "\(user)", "error": "\(error.rawValue)"])
            throw error
        case nil:
            log.notice("claim failed", metadata: ["user": "\(user)", "error": "\(ErrorCode.invalidState.rawValue)"])
            throw .invalidState
        }
    }
}
