// SPDX-License-Identifier: MIT
import GRDB

/// What is written down for later questions: who had to do with an account, and when. Never a token, a code or a key.
struct AuditEntry: Sendable {
    enum Action: String, Sendable, CaseIterable {
        case connect
        case signIn = "sign-in"
        case signOut = "sign-out"
        case disconnect, deauthorize, delete
        case handOut = "hand-out"
        case refused, reload
        case imported = "import"
    }

    var action: Action
    var user: String?
    var agent: String?
    var reason: String?
    var generation: Int64?
    var requestID: String?
}

extension Store {
    /// A user who was deleted meanwhile is not named.
    ///
    /// - Parameter isOfSomeone: The entry's user is a random id.
    static func audit(_ entry: AuditEntry, isOfSomeone: Bool = false, now: UnixTime, _ db: Database) throws {
        try db.cachedStatement(
            sql: """
                INSERT INTO audit (at, action, user, agent, reason, generation, request_id) VALUES (:now, :action,
                    CASE WHEN :isOfSomeone OR EXISTS (SELECT 1 FROM users WHERE id = :user) THEN :user END,
                    :agent, :reason, :generation, :request)
                """
        ).execute(
            arguments: [
                "now": now.seconds, "action": entry.action.rawValue, "isOfSomeone": isOfSomeone, "user": entry.user,
                "agent": entry.agent, "reason": entry.reason, "generation": entry.generation,
                "request": entry.requestID,
            ])
    }

    func audit(_ entry: AuditEntry, now: UnixTime) async throws(StoreFailure) {
        try await write { db in try Self.audit(entry, now: now, db) }
    }

    func audit(_ handOuts: [HandOut: Int], now: UnixTime) async throws(StoreFailure) {
        try await write { db in try Self.audit(handOuts, requestID: nil, now: now, db) }
    }

    /// Hand-outs of one agent, user, generation and hour are one row with a number. Those of a user who was deleted
    /// meanwhile name nobody.
    static func audit(_ handOuts: [HandOut: Int], requestID: String?, now: UnixTime, _ db: Database) throws {
        for (handOut, times) in handOuts {
            try db.cachedStatement(
                sql: """
                    INSERT INTO audit (at, action, user, agent, generation, request_id, hour, times)
                    VALUES (:now, 'hand-out', (SELECT id FROM users WHERE id = :user), :agent, :generation, :request,
                        :hour, :times)
                    ON CONFLICT (agent, user, generation, hour) WHERE action = 'hand-out'
                    DO UPDATE SET times = times + excluded.times
                    """
            ).execute(
                arguments: [
                    "now": now.seconds, "user": handOut.user, "agent": handOut.agent,
                    "generation": handOut.generation, "request": requestID, "hour": handOut.hour, "times": times,
                ])
        }
    }
}
