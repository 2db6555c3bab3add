// SPDX-License-Identifier: MIT
import FoundationEssentials
import GRDB
import Vault

/// Somebody or something that is let go, as a flow that began before would name it.
enum LetGoMark: Sendable {
    case user(String)
    /// An account's id or its app-scoped one: Meta uses either.
    case account(String)

    /// Two of a kind with the same text are the same; of two kinds they are not.
    fileprivate var name: String {
        switch self {
        case .user(let id): "user " + id
        case .account(let id): "account " + id
        }
    }
}

extension Store {
    /// Seconds that a mark is kept: as long as a flow may take that began before, and the one
    /// that takes its place after a crash, with their calls.
    private static let markKept: Int64 = 2 * FlowTicket.lifetime + 300

    /// From here on no flow commits for any of these that began before.
    static func mark(_ marks: [LetGoMark], generation: Int64, now: Uptime, seals: Seals, _ db: Database) throws {
        try db.cachedStatement(
            sql: "DELETE FROM letting_go_marks WHERE forget_at_uptime < ? OR forget_at_uptime > ?"
        ).execute(arguments: [now.bits, now.boot.upperBound])
        for mark in marks {
            try db.cachedStatement(
                sql: """
                    INSERT INTO letting_go_marks VALUES (?, ?, ?) ON CONFLICT (mark) DO UPDATE SET
                        generation = excluded.generation, forget_at_uptime = excluded.forget_at_uptime
                    """
            ).execute(
                arguments: [Data(seals.keys.current.marks(of: mark.name)[0]), generation, (now + markKept).bits])
        }
    }

    /// Whether any of these was let go after a flow had begun.
    static func wasLetGo(_ marks: [LetGoMark], after began: Int64, seals: Seals, _ db: Database) throws -> Bool {
        // Nearly always nothing is marked.
        let newest = try Int64.fetchOne(
            db.cachedStatement(sql: "SELECT generation FROM letting_go_marks WHERE generation > ? LIMIT 1"),
            arguments: [began])
        if newest == nil { return false }
        let keyring = seals.keys.current
        for mark in marks.flatMap({ keyring.marks(of: $0.name) }) {
            let letGo = try Int64.fetchOne(
                db.cachedStatement(sql: "SELECT generation FROM letting_go_marks WHERE mark = ?"),
                arguments: [Data(mark)])
            if let letGo, letGo > began { return true }
        }
        return false
    }
}
