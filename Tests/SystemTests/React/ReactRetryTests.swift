// SPDX-License-Identifier: MIT
import Foundation
import GRDB
import Testing

/// The login page after a failure that may be none yet: the same code again, and a way on where that is of no use.
@Suite
struct ReactRetryTests {
    @Test("Nothing went out, to the database or to Instagram: the same code connects when a person says so")
    func unspent() async throws {
        let project = try ReactProject()
        try await project.build("dev")
        let instagram = try Front(.refuse)
        let options = Stage.Options(
            settings: ["META_API_URL": instagram.url], examples: project.examples,
            redirectPath: "/examples/react/login.html")
        try await Stage.run(options) { stage in
            try await Chromium.run { browser in
                let visit = ReactVisit(stage: stage, browser: browser)
                try await visit.openSettings()
                try await visit.toConsent()
                let held = try hold(stage)
                try await browser.click("#allow")
                try await visit.sees("could not be saved", in: "[role=alert]")
                try await visit.judge("not-saved", console: "status of 503")
                try await held.writeWithoutTransaction { try $0.execute(sql: "ROLLBACK") }
                try held.close()

                try await browser.click("main button")
                try await visit.sees("Instagram cannot be reached", in: "[role=alert]")
                #expect(try await stage.standIn.calls().exchanges == 0)
                try instagram.plan(.pass(stage.standInPort))
                try await browser.click("main button")
                try await visit.sees("@acme_shop", in: "section")
                let calls = try await stage.standIn.calls()
                #expect(calls.exchanges == 1 && calls.repeatedCodes == 0)

                // The code went out this time, and the attempt is over: once more is of no use, and harmless.
                try await stage.standIn.fail("exchange-code", "transient")
                try await browser.click("section > .buttons > button.second")
                try await browser.click("#allow")
                try await visit.sees("Instagram cannot be reached", in: "[role=alert]")
                let exchanges = try await stage.standIn.calls().exchanges
                try await stage.standIn.reset()
                #expect(exchanges >= 1)
                let mark = visit.mark
                try await browser.click("main button")
                _ = try await eventually("heard again") { visit.callbacks(since: mark).count == 1 ? () : nil }
                try await visit.sees("Instagram cannot be reached", in: "[role=alert]")
                #expect(try await stage.standIn.calls().exchanges == 0)
                try await browser.click("a.button")
                try await visit.sees("@acme_shop", in: "section")
            }
        }
    }

    @Test("Without a script the login page leads to the settings that need none")
    func withoutScript() async throws {
        let project = try ReactProject()
        try await project.build("dev")
        let options = Stage.Options(examples: project.examples, redirectPath: "/examples/react/login.html")
        try await Stage.run(options) { stage in
            try await Chromium.run(.init(isScriptOff: true)) { browser in
                try await browser.open(stage.origin + "/examples/react/login.html?code=evil&state=evil")
                try await browser.click("noscript a")
                try await browser.arrive(at: stage.settingsPage)
                _ = try await browser.text("#connect")
            }
        }
    }

    /// Somebody else writes to the database, and does not come to an end.
    private func hold(_ stage: Stage) throws -> DatabaseQueue {
        var configuration = Configuration()
        configuration.allowsUnsafeTransactions = true
        configuration.busyMode = .timeout(5)
        let database = try DatabaseQueue(path: stage.database, configuration: configuration)
        try database.writeWithoutTransaction { try $0.execute(sql: "BEGIN EXCLUSIVE") }
        return database
    }
}
