// SPDX-License-Identifier: MIT
import FoundationEssentials
import GRDB

extension Store {
    /// The user of a session that has not ended: not signed out, and of the user's present epoch.
    func user(of session: Session) async throws(StoreFailure) -> User? {
        try await read { db in
            guard try !Self.hasEnded(session.id, db) else { return nil }
            let row = try Row.fetchOne(
                db, sql: "SELECT * FROM users WHERE id = ? AND session_epoch = ?",
                arguments: [session.user, session.epoch])
            return row.map(User.init)
        }
    }

    /// The row of a user as it is now.
    func user(_ id: String) async throws(StoreFailure) -> User? {
        try await read { db in
            try Row.fetchOne(db, sql: "SELECT * FROM users WHERE id = ?", arguments: [id]).map(User.init)
        }
    }

    /// The row of a user as it is now, and whether the session of the flow that connected it has ended since.
    func user(_ id: String, session: [UInt8]) async throws(StoreFailure) -> (user: User?, hasEnded: Bool) {
        try await read { db in
            let row = try Row.fetchOne(db, sql: "SELECT * FROM users WHERE id = ?", arguments: [id])
            return (row.map(User.init), try Self.hasEnded(session, db))
        }
    }

    private static func hasEnded(_ id: [UInt8], _ db: Database) throws -> Bool {
        try Bool.fetchOne(
            db, sql: "SELECT EXISTS (SELECT 1 FROM ended_sessions WHERE id = ?)", arguments: [Data(id)]) ?? false
    }

    /// Ends one session, also for a copy of its cookie.
    func end(_ session: Session, now: UnixTime) async throws(StoreFailure) {
        try await write { db in
            try db.execute(sql: "DELETE FROM ended_sessions WHERE forget_at < ?", arguments: [now.seconds])
            try db.execute(
                sql: "INSERT OR IGNORE INTO ended_sessions VALUES (?, ?)",
                arguments: [Data(session.id), session.beganAt.seconds + Session.absolute])
        }
    }
}
