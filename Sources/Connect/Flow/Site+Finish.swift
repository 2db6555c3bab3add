// SPDX-License-Identifier: MIT
import Instagram
import Logging
import Vault

extension Site {
    /// The work of one flow, in the order that loses nothing: claim, say that the code goes out, exchange it, extend
    /// the token, ask whose it is, compare what was granted, seal and keep.
    func finish(
        _ ticket: FlowTicket, _ decision: CallbackParameters.Decision, requestID: String
    ) async -> FlowEnding {
        let id = ticket.id
        do throws(StoreFailure) {
            switch try await store.claim(id, decisionHash: decision.hash(with: id), now: clock().uptime) {
            case .ours: break
            case .sent: return .lost
            case .connected(let user, let generation): return .connected(user: user, generation: generation)
            case .unclaimed: return .unclaimed
            case .failed(let error, let retryAfter): return .failed(error, retryAfter: retryAfter)
            case .otherDecision: return .failed(.invalidState)
            }
        } catch {
            report(error, during: "claim")
            return .failed(.storageUnavailable)
        }
        switch decision {
        case .refused(let error):
            await end(id, as: error)
            return .failed(error)
        case .allowed(let code):
            do throws(StoreFailure) {
                try await store.markSent(id)
            } catch {
                report(error, during: "sent")
                return .failed(.storageUnavailable)
            }
            return await connect(ticket, code, requestID: requestID)
        }
    }

    /// The outcome for a repeat. Where it cannot be kept, the visitor hears it all the same.
    private func end(_ id: FlowID, as error: ErrorCode, retryAfter: Int? = nil) async {
        do throws(StoreFailure) {
            try await store.end(id, as: error, retryAt: retryAfter.map { clock().uptime + Int64($0) })
        } catch {
            report(error, during: "end")
        }
    }

    /// From the moment that the code goes out.
    private func connect(
        _ ticket: FlowTicket, _ code: AuthorizationCode, requestID: String
    ) async -> FlowEnding {
        let grant: Grant
        do throws(FlowFailure) {
            grant = try await granted(code)
        } catch {
            log.notice("flow failed", metadata: ["error": "\(error.code.rawValue)", "cause": "\(error.cause)"])
            if error.isUnspent {
                // No byte left this machine: a repeat goes on with the code.
                do throws(StoreFailure) { try await store.unmarkSent(ticket.id) } catch {
                    report(error, during: "unsent")
                }
            } else if error.code != .interrupted {
                // Stopped in the middle: nobody knows whether the code was used, so that one stays `sent`.
                await end(ticket.id, as: error.code, retryAfter: error.retryAfter)
            }
            return .failed(error.code, retryAfter: error.retryAfter)
        }
        if let link = ticket.link, let user = ticket.user {
            return await keepUnclaimed(grant, by: link, for: user, of: ticket)
        }
        do throws(StoreFailure) {
            let owner: Owner =
                ticket.user.map { .user($0, switchesAccount: ticket.switchesAccount) }
                ?? .account(newUser: random.newID())
            let kept = try await store.connect(
                grant.connection, flow: ticket.id, began: ticket.generation, for: owner, requestID: requestID,
                now: clock(), seals: Seals(keys: keys, random: random)
            ) { [keys, random] field in
                try keys.current.seal(grant.token, as: field, random: random)
            }
            switch kept {
            case .connected(let user, let generation):
                await renewals.connected()
                log.info("connected", metadata: ["user": "\(user)", "generation": "\(generation)"])
                return .connected(user: user, generation: generation)
            case .refused(let error):
                log.notice(
                    "flow failed",
                    metadata: ["error": "\(error.rawValue)", "cause": "another user or account, or let go meanwhile"])
                return .failed(error)
            }
        } catch {
            report(error, during: "connect")
            return .failed(.storageUnavailable)
        }
    }
}
