// SPDX-License-Identifier: MIT
import HTTPTypes
import Testing
import Vault

@testable import Connect

@Suite struct FlowCookiesTests {
    @Test("a flow cookie is __Host-, Secure, HttpOnly, Lax, for ten minutes (checklist 23, 24)")
    func attributes() async throws {
        let shop = try Shop()
        let answer = await shop.answer(.json(.get, Route.start))
        let cookie = try #require(answer.cookies.first)
        let tag = FlowID(state: try #require(answer.state)).tag
        #expect(cookie.name == "__Host-ig_flow_" + tag && tag.utf8.count == 16)
        #expect(cookie.attributes == ["Path=/", "Max-Age=600", "Secure", "HttpOnly", "SameSite=Lax"])
        #expect(cookie.value.utf8.allSatisfy { (0x21...0x7e).contains($0) && $0 != 0x3b && $0 != 0x2c && $0 != 0x22 })
    }

    @Test("the longest return_to fits into a cookie and five of them into a header (checklist 25)")
    func size() async throws {
        let shop = try Shop()
        var browser = Browser()
        let query = "?return_to=/" + String(repeating: "a", count: 511)
        for _ in 0..<8 {
            let answer = await shop.start(&browser, query: query)
            #expect(answer.headerBytes < 4_096)
        }
        #expect(browser.flows.count == 5)
        #expect(browser.cookies.allSatisfy { $0.name.utf8.count + $0.value.utf8.count <= 4_096 })
        #expect(try #require(browser.header).utf8.count < 8_192)
    }

    @Test("five flows are open in one browser; the sixth drops the oldest (checklist 11)")
    func sixth() async throws {
        let shop = try Shop()
        var browser = Browser()
        var states: [String] = []
        for _ in 0..<6 {
            states.append(try #require(await shop.start(&browser).state))
            shop.now = shop.now + 1
        }
        #expect(browser.flows.count == 5)
        #expect(await shop.callback(browser, state: states[0]).json["error"] as? String == "invalid_state")
        for state in states.dropFirst() {
            #expect(await shop.callback(browser, state: state).status == .ok)
        }
    }

    @Test("the oldest is the one that began first, wherever its cookie stands")
    func oldest() async throws {
        let shop = try Shop()
        var browser = Browser()
        for _ in 0..<5 {
            await shop.start(&browser)
            shop.now = shop.now + 1
        }
        let oldest = browser.cookies[0].name
        browser.cookies.reverse()
        await shop.start(&browser)
        #expect(!browser.cookies.contains { $0.name == oldest } && browser.flows.count == 5)
    }

    @Test("cookies that do not verify neither count nor evict")
    func junk() async throws {
        let shop = try Shop()
        var browser = Browser()
        for _ in 0..<5 {
            await shop.start(&browser)
            shop.now = shop.now + 1
        }
        let other = try Shop(keys: ["z"])
        for index in 0..<20 {
            var stranger = Browser()
            await other.start(&stranger)
            browser.cookies.insert(stranger.cookies[0], at: 0)
            browser.cookies.insert(try #require(.init("__Host-ig_flow_\(index)=junk")), at: 0)
            // A good value under another name is no flow of that name.
            browser.cookies.insert(
                try #require(.init("__Host-ig_flow_x\(index)=\(browser.cookies.last!.value)")), at: 0)
        }
        let answer = await shop.start(&browser)
        #expect(answer.cookies.count == 2, "its own cookie, and the end of one")
    }

    @Test("flows that are over do not count")
    func expired() async throws {
        let shop = try Shop()
        var browser = Browser()
        for _ in 0..<5 { await shop.start(&browser) }
        shop.now = shop.now + 600
        #expect(await shop.start(&browser).cookies.count == 1)
    }

    @Test("a browser with far too many flows gets an answer that nginx can pass on")
    func tooMany() async throws {
        let shop = try Shop()
        var browser = Browser()
        let query = "?return_to=/" + String(repeating: "a", count: 511)
        for _ in 0..<40 {
            browser.take(await shop.answer(.json(.get, Route.start + query)))
        }
        #expect(browser.flows.count == 40)
        let answer = await shop.start(&browser, query: query)
        #expect(answer.headerBytes < 2_560, "nginx's buffer is 4 KiB")
        for _ in 0..<10 { await shop.start(&browser) }
        #expect(browser.flows.count == 5, "and after a few starts no more than five")
    }

    @Test("a ticket comes back as it was", arguments: [nil, "/", "/a?b=c", "/" + String(repeating: "x", count: 511)])
    func ticket(path: String?) throws {
        let returnTo = try path.map { try ReturnTo($0) }
        for generation in [0, 1, Int64.max, -1] {
            for isRestart in [false, true] {
                let ticket = FlowTicket.begin(
                    at: TestClock(Shop.begin).now, generation: generation,
                    user: isRestart ? String(repeating: "u", count: 128) : nil, returnTo: returnTo,
                    isRestart: isRestart, random: .system)
                #expect(FlowTicket(payload: ticket.payload) == ticket)
                #expect(ticket.payload.count <= SignedValue.maximumPayloadByteCount)
            }
        }
    }

    @Test("a payload of another shape is no ticket, although we signed it")
    func otherPayloads() {
        let ticket = FlowTicket.begin(at: TestClock(Shop.begin).now, generation: 1, returnTo: nil, random: .system)
        let good = ticket.payload
        for count in 0..<good.count { #expect(FlowTicket(payload: Array(good.prefix(count))) == nil) }
        for (index, byte) in [(0, UInt8(0)), (0, 1), (0, 3), (0, 255), (1, 4), (1, 255), (58, 1), (58, 255)] {
            var odd = good
            odd[index] = byte
            #expect(FlowTicket(payload: odd) == nil)
        }
        for path in ["//evil.example", "a", "/\\", "/\n", "\u{0}"] {
            #expect(FlowTicket(payload: good + path.utf8) == nil, "checked again at the moment of use (checklist 32)")
        }
    }
}
