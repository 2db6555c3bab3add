// SPDX-License-Identifier: MIT
import FoundationEssentials
import GRDB

extension Store {
    /// Links that are open at once: an application that asks for more than so many in ten minutes is told to wait.
    static let maximumLinks = 10_000

    /// Those of one agent for one user: a new one takes the place of the oldest.
    static let maximumLinksOfUser = 5

    /// Keeps a link, by its hash.
    ///
    /// - Returns: false: there are too many.
    func keep(_ link: ConnectLink, as id: [UInt8], now: Uptime) async throws(StoreFailure) -> Bool {
        try await write { db in
            try Self.forgetLinks(now: now, db)
            try db.cachedStatement(
                sql: """
                    DELETE FROM connect_links WHERE id IN (SELECT id FROM connect_links WHERE user = ? AND agent = ?
                        ORDER BY forget_at_uptime DESC LIMIT -1 OFFSET ?)
                    """
            ).execute(arguments: [link.user, link.agent, Self.maximumLinksOfUser - 1])
            let open = try Int.fetchOne(db.cachedStatement(sql: "SELECT count(*) FROM connect_links")) ?? 0
            guard open < Self.maximumLinks else { return false }
            try db.cachedStatement(
                sql: """
                    INSERT INTO connect_links (id, agent, user, user_name, return_to, switches_account, forget_at_uptime)
                    VALUES (:id, :agent, :user, :name, :returnTo, :switches, :forget)
                    """
            ).execute(
                arguments: [
                    "id": Data(id), "agent": link.agent, "user": link.user, "name": link.userName,
                    "returnTo": link.returnTo, "switches": link.switchesAccount,
                    "forget": (now + ConnectLink.lifetime).bits,
                ])
            return true
        } then: { _ in
            // It has to be forgotten in time.
            self.lettingGoBell.ring()
        }
    }

    /// An open link, and the flow that was begun with it; nil: it is unknown or too old.
    func link(_ id: [UInt8], now: Uptime) async throws(StoreFailure) -> (link: ConnectLink, flow: [UInt8]?)? {
        try await read { db in try Self.link(id, now: now, db) }
    }

    /// The button was pressed: the link is used. It counts once more for the browser that has pressed it before, which
    /// shows by a flow that it has open: somebody may press twice, or come back from Instagram with nothing done.
    ///
    /// - Parameters:
    ///   - flow: The one that begins with it, and shows the browser from now on.
    ///   - open: Those that the browser has.
    /// - Returns: false: it is unknown, too old, or another browser has used it.
    func press(
        _ id: [UInt8], flow: FlowID, open: [FlowID], now: Uptime
    ) async throws(StoreFailure) -> Bool {
        try await write { db in
            guard let (_, first) = try Self.link(id, now: now, db) else { return false }
            if let first, !open.contains(where: { $0.bytes == first }) { return false }
            try db.cachedStatement(sql: "UPDATE connect_links SET flow = ? WHERE id = ?")
                .execute(arguments: [flow.data, Data(id)])
            return true
        }
    }

    private static func link(_ id: [UInt8], now: Uptime, _ db: Database) throws -> (ConnectLink, [UInt8]?)? {
        try Row.fetchOne(
            db.cachedStatement(
                sql: "SELECT * FROM connect_links WHERE id = ? AND forget_at_uptime > ? AND forget_at_uptime <= ?"),
            arguments: [Data(id), now.bits, (now + ConnectLink.lifetime).bits]
        ).map { row in
            let link = ConnectLink(
                agent: row["agent"], user: row["user"], userName: row["user_name"], returnTo: row["return_to"],
                switchesAccount: row["switches_account"])
            return (link, (row["flow"] as Data?).map(Array.init))
        }
    }

    static func forgetLinks(now: Uptime, _ db: Database) throws {
        try db.cachedStatement(sql: "DELETE FROM connect_links WHERE forget_at_uptime <= ? OR forget_at_uptime > ?")
            .execute(arguments: [now.bits, (now + ConnectLink.lifetime).bits])
    }
}
