// SPDX-License-Identifier: MIT
import FoundationEssentials
import GRDB
import Vault

/// What Meta asks for, verified: that an account be let go, or that all about it be deleted.
struct SignedOrder: Sendable {
    enum Kind: String, Sendable {
        case deauthorize
        case delete
    }

    let kind: Kind
    /// Of kind and payload: the same order has the same. What is kept is a MAC of it.
    let id: String
    /// App-scoped, or the account's.
    let account: String
    let issuedAt: UnixTime
    /// SHA-256 of a deletion's confirmation code.
    let codeHash: [UInt8]?
}

/// What an order did; nil where it changed nothing.
struct Obeyed: Sendable {
    /// nil: only what was written down was erased.
    let user: String?
    let departure: Departure?
}

/// What is known of a deletion by its confirmation code.
struct DeletionRecord: Sendable {
    let receivedAt: UnixTime
    /// nil: it is under way.
    let doneAt: UnixTime?
    /// nil: the account was connected again after the request was made, so it was left alone.
    let erased: [ErasedKind]?
}

extension Store {
    /// Seconds that an order may have been issued before a connection and still mean it: clocks differ.
    private static let skew: Int64 = 60

    /// Does what Meta asks for, once. What was asked before, before the account was connected last, or longer ago than
    /// orders are remembered, changes nothing.
    func obey(
        _ order: SignedOrder, requestID: String, now: Moment, seals: Seals
    ) async throws(StoreFailure) -> Obeyed? {
        let (obeyed, _, _): (Obeyed?, [Event.Kind], Int64) = try await write { db in
            let ids = seals.keys.current.marks(of: "order " + order.id)
            if try Self.isKnown(order, ids, now: now.time, db) { return (nil, [], 0) }
            let generation = try self.nextGeneration(db)
            let user = try Self.user(ofMeta: order.account, db)
            let isStale =
                order.issuedAt.seconds < now.time.seconds - Self.auditKept
                || user?.connectedAt.map { connectedAt in
                    // One that lies ahead was written by a clock that was wrong: it says nothing.
                    connectedAt <= now.time && order.issuedAt - connectedAt < -Self.skew
                } ?? false
            var told: [Event.Kind] = []
            var departure: Departure?
            var erased: [ErasedKind]? = isStale ? nil : []
            if !isStale {
                let marks = user.map { Self.marks($0.id, $0) } ?? []
                let hadClaim = try self.mark(
                    marks + [.account(order.account)], generation: generation, now: now.uptime, seals: seals, db)
                switch (order.kind, user) {
                case (.deauthorize, let user?):
                    departure = try Self.depart(
                        user, as: .deauthorize, generation: generation, now: now.time, seals: seals, told: &told, db)
                    if departure != nil {
                        try Self.clear(user.id, keepsAccount: true, generation: generation, now: now.time, db)
                        let entry = AuditEntry(
                            action: .deauthorize, user: user.id, generation: generation, requestID: requestID)
                        try Self.audit(entry, now: now.time, db)
                    }
                case (.delete, let user?):
                    let entry = AuditEntry(action: .delete, reason: "meta", requestID: requestID)
                    let done = try Self.delete(
                        user, entry: entry, generation: generation, now: now, seals: seals, db)
                    (departure, erased) = (done.departure, done.erased)
                    told.append(.deleted)
                case (.delete, nil):
                    erased = try Self.delete(
                        former: order.account, hadClaim: hadClaim, generation: generation, now: now.time, seals: seals,
                        db)
                case (.deauthorize, nil): break
                }
            }
            try Self.remember(order, ids[0], erased, now.time, db)
            try db.execute(
                sql: "UPDATE letting_go SET request = ? WHERE generation = ?", arguments: [Data(ids[0]), generation])
            guard departure != nil || !(erased ?? []).isEmpty else { return (nil, told, generation) }
            return (Obeyed(user: user?.id, departure: departure), told, generation)
        } then: { obeyed, told, generation in
            self.left(obeyed?.user, generation: generation, told)
        }
        return obeyed
    }

    /// Whether this was asked for before. One that another secret signed has another code, and leads to the same page.
    private static func isKnown(_ order: SignedOrder, _ ids: [[UInt8]], now: UnixTime, _ db: Database) throws -> Bool {
        let known = try ids.compactMap { id in
            try Row.fetchOne(
                db.cachedStatement(sql: "SELECT * FROM signed_requests WHERE id = ?"), arguments: [Data(id)])
        }.first
        guard let known else { return false }
        if let code = order.codeHash, known["code"] as Data? != Data(code) {
            try db.execute(
                sql: "INSERT OR IGNORE INTO signed_requests (id, code, received_at, same_as) VALUES (?, ?, ?, ?)",
                arguments: [Data(code), Data(code), now.seconds, known["id"] as Data])
        }
        return true
    }

    private static func remember(
        _ order: SignedOrder, _ id: [UInt8], _ erased: [ErasedKind]?, _ now: UnixTime, _ db: Database
    ) throws {
        try db.execute(
            sql: "DELETE FROM signed_requests WHERE received_at < ?", arguments: [now.seconds - auditKept])
        try db.execute(
            sql: "INSERT INTO signed_requests (id, code, received_at, done_at, erased) VALUES (?, ?, ?, ?, ?)",
            arguments: [
                Data(id), order.codeHash.map { Data($0) }, now.seconds,
                erased?.isEmpty ?? true ? now.seconds : nil,
                erased?.map(\.rawValue).joined(separator: ","),
            ])
    }

    /// The row that Meta means: by the app-scoped id first, as its text says, then by the account's.
    private static func user(ofMeta id: String, _ db: Database) throws -> User? {
        for column in ["instagram_app_scoped_id", "instagram_user_id"] {
            let row = try Row.fetchOne(
                db.cachedStatement(sql: "SELECT * FROM users WHERE \(column) = ?"), arguments: [id])
            if let row { return User(row) }
        }
        return nil
    }

    func deletion(codeHash: [UInt8]) async throws(StoreFailure) -> DeletionRecord? {
        try await read { db in
            let row = try Row.fetchOne(
                db.cachedStatement(
                    sql: """
                        SELECT first.* FROM signed_requests AS asked
                        JOIN signed_requests AS first ON first.id = coalesce(asked.same_as, asked.id)
                        WHERE asked.code = ?
                        """), arguments: [Data(codeHash)])
            return row.map { row in
                DeletionRecord(
                    receivedAt: UnixTime(row["received_at"]), doneAt: (row["done_at"] as Int64?).map(UnixTime.init),
                    erased: (row["erased"] as String?)?.split(separator: ",")
                        .compactMap { ErasedKind(rawValue: String($0)) })
            }
        }
    }

    /// Erases a user at the word of an operator.
    func delete(
        _ id: String, reason: String, now: Moment, seals: Seals
    ) async throws(StoreFailure) -> (done: Obeyed, erased: [ErasedKind])? {
        let result: (Obeyed, [ErasedKind], Int64)? = try await write { db in
            guard let user = try Self.user(id, db) else {
                _ = try self.drop(claimsOf: [.user(id)], db)
                return nil
            }
            let generation = try self.nextGeneration(db)
            try self.mark(Self.marks(id, user), generation: generation, now: now.uptime, seals: seals, db)
            let (departure, erased) = try Self.delete(
                user, entry: AuditEntry(action: .delete, reason: reason), generation: generation, now: now,
                seals: seals, db)
            return (Obeyed(user: id, departure: departure), erased, generation)
        } then: { result in
            if let (_, _, generation) = result { self.left(id, generation: generation, [.deleted]) }
        }
        return result.map { (done: $0.0, erased: $0.1) }
    }
}
