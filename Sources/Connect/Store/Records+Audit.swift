// SPDX-License-Identifier: MIT
import GRDB

/// An entry of the audit.
package struct AuditRecord: Sendable {
    package let at: UnixTime
    package let action: String
    package let user: String?
    package let agent: String?
    package let reason: String?
    package let generation: Int64?
    package let times: Int
    package let requestID: String?
}

/// Which entries somebody wants to see: those that were there when they asked.
package struct AuditSelection: Sendable {
    fileprivate let user: String?
    fileprivate let since: UnixTime?
    fileprivate let ids: ClosedRange<Int64>?
}

extension Records {
    /// - Parameters:
    ///   - user: Only what concerns this user.
    ///   - since: Nothing before it.
    ///   - last: Only so many, the newest.
    package func auditSelection(
        user: String? = nil, since: UnixTime? = nil, last: Int? = nil
    ) throws(StoreFailure) -> AuditSelection {
        try read { db in
            // In the order in which they were written down, which no clock that is set can change.
            let row = try Row.fetchOne(
                db,
                sql: """
                    SELECT min(id) AS first, max(id) AS last FROM (
                        SELECT id FROM audit WHERE (:user IS NULL OR user = :user) AND (:since IS NULL OR at >= :since)
                        ORDER BY id DESC LIMIT :last)
                    """, arguments: ["user": user, "since": since?.seconds, "last": last ?? -1])
            let ids: ClosedRange<Int64>? = row.flatMap { row in
                guard let first = row["first"] as Int64?, let last = row["last"] as Int64? else { return nil }
                return first...last
            }
            return AuditSelection(user: user, since: since, ids: ids)
        }
    }

    /// Oldest first.
    package func audit(_ selection: AuditSelection, _ each: (AuditRecord) -> Void) throws(StoreFailure) {
        guard let ids = selection.ids else { return }
        var last = ids.lowerBound - 1
        while last < ids.upperBound {
            let rows = try read { db in
                try Row.fetchAll(
                    db,
                    sql: """
                        SELECT * FROM audit WHERE id > :after AND id <= :last
                            AND (:user IS NULL OR user = :user) AND (:since IS NULL OR at >= :since)
                        ORDER BY id LIMIT :page
                        """,
                    arguments: [
                        "after": last, "last": ids.upperBound, "user": selection.user,
                        "since": selection.since?.seconds, "page": Self.page,
                    ])
            }
            for row in rows {
                last = row["id"]
                each(
                    AuditRecord(
                        at: UnixTime(row["at"]), action: row["action"], user: row["user"], agent: row["agent"],
                        reason: row["reason"], generation: row["generation"], times: row["times"],
                        requestID: row["request_id"]))
            }
            if rows.count < Self.page { return }
        }
    }
}
