// SPDX-License-Identifier: MIT
import Instagram
import Vault

extension Site {
    /// `POST .../token/refused`: an agent could not use a token. Instagram is asked, and the state changes only on what
    /// it says.
    func refused(_ request: Request, _ found: User, _ agent: Agent) async throws(ErrorCode) -> Answer {
        let tokenID = try AgentBody(request, knowing: ["token_id"]).text("token_id")
        guard let generation = tokenID.flatMap(Int64.init(digits:)) else { throw .invalidRequest }
        // A key that is dropped while it is looked at is none that the row misses.
        var known = keyring.ids
        let user = try await reread(found)
        let verdict: RefusedVerdict
        if generation != user.generation {
            verdict = .superseded
        } else if StatusObject(user, keys: known + keyring.ids, now: now()).isConnected {
            verdict = await renewals.refused(user, by: agent.name, requestID: request.id)
        } else {
            verdict = .dead
        }
        known = keyring.ids
        let now = try await storage("refused") { () throws(StoreFailure) in
            try await store.reread(store.user(user.id), without: keys)
        }
        var answer = JSONText()
        answer.add("status", "success")
        answer.add("state", StatusObject(now, keys: known + keyring.ids, now: self.now()).state.rawValue)
        answer.add("verdict", verdict.rawValue)
        return .json(answer.finished())
    }
}
