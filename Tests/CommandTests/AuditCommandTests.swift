// SPDX-License-Identifier: MIT
import ArgumentParser
import GRDB
import Testing

@testable import Connect
@testable import ig_shop_auth

@Suite("audit")
struct AuditCommandTests {
    private static func lines(_ path: String, user: String? = nil, since: String? = nil, last: Int? = nil) throws
        -> [String]
    {
        let records = try Records(existing: path)
        var lines: [String] = []
        let selection = try records.auditSelection(user: user, since: since.map { try Audit.time($0) }, last: last)
        try Audit.list(records, selection) { lines.append($0) }
        return lines
    }

    @Test("Entries are lines, the newest last; a user, a moment and a number choose among them")
    func list() async throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/shop.sqlite3"
        let store = try Store(path: path)
        let day = try Audit.time("2026-01-31")
        #expect(try Self.lines(path) == ["TIME  ACTION  USER  AGENT  REASON  GENERATION  TIMES  REQUEST"])
        let id = String(repeating: "0f", count: 16)
        try await store.write { db in
            for user in ["anna", "b\u{1b}[2J"] {
                try db.execute(
                    sql: """
                        INSERT INTO users (id, generation, session_epoch, state, updated_at)
                        VALUES (?, 1, 0, 'not_connected', 0)
                        """, arguments: [user])
            }
        }
        try await store.audit(
            .init(action: .connect, user: "anna", generation: 7, requestID: id), now: day + -1)
        try await store.audit(.init(action: .refused, user: "b\u{1b}[2J", agent: "bot", reason: "dead"), now: day)
        let handOut = HandOut(agent: "bot", user: "anna", generation: 7, at: day)
        try await store.write { try Store.audit([handOut: 1], requestID: id, now: day + 3_600, $0) }
        try await store.audit([handOut: 1_233], now: day + 3_700)
        try await store.audit(.init(action: .reload), now: day + 7_200)
        let heading = "TIME                  ACTION    USER        AGENT  REASON  GENERATION  TIMES  REQUEST"
        let entries = [
            "2026-01-30T23:59:59Z  connect   anna        -      -                7      1  \(id)",
            "2026-01-31T00:00:00Z  refused   b\\u{1b}[2J  bot    dead             -      1  -",
            "2026-01-31T01:00:00Z  hand-out  anna        bot    -                7   1234  \(id)",
            "2026-01-31T02:00:00Z  reload    -           -      -                -      1  -",
        ]
        #expect(try Self.lines(path) == [heading] + entries)
        func actions(_ lines: [String]) -> [Substring] { lines.dropFirst().map { $0.split(separator: " ")[1] } }
        #expect(try actions(Self.lines(path, user: "anna")) == ["connect", "hand-out"])
        #expect(try actions(Self.lines(path, since: "2026-01-31")) == ["refused", "hand-out", "reload"])
        #expect(try actions(Self.lines(path, since: "2026-01-31T00:00:01Z")) == ["hand-out", "reload"])
        #expect(try actions(Self.lines(path, last: 2)) == ["hand-out", "reload"])
        #expect(try actions(Self.lines(path, user: "anna", last: 1)) == ["hand-out"])
        #expect(try actions(Self.lines(path, user: "nobody")) == [])
    }

    @Test(
        "A moment that is none is refused",
        arguments: [
            "", "yesterday", "2026-02-31", "2026-13-01", "2026-1-1", "20260131", "2026-01-31T24:00:00Z",
            "2026-01-31T10:00:00", "2026-01-31 10:00:00", "2026-01-31T10:00:00+01:00", "1969-12-31", "99999-01-01",
            "-2026-01-1", "２０２６-01-31",
        ])
    func moments(_ text: String) {
        #expect(throws: ValidationError.self) { try Audit.time(text) }
    }

    @Test("A moment is the one that is meant, in UTC")
    func moment() throws {
        #expect(try Audit.time("1970-01-01") == UnixTime(0))
        #expect(try Audit.time("2024-02-29") == UnixTime(1_709_164_800))
        #expect(try Audit.time("2026-01-31T09:30:00Z").description == "2026-01-31T09:30:00Z")
    }

    @Test("Bad options are told before anything is read")
    func options() {
        for words in [["--since", "2026-01-01", "--last", "3"], ["--last", "0"], ["--last", "x"], ["--since", "x"]] {
            #expect(throws: (any Error).self) { try Audit.parse(words) }
        }
        #expect(throws: (any Error).self) { try Users.parse(["--state", "alive"]) }
        #expect(throws: Never.self) { try Users.parse(["--state", "expiring"]) }
    }
}
