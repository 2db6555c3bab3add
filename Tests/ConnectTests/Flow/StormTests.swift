// SPDX-License-Identifier: MIT
import GRDB
import HTTPTypes
import Instagram
import TestSupport
import Testing
import Vault

@testable import Connect

@Suite struct StormTests {
    @Test("a hundred browsers connect one account at once: one user, a generation each, nothing acknowledged is lost")
    func oneAccount() async throws {
        let shop = try Shop()
        let answers = await withTaskGroup { group in
            for _ in 0..<100 {
                group.addTask {
                    var browser = Browser()
                    let answer = await shop.connect(&browser)
                    return (answer, await shop.status(browser))
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        for (answer, status) in answers {
            #expect(answer.status == .ok)
            #expect(status.json["state"] as? String == "connected")
        }
        let user = try #require(try shop.committed("SELECT * FROM users").first.map(User.init))
        #expect(try shop.committed("SELECT count(*) FROM users").first?[0] == 1)
        #expect(user.generation == 101 && shop.store.generation == 101)
        #expect(try user.token(shop.keyring).exposedText() == ScriptedInstagram.longToken)
        let generations = try shop.committed(
            "SELECT count(DISTINCT generation), count(*) FROM flows WHERE phase = 'done'")
        #expect(generations.first?[0] == 100 && generations.first?[1] == 100)
        #expect(shop.instagram.count(.exchangeCode) == 100)
    }

    @Test("a store that was closed answers with a failure")
    func closed() async throws {
        let shop = try Shop()
        var browser = Browser()
        let state = await shop.start(&browser).state
        try shop.store.close()
        #expect(await shop.callback(browser, state: state).json["error"] as? String == "storage_unavailable")
        #expect(await shop.answer(.making(.get, "/readyz", surface: .private)).status == .serviceUnavailable)
        #expect(shop.instagram.calls.isEmpty)
    }

    @Test(
        "no request, however odd, breaks the site or gets more than a declared answer: 4,000 at random (checklist 15, 38, 40)"
    )
    func odd() async throws {
        let shop = try Shop()
        var numbers = SeededNumbers(11)
        var browser = Browser()
        await shop.connect(&browser)
        let state = await shop.start(&browser).state ?? ""
        let calls = shop.instagram.calls.count
        let words =
            [
                "?", "&", "=", "%", "%00", "%2f", "/", "//", "code", "state", "error", "return_to", "instagram_error",
                "#_",
                "switch_account", "1", "reflected", "\u{0}", "\r\n", "é", "\u{301}", "😀", ";", "; ",
                "__Host-ig_session",
                "__Host-ig_flow_", ",", "*/*", "text/html", "q=", "q=0.5", "same-origin", "access_denied", "prefetch",
                String(repeating: "A", count: 43), String(repeating: "x", count: 3_000), "\u{fffd}",
            ] + Endpoint.allCases.map(\.rawValue) + browser.cookies.map(\.value)
        let names = ["Accept", "Cookie", "Sec-Fetch-Site", "Origin", "Sec-Purpose", "Host", "X-Request-ID"]
        func text(_ most: Int) -> String {
            (0..<Int.random(in: 0...most, using: &numbers)).map { _ in words.randomElement(using: &numbers)! }.joined()
        }
        for _ in 0..<4_000 {
            let headers = names.filter { _ in Bool.random(using: &numbers) }.map { ($0, text(5)) }
            let base =
                Bool.random(using: &numbers) ? Endpoint.allCases.randomElement(using: &numbers)!.rawValue + "?" : ""
            let method = HTTPRequest.Method(["GET", "POST", "HEAD", "PUT"].randomElement(using: &numbers)!)!
            let answer = await shop.answer(
                .making(
                    method, base + text(6), Browser(), Dictionary(uniqueKeysWithValues: headers),
                    body: Int.random(in: 0..<9, using: &numbers) == 0 ? [1] : [],
                    surface: Bool.random(using: &numbers) ? .public : .private))
            #expect([200, 303, 400, 401, 403, 404, 405, 413, 503].contains(answer.status.code))
            #expect(!answer.text.contains("reflected"))
            #expect(answer.fields.allSatisfy { $0.value.utf8.allSatisfy { (0x20...0x7e).contains($0) } })
        }
        #expect(shop.instagram.calls.count == calls, "no guess reaches Instagram")
        #expect(await shop.callback(browser, state: state).status == .ok, "and no flow was spent")
    }
}
