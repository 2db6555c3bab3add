// SPDX-License-Identifier: MIT
import Foundation
import HTTPTypes
import Instagram
import TestSupport
import Testing

@testable import Connect

@Suite struct ReturnToTests {
    private static let table = ReturnToTable.shared

    @Test("a path of our own origin is accepted as it stands")
    func accepted() throws {
        for path in Self.table.acceptedTexts {
            #expect((try? ReturnTo(path))?.path == path, "\(path.debugDescription)")
            Self.expectOurs(path)
        }
        #expect(Self.table.accepted.count > 250)
    }

    @Test("what a browser could read as another place is refused (checklist 32)")
    func refused() {
        for payload in Self.table.refused {
            let text = String(decoding: payload, as: UTF8.self)
            #expect(throws: ErrorCode.invalidRequest, "\(text.debugDescription)") { try ReturnTo(text) }
        }
        #expect(Self.table.refused.count > 1_000)
        let away = Self.table.refused.count { URLs.origin(of: String(decoding: $0, as: UTF8.self)) != URLs.origin }
        #expect(away > 300, "many of them would lead elsewhere")
    }

    @Test("the same payloads are refused at the start, before a cookie is set, and stand on no page (checklist 32)")
    func refusedAtTheStart() async throws {
        let shop = try Shop()
        for payload in Self.table.refused {
            let query = "?return_to=" + Self.escaped(payload)
            let shown = String(decoding: payload, as: UTF8.self).debugDescription
            let answer = await shop.answer(
                .page(.post, Route.start + query, Browser(), ["Sec-Fetch-Site": "same-origin"]))
            #expect(answer.status == .badRequest, "\(shown)")
            #expect(answer.cookies.isEmpty && answer.location == nil, "\(shown)")
            let page = await shop.answer(.page(.get, Route.settings + query))
            #expect(!page.text.contains("action=\"/auth/instagram?"), "\(shown)")
        }
    }

    @Test("a finished flow ends on our own origin, at the path that was asked for, well or not (checklist 32)")
    func finished() async throws {
        let shop = try Shop()
        let paths = Self.table.acceptedTexts
        var count = 0
        for index in stride(from: 0, to: paths.count, by: Soak.times(8, full: 1)) {
            let path = paths[index]
            for isAllowed in [true, false] {
                var browser = Browser()
                let state = await shop.start(&browser, query: "?return_to=" + Self.escaped(Array(path.utf8))).state
                let answer = await shop.callback(
                    browser, state: state, code: isAllowed ? Shop.code : nil, page: true,
                    more: isAllowed ? "" : "&error=access_denied")
                let location = try #require(answer.location)
                #expect(answer.status == .seeOther && location.utf8.starts(with: (Shop.origin + path).utf8))
                #expect(location.hasSuffix(isAllowed ? "#instagram=connected" : "#instagram=failed"))
                Self.expectOurs(String(location.dropFirst(Shop.origin.utf8.count)))
                count += 1
            }
        }
        Soak.record("flows with a `return_to` of the table", count, "each `Location` on the own origin")
    }

    @Test("512 bytes are accepted, one more is refused")
    func length() throws {
        let longest = "/" + String(repeating: "a", count: 511)
        #expect(try ReturnTo(longest).path == longest)
        #expect(throws: ErrorCode.invalidRequest) { try ReturnTo(longest + "a") }
    }

    private static let origins = ["https://app.shop.example", "http://app.localhost:3000"]

    @Test("an allowed origin may stand before the path, and ours, which is left away")
    func allowedOrigins() throws {
        for origin in Self.origins {
            for path in ["/", "/a?b=c", "/a/"] {
                let place = try ReturnTo(origin + path, origins: Self.origins, own: Shop.origin)
                #expect(place.origin == origin && place.path == path && place.text == origin + path)
                #expect(place.url(own: Shop.origin) == origin + path)
                #expect(try ReturnTo(place.text, origins: Self.origins) == place)
            }
            #expect(try ReturnTo(origin, origins: Self.origins).path == "/")
            let added = try ReturnTo(origin + "/a?b=c", origins: Self.origins).adding("x", "y z")
            #expect(added.text == origin + "/a?b=c&x=y%20z")
        }
        let own = try ReturnTo(Shop.origin + "/a", origins: Self.origins, own: Shop.origin)
        #expect(own == (try ReturnTo("/a")) && own.url(own: Shop.origin) == Shop.origin + "/a")
        #expect(throws: ErrorCode.invalidRequest) { try ReturnTo(Shop.origin + "/a", origins: Self.origins) }
    }

    @Test(
        "what only begins like an allowed origin, or is written in another way, is refused",
        arguments: [
            ".evil.example/", "@evil.example/", ":444/", ":443/", "evil/", "?a", "#a", "\\@evil.example",
            "//evil.example",
            "/..//evil.example", "/%2e%2e", "/a#b", "/a?instagram=connected", "%2f", "\t/", " /", "\0/",
        ])
    func tricks(_ end: String) {
        for origin in Self.origins {
            #expect(throws: ErrorCode.invalidRequest, "\(origin)\(end)") {
                try ReturnTo(origin + end, origins: Self.origins, own: Shop.origin)
            }
        }
    }

    @Test("an origin in another spelling, of another scheme, or of nobody is refused")
    func otherOrigins() {
        for text in [
            "HTTPS://app.shop.example/", "https://APP.shop.example/", "http://app.shop.example/", "//app.shop.example/",
            "https:/app.shop.example/", "https:\\\\app.shop.example/", " https://app.shop.example/", "null", "null/",
            "https://app.localhost:3000/", "http://app.localhost/", "https://shop.example.app.shop.example/",
            "https://evil.example/https://app.shop.example/", "",
        ] {
            #expect(throws: ErrorCode.invalidRequest, "\(text)") {
                try ReturnTo(text, origins: Self.origins, own: Shop.origin)
            }
        }
    }

    @Test("512 bytes are accepted with an origin too, one more is refused")
    func lengthWithOrigin() throws {
        let longest = Self.origins[0] + "/" + String(repeating: "a", count: 511 - Self.origins[0].utf8.count)
        #expect(try ReturnTo(longest, origins: Self.origins).text == longest)
        #expect(throws: ErrorCode.invalidRequest) { try ReturnTo(longest + "a", origins: Self.origins) }
    }

    @Test("whatever is accepted of mutated addresses stays on our origin, and is the path it was (checklist 32)")
    func mutations() {
        let count = Soak.times(50_000, full: 1_000_000)
        var accepted = 0
        for text in ReturnToMutations(seed: 7).prefix(count) {
            guard let returnTo = try? ReturnTo(text) else { continue }
            accepted += 1
            Self.expectOurs(returnTo.path)
        }
        #expect(accepted > count / 20 && accepted < count / 2, "\(accepted): the run has to reach both sides")
        Soak.record("mutated `return_to` addresses", count, "\(accepted) accepted, none leaves the origin")
    }

    /// By the rules of browsers, and by those of RFC 3986 as Foundation has them.
    private static func expectOurs(_ path: String) {
        #expect(URLs.origin(of: path) == Shop.origin, "\(path.debugDescription)")
        #expect(URLs.path(of: path) == path.prefix { $0 != "?" && $0 != "#" }, "\(path.debugDescription)")
        let foundation = URL(string: Shop.origin + path)
        #expect(foundation == nil || foundation?.host == "shop.example", "\(path.debugDescription)")
    }

    /// Every byte, whatever it is.
    private static func escaped(_ bytes: [UInt8]) -> String {
        bytes.map { "%" + ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
