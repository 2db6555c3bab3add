// SPDX-License-Identifier: MIT
import Connect
import HTTPTypes
import Instagram
import Testing

@Suite struct StorageFailureTests {
    /// A step of the flow, and a trigger that makes it fail.
    enum Step: String, CaseIterable {
        case claim = "BEFORE INSERT ON flows"
        case markSent = "BEFORE UPDATE ON flows WHEN NEW.phase = 'sent'"
        case connect = "BEFORE INSERT ON users"
        case done = "BEFORE UPDATE ON flows WHEN NEW.phase = 'done'"
        case counter = "BEFORE UPDATE ON counter"
    }

    private static func failing(_ shop: Shop, _ step: Step, how: String = "ABORT") throws {
        try shop.execute("CREATE TRIGGER broken \(step.rawValue) BEGIN SELECT RAISE(\(how), 'canary'); END")
    }

    @Test(
        "storage that fails is `storage_unavailable`, says why to the operator, and works again by itself",
        arguments: Step.allCases, ["ABORT", "ROLLBACK"])
    func recovery(step: Step, how: String) async throws {
        let shop = try Shop()
        var browser = Browser()
        let state = await shop.start(&browser, query: "?return_to=/a").state
        try Self.failing(shop, step, how: how)
        let answer = await shop.callback(browser, state: state)
        #expect(answer.status == .serviceUnavailable && answer.json["error"] as? String == "storage_unavailable")
        #expect(answer.cookies.isEmpty)
        #expect(try shop.committed("SELECT * FROM users").isEmpty, "nothing is half connected (checklist 49)")
        #expect(shop.log.lines.contains { $0.hasPrefix("error storage") })
        #expect(!shop.log.lines.joined().contains("canary"))

        let wasSent = step != .claim && step != .markSent
        #expect(shop.instagram.count(.exchangeCode) == (wasSent ? 1 : 0), "no code leaves before `sent` is committed")
        try shop.execute("DROP TRIGGER broken")
        let again = await shop.callback(browser, state: state, page: true)
        if wasSent {
            // The code is spent and the token is lost: a page starts again by itself.
            browser.take(again)
            let fresh = await shop.callback(browser, state: again.state, code: "fresh", page: true)
            #expect(fresh.location == Shop.origin + "/a#instagram=connected")
        } else {
            #expect(again.location == Shop.origin + "/a#instagram=connected")
        }
        #expect(shop.instagram.count(.exchangeCode) == (wasSent ? 2 : 1))
    }

    @Test("a failed flow whose end cannot be written still says what failed")
    func endFails() async throws {
        let shop = try Shop()
        shop.instagram.answer(.exchangeCode, .success(.flatRefusal))
        try Self.failing(shop, .done)
        var browser = Browser()
        #expect(await shop.connect(&browser).json["error"] as? String == "token_exchange_failed")
        #expect(try shop.phases() == ["sent"], "so the code is never sent again")
    }

    @Test("a database that cannot be read is `storage_unavailable` to status, page and readyz")
    func reads() async throws {
        let shop = try Shop()
        var browser = Browser()
        await shop.connect(&browser)
        try shop.execute("ALTER TABLE users RENAME TO hidden")
        let status = await shop.status(browser)
        #expect(status.status == .serviceUnavailable && status.json["error"] as? String == "storage_unavailable")
        let page = await shop.answer(.page(.get, Route.settings, browser))
        #expect(page.status == .serviceUnavailable && page.contentType == "text/html; charset=utf-8")
        #expect(page.error == .storageUnavailable)
        let ready = await shop.answer(.making(.get, "/readyz", surface: .private))
        #expect(ready.status == .serviceUnavailable)
        #expect(await shop.answer(.making(.get, "/healthz", surface: .private)).status == .ok)
        #expect(await shop.answer(.json(.get, Route.start)).status == .ok, "a start does not need the disk")
        try shop.execute("ALTER TABLE hidden RENAME TO users")
        #expect(await shop.status(browser).json["state"] as? String == "connected")
        #expect(await shop.answer(.making(.get, "/readyz", surface: .private)).status == .ok)
    }

    @Test("a sign-out that cannot be stored says so, and this browser at least forgets")
    func signOut() async throws {
        let shop = try Shop()
        var browser = Browser()
        await shop.connect(&browser)
        try shop.execute(
            "CREATE TRIGGER broken BEFORE INSERT ON ended_sessions BEGIN SELECT RAISE(ABORT, 'canary'); END")
        let copy = browser
        let answer = await shop.answer(.json(.post, Route.signOut, browser, ["Sec-Fetch-Site": "same-origin"]))
        browser.take(answer)
        #expect(answer.status == .serviceUnavailable && browser.session == nil)
        #expect(await shop.status(copy).json["state"] as? String == "connected")
    }

    @Test("readyz proves a commit, and that the newest token opens")
    func readyz() async throws {
        let shop = try Shop()
        #expect(await shop.answer(.making(.get, "/readyz", surface: .private)).status == .ok)
        var browser = Browser()
        await shop.connect(&browser)
        #expect(await shop.answer(.making(.get, "/readyz", surface: .private)).status == .ok)
        try Self.failing(shop, .counter)
        #expect(await shop.answer(.making(.get, "/readyz", surface: .private)).status == .serviceUnavailable)
        try shop.execute("DROP TRIGGER broken")
        try shop.execute("UPDATE users SET generation = generation + 1")
        let forged = await shop.answer(.making(.get, "/readyz", surface: .private))
        #expect(forged.status == .internalServerError && forged.json["error"] as? String == "internal_error")
    }

    @Test("a visitor who goes away in the middle loses no connection")
    func cancelled() async throws {
        let shop = try Shop()
        let held = shop.instagram.hold(.readProfile)
        var browser = Browser()
        let state = await shop.start(&browser).state
        let callback = Task { [browser] in await shop.callback(browser, state: state) }
        await held.arrived.wait()
        callback.cancel()
        held.release.fire()
        #expect(await callback.value.status == .ok)
        #expect(try shop.phases() == ["done"])
        #expect(try shop.committed("SELECT * FROM users").count == 1)
    }
}
