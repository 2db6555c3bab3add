// SPDX-License-Identifier: MIT
import Foundation
import Testing
import Vault

/// SIGHUP, and the keyring that it has read again, in the real program.
@Suite
struct KeyReloadTests {
    @Test("A new first key without a restart: cookies of the second verify, of the third no more (checklist 31)")
    func rotation() async throws {
        try await Stage.run { stage in
            let (first, second, flows) = (Browser(), Browser(), Browser())
            _ = try await stage.connect(first)
            let early = try await stage.consented(flows)
            let late = try await stage.consented(flows)
            let old = try stage.keyLines()

            #expect(try await stage.rekey([Stage.key("new")] + old) == ["reloaded: new system"])
            #expect(try await isConnected(first, stage), "N-1 verifies")
            #expect(try await flows.fetch(early.request).status == 200, "a flow of the time before as well")
            _ = try await stage.connect(second)
            try await stage.resealed(with: "new")

            #expect(try await stage.rekey([Stage.key("newer")] + stage.keyLines()) == ["reloaded: newer new system"])
            #expect(try await isConnected(second, stage), "N-1 verifies")
            #expect(try await !isConnected(first, stage), "N-2 does not")
            #expect(try await flows.fetch(late.request).error?.error == "invalid_state", "nor for a flow")
            try await stage.resealed(with: "newer")
            #expect(try await stage.everyTokenIsGood())

            // A key that was put third in one step, as a leaked one is: its sessions end at once.
            let lines = try stage.keyLines()
            let third = [Stage.key("next"), Stage.key("more"), lines[0]]
            #expect(try await stage.rekey(third) == ["reloaded: next more newer"])
            #expect(try await !isConnected(second, stage))
            try await stage.resealed(with: "next")
            #expect(try await stage.rekey(Array(third.prefix(1))) == ["reloaded: next"], "no row needs the others")
            #expect(try await stage.everyTokenIsGood())
            let told = try stage.journal().filter { $0["event"] == "resealed" }
            #expect(told.map { $0["key"] } == ["new", "newer", "next"])
            #expect(told.allSatisfy { $0["rows"] == "1" && $0["unreadable"] == "0" })
        }
    }

    @Test("A bad keyring, or a bad agents file, changes neither: each fault with its line, and everything goes on")
    func refused() async throws {
        try await Stage.run { stage in
            let bot = try await stage.employ([("bot", "*")])[0]
            let browser = Browser()
            _ = try await stage.connect(browser)
            let user = try #require(try stage.kept.users().first).id
            let good = try stage.keyLines()
            let (fresh, broken) = (Stage.key("new"), Stage.key("new").dropLast(2))
            func goesOn() async throws {
                #expect(try await isConnected(browser, stage))
                #expect(try await stage.ask("users/\(user)/token", key: bot).status == 200)
                _ = try await stage.connect(Browser())
                #expect(try stage.kept.users().allSatisfy { $0.box.flatMap(Box.init)?.keyID.description == "system" })
            }
            func refusal(_ faults: String...) -> [String] {
                faults.map { "reload refused: \(stage.keys): \($0)" } + ["reload changed nothing: system"]
            }

            #expect(
                try await stage.rekey(["# ours", String(broken)] + good + ["x", good[0]])
                    == refusal(
                        "line 2: the key is not base64url without padding",
                        "line 4: a line is an id and a key: <id> <base64url of 32 bytes>",
                        "line 5: the id is on line 3 already"))
            try await goesOn()
            #expect(
                try await stage.rekey([fresh])
                    == refusal(
                        "the key system is gone, and 1 rows still need it; put it back, behind the first, until "
                            + "`ig-shop-auth keys list` shows 0 rows; a row that the journal tells as `unreadable row` "
                            + "is never sealed again: let that user connect anew, or run `ig-shop-auth forget USER`"))
            try await goesOn()
            #expect(
                try await stage.rekey([fresh, Stage.key("system")])
                    == refusal(
                        "the key system has other bytes than before, with which it sealed 1 rows; put the old bytes "
                            + "back, or give the new key a name of its own"))
            try await goesOn()
            try FileManager.default.removeItem(atPath: stage.keys)
            #expect(
                try await stage.reload() == [
                    "reload refused: \(stage.keys) cannot be read: No such file or directory; make it, or name another",
                    "reload changed nothing: system",
                ])
            try await goesOn()

            // A good keyring beside a bad agents file.
            let agents = try Data(contentsOf: URL(fileURLWithPath: stage.agents))
            try Data("bot\n".utf8).write(to: URL(fileURLWithPath: stage.agents))
            let told = try await stage.rekey([fresh] + good)
            #expect(told.count == 2 && told[0].hasPrefix("reload refused: \(stage.agents): line 1: a line is a name"))
            #expect(told[1] == "reload changed nothing: system")
            try await goesOn()
            try agents.write(to: URL(fileURLWithPath: stage.agents))
            #expect(try await stage.reload() == ["reloaded: new system"])
            try await stage.resealed(with: "new")
            #expect(try await isConnected(browser, stage))
            #expect(try await stage.ask("users/\(user)/token", key: bot).status == 200)
            for line in [fresh, String(broken)] + good {
                let secret = try #require(line.split(separator: " ").last).prefix(20)
                #expect(!stage.said("journal").contains(secret) && !stage.said("responder").contains(secret))
            }
        }
    }

    @Test("A start without a key that rows need names it and serves the others; when it is back its rows are served")
    func missing() async throws {
        try await Stage.run { stage in
            let bot = try await stage.employ([("bot", "*")])[0]
            let (lost, other) = (Browser(), Browser())
            _ = try await stage.connect(lost)
            let old = try stage.keyLines()
            #expect(await stage.responder?.stop() == .exit(0))
            try stage.writeKeys([Stage.key("new")])
            try stage.startResponder()
            _ = try await eventually("the missing key") {
                try stage.journal().first {
                    $0["event"] == "key missing" && $0["key"] == "system" && $0["rows"] == "1" && $0["level"] == "error"
                }
            }
            _ = try await eventually("an answer") {
                let answer = try? await HTTPClient.shared.send(.get, stage.readyz)
                return answer?.status == 500 ? () : nil
            }
            _ = try await stage.connect(other, account: "bloom.ceramics")
            try await stage.ready()
            let users = try stage.kept.users().map(\.id)
            let refused = try await stage.ask("users/\(users[0])/token", key: bot)
            #expect(refused.status == 409 && refused.text.contains("key_missing"))
            #expect(try await stage.ask("users/\(users[1])/token", key: bot).status == 200)

            #expect(try await stage.rekey([Stage.key("newer")] + stage.keyLines()) == ["reloaded: newer new"])
            #expect(try stage.journal().filter { $0["event"] == "key missing" }.count == 2, "still missing, told again")
            #expect(try await stage.rekey(stage.keyLines() + old) == ["reloaded: newer new system"])
            try await stage.resealed(with: "newer")
            #expect(try await stage.ask("users/\(users[0])/token", key: bot).status == 200)
            #expect(try stage.journal().contains { $0["event"] == "key is back" && $0["key"] == "system" })
        }
    }

    @Test(
        "A start with other bytes under an old id: one line that says what to do, exit 78; with the old bytes it starts"
    )
    func otherBytes() async throws {
        try await Stage.run { stage in
            _ = try await stage.connect(Browser())
            let old = try stage.keyLines()
            #expect(await stage.responder?.stop() == .exit(0))
            try stage.writeKeys([Stage.key("system")])
            let told = try await Command.run(Programs.shopAuth, ["serve"], environment: stage.environment)
            #expect(told.end == .exit(78))
            #expect(
                told.error == """
                    ig-shop-auth: IG_SHOP_AUTH_KEYS: \(stage.keys): the key system has other bytes than before, with \
                    which it sealed 1 rows; put the old bytes back, or give the new key a name of its own

                    """)
            let check = try await Command.run(Programs.shopAuth, ["check"], environment: stage.environment)
            #expect(
                (check.output + check.error).contains("IG_SHOP_AUTH_KEYS: the key system has other bytes than before"))
            let list = try await Command.run(Programs.shopAuth, ["keys", "list"], environment: stage.environment)
            #expect(list.output.contains("system  other bytes     1"))
            try stage.writeKeys(old)
            let good = try await Command.run(Programs.shopAuth, ["check"], environment: stage.environment)
            #expect(!(good.output + good.error).contains("other bytes"))
            try stage.startResponder()
            try await stage.ready()
        }
    }

    private func isConnected(_ browser: Browser, _ stage: Stage) async throws -> Bool {
        try await browser.fetch(stage.status).decoded(Account.self).connected ?? false
    }
}
