// SPDX-License-Identifier: MIT
import Foundation
import GRDB
import Testing

/// A token that another program kept, on its way through nginx, the program and Instagram's stand-in.
@Suite
struct ImportTests {
    private static let day = 86_400

    private struct Answered: Decodable {
        let error: String?
        let reason: String?
        let state: String?
    }

    @Test(
        "A token is imported, handed out and renewed later; what is dead, short-lived or foreign is refused; nothing is left of it"
    )
    func moved() async throws {
        try await Stage.run(.init(settings: ["IG_SHOP_AUTH_LOG_LEVEL": "trace"])) { stage in
            var scan = try LeakScan(stage)
            let key = try await stage.employ([("bot", "*")])[0]
            var answers: [Response] = []
            func move(_ token: String, to user: String) async throws -> Answered {
                scan.canaries.add(.token, token)
                let answer = try await stage.ask(
                    "users/\(user)/import", key: key, .post, body: #"{"access_token":"\#(token)"}"#)
                answers.append(answer)
                return try answer.decoded()
            }

            let good = try await stage.standIn.issue("acme_shop", #", "age": \#(10 * Self.day)"#)
            #expect(try await move(good, to: "42%2Fshop-a").state == "connected")
            let handed: Stage.HandedOut = try await stage.ask("users/42%2Fshop-a/token", key: key).decoded()
            scan.canaries.add(.token, handed.accessToken)
            #expect(handed.accessToken != good)
            #expect(try await stage.standIn.profile(of: handed.accessToken).status == 200)
            #expect(try await move(good, to: "42%2Fshop-a").state == "connected")
            let account = "accounts/\(handed.instagramUserId)/token"
            #expect(try await stage.ask(account, key: key).decoded(Stage.HandedOut.self).tokenId == handed.tokenId)

            let creator = "bloom.ceramics"
            let refusals: [(token: String, reason: String)] = [
                (try await stage.standIn.issue(creator, #", "age": 6000000"#), "expired"),
                (try await stage.standIn.issue(creator, #", "kind": "short""#), "not_renewable"),
                (try await stage.standIn.issue(creator, #", "kind": "short", "age": 3600"#), "expired"),
                (try await stage.standIn.issue(creator, #", "age": 60"#), "not_renewable"),
                ("IGAA_nobody_knows_it", "foreign"), ("EAAG_of_another_product", "foreign"),
                (try await stage.standIn.issue("acme_shop", #", "age": 100000, "id": "777""#), "foreign"),
                (try await stage.standIn.issue("private.person", #", "age": 100000"#), "account_not_eligible"),
                (try await stage.standIn.issue("invited.tester", #", "age": 100000"#), "account_not_eligible"),
                (
                    try await stage.standIn.issue(
                        creator, #", "age": 100000, "permissions": ["instagram_business_basic"]"#), "permission_missing"
                ),
            ]
            for (token, reason) in refusals {
                let answer = try await move(token, to: "berta")
                #expect(answer.reason ?? answer.error == reason && answers.last?.status == 422)
            }
            let dead = try await stage.standIn.issue(creator, #", "age": 100000"#)
            for (kind, reason) in [
                ("password-changed", "password_changed"), ("app-removed", "removed_in_instagram"),
            ] {
                try await stage.standIn.fail("read-profile", kind, count: 1)
                #expect(try await move(dead, to: "berta").reason == reason)
            }
            try await stage.standIn.reset()
            #expect(try stage.kept.users().map(\.id) == ["42/shop-a"])

            // A month later its turn comes.
            try await stage.standIn.set(#"{"clock_offset": \#(30 * Self.day)}"#)
            #expect(await stage.responder?.stop() == .exit(0))
            try await DatabaseQueue(path: stage.database).write { db in
                try db.execute(
                    sql: """
                        UPDATE users SET token_issued_at = token_issued_at - 2592000,
                            token_expires_at = token_expires_at - 2592000, next_renewal_at = unixepoch()
                        """)
            }
            try stage.startResponder()
            let renewed = try await eventually("the renewal") {
                let now = try? await stage.ask("users/42%2Fshop-a/token", key: key).decoded(Stage.HandedOut.self)
                return now?.tokenId == handed.tokenId ? nil : now
            }
            scan.canaries.add(.token, renewed.accessToken)
            #expect(try await stage.standIn.profile(of: renewed.accessToken).status == 200)

            let audit = try await Command.succeed(Programs.shopAuth, ["audit"], environment: stage.environment)
            let imports = audit.output.split(separator: "\n").filter { $0.contains("  import  ") }
            #expect(imports.count == 1 && imports[0].contains("42/shop-a") && imports[0].contains("bot"))

            var reports = answers.flatMap { scan.answer($0, to: "an import") }
            reports += try scan.files() + scan.processes()
            #expect(await stage.responder?.stop() == .exit(0))
            reports += try scan.files()
            #expect(Set(reports).sorted() == [])
        }
    }
}
