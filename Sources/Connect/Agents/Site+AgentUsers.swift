// SPDX-License-Identifier: MIT
import Vault

extension Site {
    /// Bytes of a list after which the rest waits for the next page: the edge takes answers of 192,000 bytes.
    static let pageBytes = 120_000
    private static let mostUsers: Int64 = 500
    /// Rows that one request looks at.
    private static let lookedAt = 5_000

    /// `GET /agent/v1/users`: status objects in the order of their names, a page at a time. A page may be short, or empty,
    /// and have a next one.
    func users(_ request: Request, _ agent: Agent) async throws(ErrorCode) -> Answer {
        let query = try Query(request.query, knowing: ["state", "after", "limit"])
        let state = query["state"].map { StatusObject.State(rawValue: $0) }
        if case .some(.none) = state { throw .invalidRequest }
        let limit = query["limit"].map { Int64(digits: $0) } ?? 100
        guard let limit, (1...Self.mostUsers).contains(limit) else { throw .invalidRequest }
        if let after = query["after"], !RemoteUser.isName(after) { throw .invalidRequest }

        var page: [[UInt8]] = []
        var bytes = 0
        var after = query["after"]
        var looked = 0
        var isOver = false
        pages: while !isOver, looked < Self.lookedAt {
            let from = after
            // A key that was dropped, or came, while rows were read is none that they miss.
            let known = keyring.ids
            let rows = try await storage("users") { () throws(StoreFailure) in
                try await store.users(after: from, of: agent.users, limit: 200)
            }
            isOver = rows.users.isEmpty && rows.last == nil
            looked += 200
            for user in rows.users {
                let status = StatusObject(user, keys: known + keyring.ids, now: now())
                if state == nil || state == status.state {
                    if page.count == Int(limit) || bytes > Self.pageBytes { break pages }
                    var text = JSONText()
                    text.add("user", user.id)
                    status.write(to: &text)
                    page.append(text.object())
                    bytes += page[page.count - 1].count
                }
                after = user.id
            }
            if let last = rows.last { after = last }
        }
        var text = JSONText()
        text.add("status", "success")
        text.add("users", objects: page)
        text.add("next", isOver ? nil : after)
        return .json(text.finished())
    }
}
