// SPDX-License-Identifier: MIT
import HTTPTypes

extension Site {
    /// The longest wait for an event, in seconds.
    private static let longestWait: Int64 = 20
    private static let fetched = 500
    /// Pages of other agents' users that one request reads over.
    private static let mostPages = 20

    /// `GET /agent/v1/events`: what changed after a number; with `wait` the answer comes when something does, or when the
    /// time is over.
    func events(_ request: Request, _ agent: Agent) async throws(ErrorCode) -> Answer {
        let query = try Query(request.query, knowing: ["after", "wait"])
        var after = try query["after"].map { text throws(ErrorCode) in
            guard let number = Int64(digits: text) else { throw .invalidRequest }
            return number
        }
        let wait = query["wait"].map { Int64(digits: $0) } ?? 0
        guard let wait, wait <= Self.longestWait else { throw .invalidRequest }
        let end = ContinuousClock.now + .seconds(wait)
        var pages = 0
        while true {
            let heard = store.eventBell.rings
            let from = after
            let page = try await storage("events") { () throws(StoreFailure) in
                try await store.events(after: from, limit: Self.fetched)
            }
            guard let page else { return try await gone(request) }
            let seen = page.events.filter { event in event.user.map(agent.mayServe) ?? true }
            let left = ContinuousClock.now.duration(to: end)
            if !seen.isEmpty || page.events.isEmpty && (left <= .zero || flows.isStopping) {
                return Self.answer(seen, next: page.next)
            }
            after = page.next
            guard page.events.isEmpty else {
                // A long history of others: the agent goes on from there.
                pages += 1
                if pages == Self.mostPages { return Self.answer([], next: page.next) }
                continue
            }
            // Where too many wait, this one asks again by itself: looking again here would look for ever.
            guard await store.eventBell.waitIfRoom(after: heard, atMost: left) else {
                return Self.answer([], next: page.next)
            }
        }
    }

    private static func answer(_ events: [Event], next: Int64) -> Answer {
        var page: [[UInt8]] = []
        var bytes = 0
        var next = next
        for event in events {
            var text = JSONText()
            text.add("seq", event.sequence)
            text.add("at", event.at.description)
            text.add("user", event.user)
            text.add("instagram_user_id", event.instagramUserID)
            text.add("type", event.type)
            page.append(text.object())
            bytes += page[page.count - 1].count
            if bytes > pageBytes {
                next = event.sequence
                break
            }
        }
        var text = JSONText()
        text.add("status", "success")
        text.add("events", objects: page)
        text.add("next", next)
        return .json(text.finished())
    }

    /// Some events are forgotten: the agent reads the users anew, and goes on after `next`.
    private func gone(_ request: Request) async throws(ErrorCode) -> Answer {
        let last = try await storage("events") { () throws(StoreFailure) in try await store.lastEvent() }
        var text = JSONText()
        text.add("status", "error")
        text.add("error", ErrorCode.gone.publicCode)
        text.add("message", ErrorCode.gone.message)
        text.add("request_id", request.id)
        text.add("next", last)
        var answer = Answer.json(text.finished(), status: .gone)
        answer.error = .gone
        return answer
    }
}
