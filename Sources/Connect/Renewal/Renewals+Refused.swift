// SPDX-License-Identifier: MIT
import Instagram
import Synchronization

/// What is known of a token that an agent could not use.
enum RefusedVerdict: String, Sendable {
    /// Instagram takes it.
    case good
    /// It does not work, and the person has to do something.
    case dead
    /// Instagram did not say.
    case unknown
    /// It is not the present token.
    case superseded
}

/// What Instagram said last of each token, so that it is asked once a minute at most.
final class Askings: Sendable {
    private static let bound = 10_000

    private struct Asked {
        let generation: Int64
        let at: Duration
        let verdict: RefusedVerdict
    }

    let flights = SingleFlight<RefusedVerdict>()
    private let asked = Mutex<[String: Asked]>([:])

    func verdict(on user: User, at now: Duration) -> RefusedVerdict? {
        asked.withLock { asked in
            guard let last = asked[user.id], last.generation == user.generation, now - last.at < .seconds(60) else {
                return nil
            }
            return last.verdict
        }
    }

    func note(_ verdict: RefusedVerdict, on user: User, at now: Duration) {
        asked.withLock { asked in
            if asked.count >= Self.bound { asked = asked.filter { now - $0.value.at < .seconds(60) } }
            guard asked.count < Self.bound else { return }
            asked[user.id] = Asked(generation: user.generation, at: now, verdict: verdict)
        }
    }
}

extension Renewals {
    /// Asks Instagram whether a token works that an agent could not use. Agents may be wrong: the state changes only on
    /// what Instagram says.
    func refused(_ user: User, by agent: String, requestID: String) async -> RefusedVerdict {
        let verdict = await askings.flights.run("\(user.generation) \(user.id)") {
            if let known = askings.verdict(on: user, at: pause.now()) { return known }
            guard let verdict = await ask(user) else { return .unknown }
            askings.note(verdict, on: user, at: pause.now())
            let entry = AuditEntry(
                action: .refused, user: user.id, agent: agent, reason: verdict.rawValue, generation: user.generation,
                requestID: requestID)
            do throws(StoreFailure) { try await store.audit(entry, now: now()) } catch {
                report(error, during: "refused")
            }
            return verdict
        }
        return verdict ?? .unknown
    }

    /// nil: nobody was asked.
    private func ask(_ user: User) async -> RefusedVerdict? {
        guard let token = await token(of: user), appWait() == nil, await turn(atMost: .seconds(5)) else { return nil }
        do throws(InstagramFailure) {
            _ = try await instagram.profile(token)
            await succeeded()
            return .good
        } catch {
            guard case .lost(let loss) = await judge(error, of: user), believes(loss) else { return .unknown }
            do throws(StoreFailure) {
                try await lose(user, loss)
            } catch {
                report(error, during: "refused")
                return .unknown
            }
            bell.ring()
            return .dead
        }
    }
}
