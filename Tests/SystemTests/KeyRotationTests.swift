// SPDX-License-Identifier: MIT
import Foundation
import Testing
import Vault

/// The operator puts another key first, keeps the old one for a while, and drops it (checklist 31).
@Suite
struct KeyRotationTests {
    @Test("A second key still opens sessions, flows and tokens; a third opens tokens only; a lost one is told by name")
    func rotation() async throws {
        try await Stage.run { stage in
            let browser = Browser()
            _ = try await stage.connect(browser)
            let callback = try await stage.consented(browser)
            let old = try String(contentsOfFile: stage.keys, encoding: .utf8)

            try await serve(stage, with: [key("new")] + [old])
            #expect(try await account(browser, stage).state == "connected")
            #expect(try await browser.fetch(callback.request).status == 200, "a flow of the time before")
            let row = try #require(try stage.kept.users().first)
            #expect(row.box.flatMap(Box.init)?.keyID.description == "new")

            let late = try await stage.consented(browser)
            try await serve(stage, with: [key("a"), key("b"), String(contentsOfFile: stage.keys, encoding: .utf8)])
            #expect(try await account(browser, stage).connected == false, "the session has ended")
            #expect(try await browser.fetch(late.request).error?.error == "invalid_state")
            #expect(try await HTTPClient.shared.send(.get, stage.readyz).status == 200, "the token still opens")

            _ = try await stage.connect(browser)
            try await serve(stage, with: [key("c")], isReady: false)
            let readyz = try await eventually("an answer") {
                let answer = try? await HTTPClient.shared.send(.get, stage.readyz)
                return answer?.status == 502 ? nil : answer
            }
            #expect(readyz.status == 500, "no token opens: nobody may take this for well")
            let told = try stage.journal().filter { $0["event"] == "key missing" }
            #expect(told.map { $0["key"] } == ["a"] && told.allSatisfy { $0["rows"] == "1" && $0["level"] == "error" })
        }
    }

    private func key(_ name: String) throws -> String {
        Keyring.generateLine(id: try #require(KeyID(name)), random: .system) + "\n"
    }

    private func account(_ browser: Browser, _ stage: Stage) async throws -> Account {
        try await browser.fetch(stage.status).decoded()
    }

    private func serve(_ stage: Stage, with keys: [String], isReady: Bool = true) async throws {
        let file = try FileHandle(forWritingTo: URL(fileURLWithPath: stage.keys))
        try file.truncate(atOffset: 0)
        try file.write(contentsOf: Data(keys.joined().utf8))
        try file.close()
        try await stage.restartResponder()
        if isReady { try await stage.ready() }
    }
}
