// SPDX-License-Identifier: MIT

extension Stage {
    /// A flow up to its callback, with a code that nobody was asked for.
    func callback(_ browser: Browser, code: String) async throws -> WebURL {
        struct Started: Decodable {
            let authUrl: String
        }
        let started: Started = try await browser.fetch(start).decoded()
        guard let state = WebURL(started.authUrl)?.parameter("state"),
            let url = WebURL(callback + "?code=\(code)&state=\(state)")
        else { throw Missing("no state in \(started.authUrl)") }
        return url
    }

    /// Start route and status, so many times each: what never waits for Instagram.
    func otherRoutes(_ times: Int) async throws {
        try await withThrowingTaskGroup { group in
            for url in [start, status] {
                group.addTask {
                    let browser = Browser()
                    for _ in 0..<times {
                        let answer = try await browser.fetch(url)
                        guard answer.status == 200 else { throw Missing("\(url): \(answer.status)") }
                    }
                }
            }
            try await group.waitForAll()
        }
    }
}
