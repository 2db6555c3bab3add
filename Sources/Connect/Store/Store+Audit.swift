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
    }

    let action: Action
    var user: String?
    var agent: String?
    var reason: String?
    var generation: Int64?
    var requestID: String?
}

extension Store {
    static func audit(_ entry: AuditEntry, now: UnixTime, _ db: Database) throws {
        try db.cachedStatement(
            sql: """
                INSERT INTO audit (at, action, user, agent, reason, generation, request_id) VALUES (?, ?, ?, ?, ?, ?, ?)
                """
        ).execute(
            arguments: [
                now.seconds, entry.action.rawValue, entry.user, entry.agent, entry.reason, entry.generation,
                entry.requestID,
            ])
    }

    func audit(_ entry: AuditEntry, now: UnixTime) async throws(StoreFailure) {
        try await write { db in try Self.audit(entry, now: now, db) }
    }

    func audit(_ handOuts: [HandOut: Int], now: UnixTime) async throws(StoreFailure) {
        try await write { db in try Self.audit(handOuts, requestID: nil, now: now, db) }
    }

    /// Hand-outs of one agent, user, generation and hour are one row with a number.
    static func audit(_ handOuts: [HandOut: Int], requestID: String?, now: UnixTime, _ db: Database) throws {
        for (handOut, times) in handOuts {
            try db.cachedStatement(
                sql: """
                    INSERT INTO audit (at, action, user, agent, generation, request_id, hour, times)
                    VALUES (?, 'hand-out', ?, ?, ?, ?, ?, ?)
                    ON CONFLICT (agent, user, generation, hour) WHERE action = 'hand-out'
                    DO UPDATE SET times = times + excluded.times
                    """
            ).execute(
                arguments: [
                    now.seconds, handOut.user, handOut.agent, handOut.generation, requestID, handOut.hour, times,
                ])
        }
    }
}
