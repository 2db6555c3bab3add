// SPDX-License-Identifier: MIT
import TestSupport
import Testing

/// The journal: a line for each request, and the number that a visitor quotes finds it.
@Suite(.serialized, .stage)
struct JournalTests {
    private let stage = Stage.current!

    @Test("Every request is one line of JSON, under the id of the error that the visitor saw and of nginx's log")
    func ids() async throws {
        let urls = [
            (stage.callback, "/auth/instagram/callback", "invalid_state"),
            (stage.start + "?return_to=x", "/auth/instagram", "invalid_request"),
            (stage.origin + "/auth/instagram/none", "other", "not_found"),
        ]
        for (url, route, code) in urls {
            let error = try #require(try await Browser().fetch(url).error)
            #expect(error.error == code)
            let line = try await line(of: error.requestId)
            #expect(line["event"] == "request")
            #expect(line["route"] == route, "a route, never a path")
            #expect(line["error"] == code)
            #expect(line["method"] == "GET")
            #expect(line["microseconds"].flatMap { Int($0) } != nil)
            let fields = ["time", "level", "event", "request_id", "method", "route", "status", "error", "microseconds"]
            #expect(Set(line.fields.keys) == Set(fields), "and nothing else")
            // nginx writes its line after the answer has left.
            try await eventually("nginx's line") { stage.said("nginx-access").contains(error.requestId) ? () : nil }
        }
        let visit = try await Browser().open(stage.callback)
        let id = try #require(visit.url.parameter("request_id"))
        #expect(try await line(of: id)["status"] == "303", "a page's id is that of the callback")
        #expect(try await line(of: id)["error"] == "invalid_state")
    }

    @Test("Hostile requests make as many lines as there are requests, all of them JSON (checklist 41)")
    func hostile() async throws {
        // Lines come in order: once this one is there, all earlier ones are.
        let last = try #require(try await Browser().fetch(stage.origin + "/auth/instagram/none").error)
        _ = try await line(of: last.requestId)
        let before = try requests()
        let targets = [
            "/auth/instagram/status?a=%0a%7b%22event%22", "/auth/instagram/%22%0d%0a%7b", "/auth/instagram/%1b%5b31m",
            "/auth/instagram/%e2%80%a8", "/auth/instagram/callback?code=%0a&state=%22",
        ]
        let count = Soak.times(200)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<count {
                group.addTask {
                    let request =
                        "GET \(targets[number % targets.count]) HTTP/1.1\r\nHost: localhost\r\n"
                        + "User-Agent: \u{1b}[31m\"}\u{2028}{\"event\":\"request\"\r\nConnection: close\r\n\r\n"
                    _ = try await RawHTTP.send(request, port: stage.port)
                }
                if number % 50 == 49 { try await group.waitForAll() }
            }
            try await group.waitForAll()
        }
        let lines = try await eventually("\(count) lines") {
            let now = try requests()
            return now >= before + count ? now : nil
        }
        #expect(lines == before + count)
    }

    private func requests() throws -> Int { try stage.journal().filter { $0["event"] == "request" }.count }

    /// Lines are gathered for a few milliseconds before they are written.
    private func line(of id: String) async throws -> JournalLine {
        try await eventually("the line of \(id)") {
            let found = try stage.journal().filter { $0["request_id"] == id }
            #expect(found.count <= 1)
            return found.first
        }
    }
}
