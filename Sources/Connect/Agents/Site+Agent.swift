// SPDX-License-Identifier: MIT
import HTTPTypes

extension Site {
    /// The routes of agents. Who asks comes first; a user that an agent may not ask for is nowhere.
    func answerAgent(_ request: Request, at route: MatchedRoute) async -> Answer {
        guard let agent = agents.current.agent(presenting: request.head.headerFields[.authorization]) else {
            var answer = Answer.failure(.unauthorized, requestID: request.id)
            answer.fields[.wwwAuthenticate] = "Bearer"
            return answer
        }
        do throws(ErrorCode) {
            switch route.endpoint {
            case .agentUsers: return try await users(request, agent)
            case .agentEvents: return try await events(request, agent)
            case .agentUser, .agentAccount:
                return agentStatus(try await user(route, agent))
            case .agentUserToken, .agentAccountToken:
                return try await handOut(request, try await user(route, agent), agent)
            case .agentUserRefused, .agentAccountRefused:
                return try await refused(request, try await user(route, agent), agent)
            case .agentUserConnect: return try await link(request, for: route.parameter, agent)
            case .agentClaims: return try await claim(request, agent)
            case .agentUserImport: return try await importToken(request, for: route.parameter, agent)
            case .agentUserDisconnect: return try await disconnect(request, try await user(route, agent), agent)
            default: throw .notFound
            }
        } catch {
            return .failure(error, requestID: request.id)
        }
    }

    /// The user that a route names, by their own name or by their account's id.
    private func user(_ route: MatchedRoute, _ agent: Agent) async throws(ErrorCode) -> User {
        let user = try await storage("agent") { () throws(StoreFailure) in
            let found =
                route.endpoint.rawValue.hasPrefix("/agent/v1/users")
                ? try await store.user(route.parameter) : try await store.user(account: route.parameter)
            return try await store.reread(found, without: keys)
        }
        guard let user, agent.mayServe(user.id) else { throw .notFound }
        return user
    }

    /// The user's status, with their name.
    func agentStatus(_ user: User) -> Answer {
        var text = JSONText()
        text.add("status", "success")
        text.add("user", user.id)
        StatusObject(user, keyring: keyring, now: now()).write(to: &text)
        return .json(text.finished())
    }

    /// What the database could not do is told in the journal, and is 503 for the agent.
    func storage<Value>(
        _ step: StaticString, _ work: () async throws(StoreFailure) -> Value
    ) async throws(ErrorCode) -> Value {
        do throws(StoreFailure) {
            return try await work()
        } catch {
            report(error, during: step)
            throw .storageUnavailable
        }
    }
}
