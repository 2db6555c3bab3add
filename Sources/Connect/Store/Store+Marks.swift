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
    /// that takes its place after a crash, with their calls, and as what came of it may wait for its claim.
    private static let markKept: Int64 = 2 * FlowTicket.lifetime + 300 + ConnectLink.claimLifetime

    /// Stands before a key's name, in a row that tells when a mark was made with that key last. No MAC is taken for one:
    /// it would have to consist of these letters and a key's name by chance.
    private static let keyMark = "key "

    /// From here on no flow commits for any of these that began before, and what such a one left to be claimed goes.
    ///
    /// - Returns: Whether there was something to be claimed.
    @discardableResult
    func mark(
        _ marks: [LetGoMark], generation: Int64, now: Uptime, seals: Seals, _ db: Database
    ) throws -> Bool {
        try db.cachedStatement(
            sql: "DELETE FROM letting_go_marks WHERE forget_at_uptime < ? OR forget_at_uptime > ?"
        ).execute(arguments: [now.bits, now.boot.upperBound])
        let keyring = seals.keys.current
        let key = Data((Self.keyMark + keyring.signingID.description).utf8)
        for mark in marks.map({ Data(keyring.marks(of: $0.name)[0]) }) + [key] {
            try db.cachedStatement(
                sql: """
                    INSERT INTO letting_go_marks VALUES (?, ?, ?) ON CONFLICT (mark) DO UPDATE SET
                        generation = excluded.generation, forget_at_uptime = excluded.forget_at_uptime
                    """
            ).execute(arguments: [mark, generation, (now + Self.markKept).bits])
        }
        return try drop(claimsOf: marks, db)
    }

    /// Whether any of these was let go after a flow had begun. Where marks were made since with a key that is gone, nobody
    /// can tell, and so it counts as let go.
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
        return try keysOfMarks(after: began, db).contains { !keyring.ids.contains($0) }
    }

    /// Keys with which marks were made after a flow had begun.
    private static func keysOfMarks(after began: Int64, _ db: Database) throws -> [KeyID] {
        // No key's name has a byte as high as "~".
        let names: [any DatabaseValueConvertible] = [Data(keyMark.utf8), Data((keyMark + "~").utf8), began]
        return try Data.fetchAll(
            db.cachedStatement(
                sql: "SELECT mark FROM letting_go_marks WHERE mark BETWEEN ? AND ? AND generation > ?"),
            arguments: StatementArguments(names)
        ).compactMap { KeyID($0.dropFirst(keyMark.utf8.count)) }
    }
}
