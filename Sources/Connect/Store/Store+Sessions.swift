// SPDX-License-Identifier: MIT
import FoundationEssentials
import GRDB

extension Store {
    /// The user of a session that has not ended: not signed out, and of the user's present epoch.
    func user(of session: Session) async throws(StoreFailure) -> User? {
        try await read { db in
            guard try !Self.hasEnded(session.id, generation: session.generation, db) else { return nil }
            let row = try Row.fetchOne(
                db.cachedStatement(sql: "SELECT * FROM users WHERE id = ? AND session_epoch = ?"),
                arguments: [session.user, session.epoch])
            return row.map(User.init)
        }
    }

    /// The row of a user as it is now.
    func user(_ id: String) async throws(StoreFailure) -> User? {
        try await read { db in
            try Row.fetchOne(
                db.cachedStatement(sql: "SELECT * FROM users WHERE id = ?"), arguments: [id]
            ).map(User.init)
        }
    }

    /// The row of a user as it is now, and whether the session of the flow that connected it has ended since.
    func user(
        _ id: String, session: [UInt8], generation: Int64
    ) async throws(StoreFailure) -> (user: User?, hasEnded: Bool) {
        try await read { db in
            let row = try Row.fetchOne(
                db.cachedStatement(sql: "SELECT * FROM users WHERE id = ?"), arguments: [id])
            return (row.map(User.init), try Self.hasEnded(session, generation: generation, db))
        }
    }

    private static func hasEnded(_ id: [UInt8], generation: Int64, _ db: Database) throws -> Bool {
        try Bool.fetchOne(
            db.cachedStatement(
                sql: """
                    SELECT EXISTS (SELECT 1 FROM ended_sessions WHERE id = ?)
                        OR EXISTS (SELECT 1 FROM counter WHERE forgotten_sessions >= ?)
                    """), arguments: [Data(id), generation]) ?? false
    }

    /// Ends one session, also for a copy of its cookie.
    ///
    /// - Parameter requestID: Of a sign-out, which is audited once; nil: another session takes its place.
    func end(_ session: Session, signOut requestID: String? = nil, now: UnixTime) async throws(StoreFailure) {
        try await write { db in
            try Self.forgetEndedSessions(db, now: now)
            try db.execute(
                sql: "INSERT OR IGNORE INTO ended_sessions (id, forget_at, generation) VALUES (?, ?, ?)",
                arguments: [
                    Data(session.id), session.beganAt.seconds + Session.absolute + 2 * FlowTicket.lifetime,
                    session.generation,
                ])
            if let requestID, db.changesCount == 1 {
                let entry = AuditEntry(
                    action: .signOut, user: session.user, generation: session.generation, requestID: requestID)
                try Self.audit(entry, now: now, db)
            }
        }
    }

    /// A session whose row is gone could live again if the clock was ahead and is set back, so all that are as old as it
    /// end for good. By a clock that is right they ended by their age, for a session's age counts from the
    /// start of its flow, not long before the commit that gave it its generation.
    private static func forgetEndedSessions(_ db: Database, now: UnixTime) throws {
        let newest = try Int64.fetchOne(
            db, sql: "SELECT max(generation) FROM ended_sessions WHERE forget_at < ?", arguments: [now.seconds])
        guard let newest else { return }
        try db.execute(
            sql: "UPDATE counter SET forgotten_sessions = max(forgotten_sessions, ?)", arguments: [newest])
        try db.execute(sql: "DELETE FROM ended_sessions WHERE forget_at < ?", arguments: [now.seconds])
    }
}
