// SPDX-License-Identifier: MIT
import Foundation
import Testing

/// A disk that is full. Mounting needs root; `UnwritableTests` has what needs no right.
@Suite(
    .serialized, .enabled(if: Stage.canMount, "needs the right to mount a tmpfs"),
    .stage(Stage.Options(databaseKiB: 2_048)))
struct DiskTests {
    private let stage = Stage.current!
    private let browser = Browser()

    init() async throws {
        stage.freeDisk()
        try await stage.standIn.reset()
    }

    @Test("Full: a callback says so and sends nothing, starts go on; with room again it works without a restart")
    func full() async throws {
        let callback = try await stage.consented(browser)
        let responder = try #require(stage.responder)
        try stage.fillDisk()

        let answer = try await browser.fetch(callback.request)
        #expect(answer.status == 503)
        #expect(answer.error?.error == "storage_unavailable")
        let page = try await browser.open(callback.request, by: .page(callback))
        #expect(page.instagramError == "storage_unavailable")
        #expect(page.status == 200, "the settings page only reads")
        #expect(try await stage.standIn.calls().exchanges == 0, "the code is not spent")
        #expect(try await Browser().fetch(stage.start).status == 200)
        let readyz = try await HTTPClient.shared.send(.get, stage.readyz)
        #expect(readyz.status == 503)
        #expect(readyz.error?.error == "storage_unavailable")

        stage.freeDisk()
        #expect(try await HTTPClient.shared.send(.get, stage.readyz).status == 200)
        #expect(try await browser.fetch(callback.request).status == 200, "the same code, now")
        #expect(try await stage.standIn.calls().exchanges == 1)
        #expect(responder.isRunning)
        #expect(try stage.kept.integrity() == "ok")
    }

    @Test("Full just before the token is kept: nobody hears of a connection, and a page gets a fresh round")
    func fullAtTheEnd() async throws {
        let consent = try await stage.consentPage(browser)
        let held = try await browser.press("allow", on: consent) { $0.path == "/auth/instagram/callback" }
        try await stage.standIn.fail("read-profile", nil, count: 1, latency: 300)
        let first = Task { try await browser.go(held) }
        try await stage.standIn.wait(for: "read-profile", count: 1)
        try stage.fillDisk()
        let failed = try await first.value
        #expect(failed.instagramError == "storage_unavailable")
        #expect(await browser.jar["__Host-ig_session"] == nil)

        stage.freeDisk()
        let again = try await browser.go(held)
        #expect(again.url.path == "/oauth/authorize")
        let home = try await browser.press("allow", on: again)
        #expect(home.url.fragment == "instagram=connected")
        #expect(try await stage.standIn.calls().repeatedCodes == 0)
    }
}
