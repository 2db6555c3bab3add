// SPDX-License-Identifier: MIT
import FoundationEssentials
import GRDB

/// What the database says of a flow that a callback wants to finish.
enum Claim: Sendable, Equatable {
    /// Ours to finish; nothing was sent yet.
    case ours
    /// The code was sent, and whoever sent it did not tell how it ended.
    case sent
    case connected(user: String, generation: Int64)
    /// Connected by a link, and to be claimed by who made it.
    case unclaimed
    /// `retryAfter`: seconds that are left of the wait that Instagram asked for.
    case failed(ErrorCode, retryAfter: Int?)
    /// Claimed before, with another code.
    case otherDecision
}

extension Store {
    /// Seconds that a flow is remembered after its callback, on the clock that its cookie is measured with and for longer:
    /// whatever somebody does with the time of day, no row goes before its cookie.
    static let remembered: Int64 = 900
    /// The outcome of a flow that left something to be claimed.
    static let unclaimed = "unclaimed"

    /// Claims a flow for one callback (checklist 5: a state counts once). What a dead process claimed without sending
    /// anything goes on with its code; a live one is waited for in memory and never asked for here.
    func claim(_ id: FlowID, decisionHash: [UInt8], now: Uptime) async throws(StoreFailure) -> Claim {
        try await write { db in
            try Self.forgetFlows(now: now, db)
            let row = try Row.fetchOne(
                db.cachedStatement(
                    sql: "SELECT * FROM flows WHERE id = ?"),
                arguments: [id.data])
            guard let row else {
                try db.cachedStatement(
                    sql: "INSERT INTO flows (id, phase, decision_hash, forget_at_uptime) VALUES (?, 'claimed', ?, ?)"
                ).execute(arguments: [id.data, Data(decisionHash), (now + Self.remembered).bits])
                return .ours
            }
            guard row["decision_hash"] as Data == Data(decisionHash) else { return .otherDecision }
            switch row["phase"] as String {
            case "claimed": return .ours
            case "sent": return .sent
            default:
                if let user = row["user"] as String?, let generation = row["generation"] as Int64? {
                    return .connected(user: user, generation: generation)
                }
                if row["outcome"] as String? == Self.unclaimed { return .unclaimed }
                let left = (row["retry_at_uptime"] as Int64?).flatMap { Uptime(bits: $0).seconds(since: now) }
                return .failed(
                    (row["outcome"] as String?).flatMap(ErrorCode.init(rawValue:)) ?? .internalError,
                    retryAfter: left.flatMap { $0 > 0 ? Int($0) : nil })
            }
        }
    }

    /// Those whose time is over. No cookie of another boot is good any more.
    static func forgetFlows(now: Uptime, _ db: Database) throws {
        try db.cachedStatement(sql: "DELETE FROM flows WHERE forget_at_uptime < ? OR forget_at_uptime > ?")
            .execute(arguments: [now.bits, now.boot.upperBound])
    }

    /// Committed before the first byte of the exchange leaves: from here on the code is spent, whatever happens.
    func markSent(_ id: FlowID) async throws(StoreFailure) {
        try await write { db in
            try db.cachedStatement(sql: "UPDATE flows SET phase = 'sent' WHERE id = ? AND phase = 'claimed'")
                .execute(arguments: [id.data])
            guard db.changesCount == 1 else { throw StoreFailure.unreadable }
        }
    }

    /// Only for a code of which provably no byte was sent.
    func unmarkSent(_ id: FlowID) async throws(StoreFailure) {
        try await write { db in
            try db.cachedStatement(sql: "UPDATE flows SET phase = 'claimed' WHERE id = ? AND phase = 'sent'")
                .execute(arguments: [id.data])
        }
    }

    /// A flow that connected nothing.
    func end(_ id: FlowID, as error: ErrorCode, retryAt: Uptime? = nil) async throws(StoreFailure) {
        try await write { db in try Self.end(id, as: error, retryAt: retryAt, db) }
    }

    static func end(_ id: FlowID, as error: ErrorCode, retryAt: Uptime? = nil, _ db: Database) throws {
        try db.cachedStatement(
            sql: "UPDATE flows SET phase = 'done', outcome = ?, retry_at_uptime = ? WHERE id = ? AND phase <> 'done'"
        ).execute(arguments: [error.rawValue, retryAt?.bits, id.data])
    }
}

extension FlowID {
    var data: Data { Data(bytes) }
}
