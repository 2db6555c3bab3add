// SPDX-License-Identifier: MIT
import Foundation
import GRDB
import Glibc
import TestSupport
import Testing

/// Letting go, provably: after each way of it no byte of the sealed token is in the database, its log, or a backup that is
/// made afterwards.
@Suite struct LettingGoTests {
    /// Every way that there is.
    enum Way: String, CaseIterable, CustomTestStringConvertible {
        case page, json, agent, deauthorize, deletion

        var testDescription: String { rawValue }
    }

    /// A sealed token as it is on the disk, in pieces that nothing else contains.
    private struct Canary {
        private var pieces: [Data] = []

        mutating func take(_ box: [UInt8]) {
            // Behind format, length and name of the key everything is random.
            let random = Data(box.dropFirst(2 + Int(box[1])))
            for start in stride(from: random.startIndex, to: random.endIndex - 12, by: 12) {
                pieces.append(random[start..<start + 12])
            }
        }

        /// The files below a directory that still hold a piece.
        func found(below directory: String) throws -> [String] {
            let files = try FileManager.default.contentsOfDirectory(atPath: directory).sorted()
            return try files.filter { name in
                let bytes = try Data(contentsOf: URL(fileURLWithPath: directory + "/" + name))
                return pieces.contains { bytes.range(of: $0) != nil }
            }
        }
    }

    /// Nothing is subscribed, so that no subscription under way is taken back beside what a test holds up.
    private static let unsubscribed = Stage.Options(settings: ["META_WEBHOOK_FIELDS": "none"])

    private static func connected(_ stage: Stage, _ browser: Browser) async throws -> (user: Kept.Row, canary: Canary) {
        #expect(try await stage.connect(browser).status == 200)
        let user = try #require(try stage.kept.users().first)
        var canary = Canary()
        canary.take(try #require(user.box))
        #expect(try !canary.found(below: stage.databaseDirectory).isEmpty, "what is looked for is there before")
        return (user, canary)
    }

    private static func letGo(_ stage: Stage, _ user: Kept.Row, _ browser: Browser, _ way: Way) async throws -> Response
    {
        let signed = { (path: String) in
            try await HTTPClient.shared.send(
                .post, stage.origin + path,
                headers: [(name: "Content-Type", value: "application/x-www-form-urlencoded")],
                body: "signed_request="
                    + MetaSignature.signedRequest(
                        userID: user.account ?? "", issuedAt: Int64(time(nil)), secret: Stage.appSecret))
        }
        switch way {
        case .page:
            let visit = try await browser.press("disconnect", on: try await browser.open(stage.settingsPage))
            return Response(status: visit.status, headers: [], body: Array(visit.text.utf8))
        case .json: return try await browser.fetch(stage.start + "/disconnect", .post)
        case .agent:
            let key = try await stage.employ([("bot", "*")])[0]
            return try await stage.ask("users/\(user.id)/disconnect", key: key, .post)
        case .deauthorize: return try await signed("/auth/instagram/deauthorize")
        case .deletion: return try await signed("/auth/instagram/data-deletion")
        }
    }

    /// Waits until nothing is left to do, then looks at every byte, and at those of a backup.
    private static func expectGone(_ stage: Stage, _ canary: Canary) async throws {
        _ = try await eventually("the last byte to go") {
            try canary.found(below: stage.databaseDirectory).isEmpty ? () : nil
        }
        let backups = stage.directory + "/backup"
        try FileManager.default.createDirectory(atPath: backups, withIntermediateDirectories: true)
        let said = try await Command.run(
            Programs.shopAuth, ["backup", backups + "/copy.sqlite3"], environment: stage.environment)
        #expect(said.end == .exit(0), "\(said.error)")
        #expect(try canary.found(below: backups) == [])
        #expect(try stage.kept.users().allSatisfy { $0.box == nil && $0.state == "not_connected" })
    }

    @Test(
        "After each way no byte of the sealed token is left, and the webhooks are taken back", arguments: Way.allCases)
    func everyWay(way: Way) async throws {
        try await Stage.run { stage in
            let browser = Browser()
            let (user, canary) = try await Self.connected(stage, browser)
            let answer = try await Self.letGo(stage, user, browser, way)
            #expect(answer.status == 200)
            if way == .page { #expect(answer.text.contains("Disconnected")) }
            if [.json, .agent].contains(way) { #expect(try answer.text.contains(#""webhooks":"unsubscribed""#)) }
            try await Self.expectGone(stage, canary)
            #expect(try await browser.fetch(stage.status).text.contains(#""state":"not_connected""#))
            if way == .deletion {
                let bytes = try Data(contentsOf: URL(fileURLWithPath: stage.database))
                #expect(bytes.range(of: Data((user.account ?? "?").utf8)) == nil, "nor its id")
            }
        }
    }

    @Test(
        "While somebody reads, the answer does not wait; the log is emptied when the reader ends",
        arguments: Way.allCases)
    func withReader(way: Way) async throws {
        try await Stage.run { stage in
            let browser = Browser()
            let (user, canary) = try await Self.connected(stage, browser)
            let reader = try OpenReader(stage.database)
            let answer = try await Self.letGo(stage, user, browser, way)
            #expect(answer.status == 200)
            reader.end()
            try await Self.expectGone(stage, canary)
        }
    }

    @Test("Killed while Instagram is asked: the next start finishes what was begun", arguments: Way.allCases)
    func killed(way: Way) async throws {
        try await Stage.run(Self.unsubscribed) { stage in
            let browser = Browser()
            var (user, canary) = try await Self.connected(stage, browser)
            try await stage.standIn.fail("unsubscribe", "hang", count: 1)
            let letting = Task { [user] in try? await Self.letGo(stage, user, browser, way) }
            try await stage.standIn.wait(for: "unsubscribe", count: 1)
            await stage.responder?.killed()
            _ = await letting.value
            let left = try #require(try stage.kept.departing().first)
            canary.take(left)
            #expect(try stage.kept.users().allSatisfy { $0.box == nil }, "nobody is handed it any more")
            #expect(try !canary.found(below: stage.databaseDirectory).isEmpty)
            user = Kept.Row(
                id: user.id, account: user.account, username: nil, state: "", generation: 0, scopes: nil, box: nil)
            try stage.startResponder()
            try await stage.ready()
            _ = try await eventually("what was left") { try stage.kept.departing().isEmpty ? () : nil }
            try await Self.expectGone(stage, canary)
            #expect(try await stage.standIn.parameters("unsubscribe").count == 2, "once by each process")
        }
    }

    @Test(
        "Killed before the log was emptied, with a reader: the next start empties it", arguments: [Way.json, .deletion])
    func killedBeforeTheLog(way: Way) async throws {
        try await Stage.run { stage in
            let browser = Browser()
            let (user, canary) = try await Self.connected(stage, browser)
            let reader = try OpenReader(stage.database)
            _ = try await Self.letGo(stage, user, browser, way)
            await stage.responder?.killed()
            reader.end()
            try stage.startResponder()
            try await stage.ready()
            try await Self.expectGone(stage, canary)
        }
    }

    @Test("Instagram that is silent is waited for three seconds; the token is gone all the same")
    func silent() async throws {
        try await Stage.run(Self.unsubscribed) { stage in
            let browser = Browser()
            let (user, canary) = try await Self.connected(stage, browser)
            try await stage.standIn.fail("unsubscribe", "hang", count: 1)
            let answer = try await Self.letGo(stage, user, browser, .json)
            #expect(try answer.status == 200 && answer.text.contains(#""webhooks":"unknown""#))
            let again = try await Self.letGo(stage, user, browser, .json)
            #expect(again.body == answer.body, "a repeat hears the same")
            try await Self.expectGone(stage, canary)
        }
    }

    @Test("forget erases a user while the service is stopped, and refuses while it runs")
    func forget() async throws {
        try await Stage.run { stage in
            let (user, canary) = try await Self.connected(stage, Browser())
            let running = try await Command.run(
                Programs.shopAuth, ["forget", user.id], environment: stage.environment)
            #expect(running.end == .exit(69) && running.error.contains("stop it first"))
            await stage.responder?.stop()
            let unknown = try await Command.run(
                Programs.shopAuth, ["forget", "nobody"], environment: stage.environment)
            #expect(unknown.end == .exit(66))
            let said = try await Command.run(Programs.shopAuth, ["forget", user.id], environment: stage.environment)
            #expect(said.end == .exit(0), "\(said.error)")
            #expect(said.output == "erased: token, account, history\nwebhooks: unsubscribed\n")
            #expect(try canary.found(below: stage.databaseDirectory) == [])
            #expect(try stage.kept.users().isEmpty)
            let compacted = try await Command.run(Programs.shopAuth, ["compact"], environment: stage.environment)
            #expect(compacted.end == .exit(0) && compacted.output.isEmpty, "\(compacted.error)")
            try stage.startResponder()
            try await stage.ready()
        }
    }

    @Test(
        "Connect in a second browser, disconnect there: the first is signed out; a planted session sees nothing of another"
    )
    func sessions() async throws {
        try await Stage.run { stage in
            let (first, second, attacker) = (Browser(), Browser(), Browser())
            #expect(try await stage.connect(first).status == 200)
            #expect(try await stage.connect(second).status == 200)
            _ = try await second.fetch(stage.start + "/disconnect", .post)
            #expect(try await first.fetch(stage.status).text.contains(#""state":"not_connected""#))

            // A's session in B's browser; B connects another account there (checklist 30).
            #expect(try await stage.connect(attacker).status == 200)
            #expect(try await stage.connect(second, account: "bloom.ceramics").status == 200)
            let seen = try await attacker.fetch(stage.status).text
            #expect(seen.contains("acme_shop") && !seen.contains("bloom.ceramics"))
        }
    }
}

/// Somebody who reads the database and does not end.
private final class OpenReader {
    private let database: DatabaseQueue

    init(_ path: String) throws {
        var configuration = Configuration()
        configuration.readonly = true
        configuration.allowsUnsafeTransactions = true
        database = try DatabaseQueue(path: path, configuration: configuration)
        try database.inDatabase { db in
            try db.execute(sql: "BEGIN")
            _ = try Int.fetchOne(db, sql: "SELECT count(*) FROM users")
        }
    }

    func end() { try? database.close() }
}
