// SPDX-License-Identifier: MIT
import Testing

/// The same pages where nothing is set: `META_REDIRECT_URI` is the service's own callback, as `make run` has it.
@Suite
struct ReactOwnCallbackTests {
    @Test("The settings page connects without the login page, and hears of a failure")
    func ownCallback() async throws {
        let project = try ReactProject()
        try await project.build("dev")
        try await Stage.run(.init(examples: project.examples)) { stage in
            try await Chromium.run { browser in
                let visit = ReactVisit(stage: stage, browser: browser)
                try await visit.openSettings()
                try await visit.toConsent()
                try await browser.click("#deny")
                try await visit.sees("you did not allow it", in: "[role=alert]")
                #expect(try await browser.url == visit.settings)
                try await visit.connect()
                #expect(try await browser.url == visit.settings)
                #expect(try await browser.console() == [])
            }
        }
    }
}
