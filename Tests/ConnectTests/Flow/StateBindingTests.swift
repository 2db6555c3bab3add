// SPDX-License-Identifier: MIT
import Connect
import HTTPTypes
import Instagram
import Testing

@Suite struct StateBindingTests {
    private static func isRefused(_ answer: Answer, _ shop: Shop) -> Bool {
        answer.json["error"] as? String == "invalid_state" && answer.status == .badRequest && answer.cookies.isEmpty
            && shop.instagram.calls.isEmpty
    }

    @Test("every flipped bit of the cookie: one answer, no call (checklist 8)")
    func flippedBits() async throws {
        let shop = try Shop()
        var browser = Browser()
        let state = await shop.start(&browser, query: "?return_to=/a").state
        let value = Array(browser.cookies[0].value.utf8)
        for bit in 0..<value.count * 8 {
            var flipped = value
            flipped[bit / 8] ^= 1 << (bit % 8)
            // What is no UTF-8 cannot be in a header field of ours; a browser's letter can.
            browser.cookies[0].value = String(decoding: flipped, as: UTF8.self)
            #expect(Self.isRefused(await shop.callback(browser, state: state), shop))
        }
        #expect(try shop.phases().isEmpty)
        browser.cookies[0].value = String(decoding: value, as: UTF8.self)
        #expect(await shop.callback(browser, state: state).status == .ok)
    }

    @Test("every flipped bit of the state: one answer, no call (checklist 2)")
    func flippedState() async throws {
        let shop = try Shop()
        var browser = Browser()
        let state = Array(try #require(await shop.start(&browser).state).utf8)
        for bit in 0..<state.count * 8 {
            var flipped = state
            flipped[bit / 8] ^= 1 << (bit % 8)
            let text = PercentEncoding.encode(String(decoding: flipped, as: UTF8.self))
            let answer = await shop.callback(browser, state: text)
            #expect(answer.status == .badRequest && shop.instagram.calls.isEmpty)
        }
    }

    @Test("a cookie cut anywhere, or with letters added, is refused (checklist 8)")
    func truncated() async throws {
        let shop = try Shop()
        var browser = Browser()
        let state = await shop.start(&browser).state
        let value = browser.cookies[0].value
        for altered in (0..<value.count).map({ String(value.prefix($0)) }) + [value + "A", value + "=", "A" + value] {
            browser.cookies[0].value = altered
            #expect(Self.isRefused(await shop.callback(browser, state: state), shop))
        }
    }

    @Test("without the cookie, or with another browser's, a state is worth nothing (checklist 3)")
    func otherBrowser() async throws {
        let shop = try Shop()
        var victim = Browser()
        var attacker = Browser()
        let victims = await shop.start(&victim).state
        let attackers = await shop.start(&attacker).state
        #expect(Self.isRefused(await shop.callback(Browser(), state: victims), shop))
        #expect(Self.isRefused(await shop.callback(victim, state: attackers), shop))
        #expect(Self.isRefused(await shop.callback(attacker, state: victims), shop))
    }

    @Test(
        "a flow is open for 600 seconds, by our clock (checklist 6)",
        arguments: zip(
            [0, 1, 599, 600, 601, 86_400, -1] as [Int64], [true, true, true, false, false, false, false]))
    func lifetime(later: Int64, isOpen: Bool) async throws {
        let shop = try Shop()
        var browser = Browser()
        let state = await shop.start(&browser).state
        shop.now = shop.now + later
        let answer = await shop.callback(browser, state: state)
        #expect(answer.status == (isOpen ? .ok : .badRequest))
        #expect(shop.instagram.calls.isEmpty != isOpen)
    }

    @Test("a cookie of another keyring is foreign; the second key still counts, the third does not (checklist 31)")
    func keys() async throws {
        for (keys, isGood) in [(["z"], false), (["n", "a"], true), (["n", "m", "a"], false), (["a"], true)] {
            var browser = Browser()
            let state = await (try Shop(keys: ["a"])).start(&browser).state
            let shop = try Shop(keys: keys)
            let answer = await shop.callback(browser, state: state)
            #expect(isGood ? answer.status == .ok : Self.isRefused(answer, shop))
        }
    }

    @Test("a doubled cookie is refused, alike or not (checklist 26)")
    func doubled() async throws {
        let shop = try Shop()
        var browser = Browser()
        let state = await shop.start(&browser).state
        let cookie = browser.cookies[0]
        var planted = cookie
        planted.value = "planted"
        for cookies in [[cookie, cookie], [cookie, planted], [planted, cookie]] {
            #expect(Self.isRefused(await shop.callback(Browser(cookies: cookies), state: state), shop))
        }
    }

    @Test("no kind of cookie passes for another (checklist 10)")
    func purposes() async throws {
        let shop = try Shop()
        var browser = Browser()
        await shop.connect(&browser)
        let state = await shop.start(&browser).state
        let calls = shop.instagram.calls.count
        let session = try #require(browser.session).value
        let flow = browser.flows[1].value
        var swapped = browser
        for index in swapped.cookies.indices {
            swapped.cookies[index].value = swapped.cookies[index].name == "__Host-ig_session" ? flow : session
        }
        #expect(await shop.callback(swapped, state: state).json["error"] as? String == "invalid_state")
        #expect(await shop.status(swapped).json["state"] as? String == "not_connected")
        #expect(shop.instagram.calls.count == calls)
    }

    @Test("the values of two flows under each other's names are refused")
    func swappedNames() async throws {
        let shop = try Shop()
        var browser = Browser()
        let first = await shop.start(&browser).state
        let second = await shop.start(&browser).state
        (browser.cookies[0].value, browser.cookies[1].value) = (browser.cookies[1].value, browser.cookies[0].value)
        #expect(Self.isRefused(await shop.callback(browser, state: first), shop))
        #expect(Self.isRefused(await shop.callback(browser, state: second), shop))
    }

    @Test("two flows in two tabs finish in any order, each with its own return_to (checklist 11)")
    func tabs() async throws {
        let shop = try Shop()
        var browser = Browser()
        let first = await shop.start(&browser, query: "?return_to=/one").state
        let second = await shop.start(&browser, query: "?return_to=/two").state
        let answers = [
            await shop.callback(browser, state: second, code: "c2", page: true),
            await shop.callback(browser, state: first, code: "c1", page: true),
        ]
        #expect(answers.map(\.location) == ["/two", "/one"].map { Shop.origin + $0 + "#instagram=connected" })
    }
}
