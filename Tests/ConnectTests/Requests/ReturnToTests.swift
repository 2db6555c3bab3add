// SPDX-License-Identifier: MIT
import Connect
import Foundation
import HTTPTypes
import Instagram
import TestSupport
import Testing

@Suite struct ReturnToTests {
    static let good = [
        "/", "/a", "/a/", "/a/b", "/a/b/", "/a?b", "/a?b=c&d=e", "/?", "/?a", "/a?b=//c", "/a?b=https://evil.example",
        "/a?b=%23c",
        "/a.b",
        "/..a", "/a..", "/...", "/.a", "/a?..", "/a?b=../..", "/caf%C3%A9", "/a%20b", "/a%2fb", "/~me", "/a;b=c",
        "/@me",
        "/a@evil.example", "/:80", "/a:b", "/https:evil", "/!$&'()*+,;=", "/a?b=%2F%2Fc", "/%252e%252e/a", "/a%3Fb",
        "/a?b?c", "/a|b", "/{a}", "/\"a\"", "/<a>", "/a?next=%2Fx%3Fy%3D1", "/auth/instagram/settings",
    ]

    @Test("a path of our own origin is accepted as it stands", arguments: good)
    func accepted(path: String) throws {
        #expect(try ReturnTo(path).path == path)
        #expect(URLs.origin(of: path) == Shop.origin)
    }

    @Test("what a browser could read as another place is refused (checklist 32)", arguments: OpenRedirects.all)
    func refused(payload: String) {
        #expect(throws: ErrorCode.invalidRequest) { try ReturnTo(payload) }
    }

    @Test("the same payloads are refused at the start, before a cookie is set (checklist 32)")
    func refusedAtTheStart() async throws {
        let shop = try Shop()
        for payload in OpenRedirects.all {
            let path = Route.start + "?return_to=" + PercentEncoding.encode(payload)
            let answer = await shop.answer(.page(.post, path, Browser(), ["Sec-Fetch-Site": "same-origin"]))
            #expect(answer.status == .badRequest, "\(payload.debugDescription)")
            #expect(answer.cookies.isEmpty && answer.location == nil)
        }
    }

    @Test("512 bytes are accepted, one more is refused")
    func length() throws {
        let longest = "/" + String(repeating: "a", count: 511)
        #expect(try ReturnTo(longest).path == longest)
        #expect(throws: ErrorCode.invalidRequest) { try ReturnTo(longest + "a") }
    }

    @Test("whatever is accepted of mutated addresses stays on our origin (checklist 32)")
    func mutations() {
        var numbers = SeededNumbers(7)
        let parts = OpenRedirects.all + Self.good
        let spices = [
            "/", "//", "\\", "%2f", "%2F", "%5c", "%5C", ".", "..", "%2e", "%2E%2e", "?", "#", "@", ":", "%00", "%09",
            "%0a",
            "\t", "\n", "\r", " ", "%", "%25", "evil.example", "http:", "&", ";", "\u{0}", "\u{2028}", "\u{ff0f}",
            "%c0%af",
        ]
        var accepted = 0
        let count = Soak.times(20_000)
        for _ in 0..<count {
            var candidate = Array(parts.randomElement(using: &numbers)!)
            for _ in 0..<Int.random(in: 1...4, using: &numbers) {
                let place = Int.random(in: 0...candidate.count, using: &numbers)
                switch Int.random(in: 0..<4, using: &numbers) {
                case 0 where !candidate.isEmpty: candidate.remove(at: min(place, candidate.count - 1))
                case 1: candidate.insert(contentsOf: parts.randomElement(using: &numbers)!, at: place)
                default: candidate.insert(contentsOf: spices.randomElement(using: &numbers)!, at: place)
                }
            }
            let text = String(candidate)
            guard let returnTo = try? ReturnTo(text) else { continue }
            accepted += 1
            #expect(URLs.origin(of: returnTo.path) == Shop.origin, "\(text.debugDescription)")
            #expect(URLs.path(of: returnTo.path) == returnTo.path.prefix { $0 != "?" }, "\(text.debugDescription)")
            let foundation = URL(string: Shop.origin + returnTo.path)
            #expect(foundation == nil || foundation?.host == "shop.example", "\(text.debugDescription)")
        }
        #expect(accepted > 500, "the run has to reach both sides")
        Soak.record("mutated `return_to` addresses", count, "\(accepted) accepted, none leaves the origin")
    }
}
