// SPDX-License-Identifier: MIT
import Foundation
import Glibc
import Testing

/// Agents, nginx, the program and Instagram's stand-in: a token asked for as an agent asks for it.
@Suite
struct AgentRouteTests {
    @Test("A key of agent-key opens the private routes, another does not; the public site knows none of them")
    func door() async throws {
        try await Stage.run { stage in
            // What a person does: the command, its output into the file, SIGHUP.
            let made = try await Command.succeed(Programs.shopAuth, ["agent-key", "bot", "--users", "*"])
            let lines = made.output.split(separator: "\n").map(String.init)
            let key = lines[0]
            guard
                FileManager.default.createFile(
                    atPath: stage.agents, contents: Data(lines.dropFirst().joined(separator: "\n").utf8),
                    attributes: [.posixPermissions: 0o600])
            else { throw Missing("no agents file") }
            stage.responder?.signal(SIGHUP)
            _ = try await eventually("the reload") {
                try stage.journal().contains { $0["event"] == "reloaded" && $0["agents"] == "bot" } ? () : nil
            }
            #expect(try await stage.connect(Browser()).status == 200)
            let user = try #require(try stage.kept.users().first)
            let account = try #require(user.account)
            for path in ["users/\(user.id)/token", "accounts/\(account)/token"] {
                let answer = try await stage.ask(path, key: key)
                #expect(answer.status == 200 && answer.header("cache-control") == "no-store")
                let token: Stage.HandedOut = try answer.decoded()
                #expect(try await stage.standIn.profile(of: token.accessToken).status == 200)
                #expect(token.instagramUserId == account)

                let other = try await Command.succeed(Programs.shopAuth, ["agent-key", "bot", "--users", "*"])
                let wrong = [nil, "", String(other.output.prefix { $0 != "\n" }), key + "x", "igsa_"]
                for wrong in wrong {
                    let answer = try await stage.ask(path, key: wrong)
                    #expect(answer.status == 401 && answer.header("www-authenticate") == "Bearer")
                    #expect(answer.error?.error == "unauthorized")
                }
                let field = [(name: "Authorization", value: "Bearer \(key)")]
                let atSite = try await HTTPClient.shared.send(.get, "\(stage.origin)/agent/v1/\(path)", headers: field)
                #expect(atSite.status == 404 && !atSite.text.contains("IGAA"))
            }
        }
    }

    @Test("SIGHUP changes who may ask, and for whom; a removed key is 401, and the audit has the reload")
    func reload() async throws {
        try await Stage.run { stage in
            #expect(try await stage.connect(Browser()).status == 200)
            let user = try #require(try stage.kept.users().first).id
            let keys = try await stage.employ([("all", "*"), ("own", user), ("other", "42/shop-a,nobody")])
            var statuses: [Int] = []
            for key in keys { statuses.append(try await stage.ask("users/\(user)/token", key: key).status) }
            #expect(statuses == [200, 200, 404])
            let list = try await stage.ask("users", key: keys[2])
            #expect(list.status == 200 && list.text == "{\"status\":\"success\",\"users\":[],\"next\":null}\n")

            let new = try await stage.employ([("new", user)])
            statuses = []
            for key in keys + new { statuses.append(try await stage.ask("users/\(user)/token", key: key).status) }
            #expect(statuses == [401, 401, 401, 200])
            let audit = try await Command.succeed(
                Programs.shopAuth, ["audit"], environment: stage.environment)
            #expect(audit.output.contains("agents: all own other") && audit.output.contains("agents: new"))
        }
    }

    @Test("An agent that waits hears of a connection as soon as somebody connects, through nginx")
    func longPoll() async throws {
        try await Stage.run { stage in
            let key = try await stage.employ([("bot", "*")])[0]
            let before = try await stage.ask("events", key: key).decoded(Stage.Happened.self).next
            let begin = ContinuousClock.now
            async let waiting = stage.ask("events?after=\(before)&wait=20", key: key)
            async let unlucky = stage.ask("events?after=\(before)&wait=2", key: key)
            // Somebody else's seconds pass first.
            #expect(try await unlucky.decoded(Stage.Happened.self).types == [])
            #expect(begin.duration(to: .now) >= .seconds(2))
            #expect(try await stage.connect(Browser()).status == 200)
            let answer = try await waiting
            #expect(answer.status == 200)
            #expect(try answer.decoded(Stage.Happened.self).types == ["connected"])
            #expect(begin.duration(to: .now) < .seconds(20))
        }
    }

    @Test("SIGTERM ends what agents wait for at once, and the stop is not held up by it")
    func stop() async throws {
        try await Stage.run { stage in
            let key = try await stage.employ([("bot", "*")])[0]
            let begin = ContinuousClock.now
            try await withThrowingTaskGroup(of: Response.self) { group in
                for _ in 0..<20 { group.addTask { try await stage.ask("events?after=0&wait=20", key: key) } }
                _ = try await eventually("20 requests in the program") {
                    try await Self.accepted(at: stage.socketPath) == 20 ? () : nil
                }
                #expect(await stage.responder?.stop() == .exit(0))
                for try await answer in group {
                    #expect(answer.status == 200)
                    #expect(try answer.decoded(Stage.Happened.self).types == [])
                }
            }
            #expect(begin.duration(to: .now) < .seconds(15), "not one of them waited for its time")
        }
    }

    @Test(
        "A report of a token that Instagram refuses: verdict, state, 409 from then on, and the settings page to go to")
    func refused() async throws {
        try await Stage.run { stage in
            let key = try await stage.employ([("bot", "*")])[0]
            #expect(try await stage.connect(Browser()).status == 200)
            let user = try #require(try stage.kept.users().first).id
            let token: Stage.HandedOut = try await stage.ask("users/\(user)/token", key: key).decoded()
            func report() async throws -> String {
                try await stage.ask(
                    "users/\(user)/token/refused", key: key, .post, body: #"{"token_id":"\#(token.tokenId)"}"#
                ).text
            }
            try await stage.standIn.fail("read-profile", "password-changed")
            #expect(
                try await report()
                    == "{\"status\":\"success\",\"state\":\"reconnect_required\",\"verdict\":\"dead\"}\n")
            let refusal = try await stage.ask("users/\(user)/token", key: key)
            #expect(refusal.status == 409 && refusal.text.contains("\"connect_url\":\"\(stage.settingsPage)\""))
            #expect(refusal.text.contains("\"reason\":\"password_changed\"") && !refusal.text.contains("IGAA"))
            #expect(try await report().contains("\"verdict\":\"dead\""))
        }
    }

    @Test("A connected account is subscribed to webhooks, with what was subscribed before; the status says since when")
    func webhooks() async throws {
        try await Stage.run(.init(settings: ["META_WEBHOOK_FIELDS": "messages,messaging_seen"])) { stage in
            let key = try await stage.employ([("bot", "*")])[0]
            #expect(try await stage.connect(Browser()).status == 200)
            let row = try #require(try stage.kept.users().first)
            func subscribed() async throws -> String {
                let token = try row.token(stage.kept.keyring())
                return try await HTTPClient.shared.send(
                    .get, stage.standIn.url + "/v25.0/me/subscribed_apps?access_token=\(token)"
                ).text
            }
            func since() async throws -> String? {
                struct Status: Decodable {
                    let webhooksSubscribedAt: String?
                }
                return try await stage.ask("users/\(row.id)", key: key).decoded(Status.self).webhooksSubscribedAt
            }
            _ = try await eventually("the subscription") { try await since() }
            #expect(try await subscribed().contains(#"["messages","messaging_seen"]"#))

            // As another part of the shop's own app may do it.
            let token = try row.token(stage.kept.keyring())
            _ = try await HTTPClient.shared.send(
                .post, stage.standIn.url + "/v25.0/me/subscribed_apps",
                body: "access_token=\(token)&subscribed_fields=comments,messages")
            #expect(try await stage.connect(Browser()).status == 200)
            _ = try await eventually("the union") {
                try await subscribed().contains(#"["comments","messages","messaging_seen"]"#) ? () : nil
            }
            _ = try await eventually("the status") { try await since() }
        }
    }

    @Test(
        "No token, key or code is left behind by agents: journal, nginx's logs, database, processes, numbers (checklist 34)"
    )
    func canaries() async throws {
        try await Stage.run(.init(settings: ["IG_SHOP_AUTH_LOG_LEVEL": "trace"])) { stage in
            var scan = try LeakScan(stage)
            let keys = try await stage.employ([("bot", "*"), ("nobody", "nobody")])
            for key in keys { scan.canaries.add(.key, key.dropFirst(5)) }
            #expect(try await stage.connect(Browser()).status == 200)
            let user = try #require(try stage.kept.users().first).id
            let path = "users/\(user)/token"
            let first = try await stage.ask(path, key: keys[0])
            let token: Stage.HandedOut = try first.decoded()
            scan.canaries.add(.token, token.accessToken)
            let report = #"{"token_id":"\#(token.tokenId)"}"#
            let answers = [
                try await stage.ask(path, key: keys[1]), try await stage.ask(path, key: String(keys[0].dropLast())),
                try await stage.ask(path + "?min_valid_for=x&q=\(token.accessToken)", key: keys[0]),
                try await stage.ask(path + "/refused", key: keys[0], .post, body: report),
                try await stage.ask(
                    path + "/refused", key: keys[0], .post, body: #"{"token_id":"\#(token.accessToken)"}"#),
                try await stage.ask("users", key: keys[0]), try await stage.ask("events?after=0", key: keys[0]),
                try await stage.ask("events?after=99", key: keys[0]),
                try await HTTPClient.shared.send(.get, stage.agentBase + "/metrics"),
            ]
            #expect(answers.map(\.status) == [404, 401, 400, 200, 400, 200, 200, 410, 200])
            var reports = answers.flatMap { scan.answer($0, to: "an agent's request") }
            #expect(scan.answer(first, to: "a hand-out").count == 1, "the one place where a token belongs")
            reports += try scan.files() + scan.processes()
            #expect(await stage.responder?.stop() == .exit(0))
            reports += try scan.files()
            #expect(Set(reports).sorted() == [])
        }
    }

    /// Connections that somebody has accepted, of /proc/net/unix: state 3, and an inode of their own. Foundation reads
    /// the beginning of so long a file without a size.
    private static func accepted(at path: String) async throws -> Int {
        try await Command.succeed("/bin/cat", ["/proc/net/unix"]).output.split(separator: "\n").count { line in
            let fields = line.split(separator: " ")
            return fields.count == 8 && fields[7] == path && fields[5] == "03" && fields[6] != "0"
        }
    }
}
