// SPDX-License-Identifier: MIT
import HTTPTypes
import Instagram
import TestSupport
import Testing
import Vault

@testable import Connect

/// Frontends on other origins: what they may read and do, and that nobody else may (CORS with credentials).
@Suite struct CrossOriginTests {
    private static let app = "https://app.shop.example"
    private static let second = "http://localhost:5173"
    private static let shared = [Route.start, Route.callback, Route.status, Route.disconnect, Route.signOut]

    private static func shop(_ origins: [String] = [app, second]) throws -> Shop {
        try Shop(allowedOrigins: origins)
    }

    /// As a page of that origin asks with `fetch` and credentials.
    private static func fetch(
        _ method: HTTPRequest.Method = .get, _ path: String, _ origin: String?, site: String? = "same-site",
        _ browser: Browser = Browser(), more: [String: String] = [:]
    ) -> Request {
        var headers = more
        headers["Origin"] = origin
        headers["Sec-Fetch-Site"] = site
        return .json(method, path, browser, headers)
    }

    /// Not one of their names begins so.
    private static func corsFields(_ answer: Answer) -> [String] {
        answer.fields.map(\.name.rawName).filter { $0.lowercased().hasPrefix("access-control") }
    }

    @Test(
        "A listed origin may read every answer of the routes that a frontend calls, failures too",
        arguments: [app, second])
    func listed(origin: String) async throws {
        let shop = try Self.shop()
        for path in Self.shared {
            for method in [HTTPRequest.Method.get, .post, .put, .delete] {
                for request in [
                    Self.fetch(method, path, origin), Self.fetch(method, path + "?return_to=//x", origin),
                    Self.fetch(method, path, origin, site: "cross-site"),
                    Request.page(method, path, Browser(), ["Origin": origin]),
                ] {
                    let answer = await shop.answer(request)
                    #expect(answer.fields[values: .accessControlAllowOrigin] == [origin], "\(method) \(path)")
                    #expect(answer.fields[values: .accessControlAllowCredentials] == ["true"])
                    #expect(answer.fields[values: .accessControlExposeHeaders] == ["Retry-After"])
                    #expect(answer.fields[values: .vary] == ["Origin"])
                    #expect(answer.fields[values: .cacheControl] == ["no-store"])
                }
            }
        }
    }

    @Test(
        "No other origin gets a word of it: not listed, null, a suffix, a prefix, another spelling, two at once",
        arguments: [
            "https://evil.example", "null", "", "*", "https://app.shop.example.evil.example",
            "https://evilapp.shop.example", "https://app.shop.example.", "https://app.shop.example:443",
            "https://app.shop.example/", "https://APP.shop.example", "http://app.shop.example",
            "https://user@app.shop.example", "https://app.shop.example, https://app.shop.example",
            "https://app.shop.example https://evil.example", "https://app.shop.examplé",
            "http://localhost:51730", "http://localhost", "file://", "https://shop.example",
        ])
    func unlisted(origin: String) async throws {
        let shop = try Self.shop()
        for path in Self.shared {
            for method in [HTTPRequest.Method.get, .post, .options] {
                let answer = await shop.answer(Self.fetch(method, path, origin))
                #expect(Self.corsFields(answer) == [], "\(method) \(path)")
                #expect(answer.fields[values: .vary] == ["Origin"])
                #expect(answer.cookies.isEmpty || path == Route.signOut && method == .post)
            }
        }
        let twice = Self.fetch(.get, Route.status, Self.app)
        let answer = await shop.answer(
            Request(head: twice.head.adding(.origin, Self.app), body: [], id: Request.id, surface: .public))
        #expect(Self.corsFields(answer) == [])
    }

    @Test("Whatever an origin looks like, only one of the list byte for byte is answered")
    func property() async throws {
        let shop = try Self.shop()
        var numbers = SeededNumbers(31)
        let letters = Array("htps:/.-apexmlocw1573@, *".utf8)
        for _ in 0..<2_000 {
            var bytes = Array([Self.app, Self.second, Shop.origin].randomElement(using: &numbers)!.utf8)
            for _ in 0..<Int.random(in: 0...2, using: &numbers) {
                let place = Int.random(in: 0..<bytes.count, using: &numbers)
                switch Int.random(in: 0..<4, using: &numbers) {
                case 0: bytes[place] = letters.randomElement(using: &numbers)!
                case 1: bytes.insert(letters.randomElement(using: &numbers)!, at: place)
                case 2: bytes.remove(at: place)
                default: bytes.append(letters.randomElement(using: &numbers)!)
                }
            }
            let origin = String(decoding: bytes, as: UTF8.self)
            let request = Self.fetch(.get, Route.status, nil)
            let answer = await shop.answer(
                Request(head: request.head.adding(.origin, origin), body: [], id: Request.id, surface: .public))
            let sent = origin.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed()
            let isListed = [Self.app, Self.second].contains { Array($0) == Array(sent) }
            #expect((answer.fields[.accessControlAllowOrigin] != nil) == isListed, "\(origin)")
        }
    }

    @Test("Other routes are nobody else's: pages, links, the script, the description, Meta's and the private ones")
    func unshared() async throws {
        let shop = try Self.shop()
        for endpoint in Endpoint.allCases where !Self.shared.contains(endpoint.rawValue) {
            for method in endpoint.methods + [.options] {
                let answer = await shop.answer(
                    .making(
                        method, endpoint.rawValue, Browser(), ["Origin": Self.app, "Sec-Fetch-Site": "same-site"],
                        surface: endpoint.surface))
                #expect(Self.corsFields(answer) == [], "\(method) \(endpoint)")
                #expect((method == .options) == (answer.status == .methodNotAllowed))
            }
        }
    }

    @Test("A preflight is answered before anybody is asked who is there, with the route's own methods")
    func preflight() async throws {
        let shop = try Shop(
            identity: .remoteUser(edge: EdgeSecret(utf8: Shop.edge)), allowedOrigins: [Self.app])
        for endpoint in Endpoint.allCases where Self.shared.contains(endpoint.rawValue) {
            let answer = await shop.answer(
                Self.fetch(
                    .options, endpoint.rawValue, Self.app,
                    more: [
                        "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type",
                    ]))
            let methods = endpoint.methods.map(\.rawValue).joined(separator: ", ")
            #expect(answer.status == .noContent && answer.body.isEmpty && answer.cookies.isEmpty)
            #expect(answer.fields[values: .accessControlAllowMethods] == [methods])
            #expect(answer.fields[values: .accessControlAllowHeaders] == ["Accept, Content-Type"])
            #expect(answer.fields[HTTPField.Name("Access-Control-Max-Age")!] == "600")
            #expect(answer.fields[.allow] == methods + ", OPTIONS")
            #expect(answer.fields[.accessControlAllowOrigin] == Self.app)
        }
        let alone = try Shop()
        let refused = await alone.answer(Self.fetch(.options, Route.status, Self.app))
        #expect(refused.status == .methodNotAllowed && Self.corsFields(refused) == [])
        #expect(refused.fields[.vary] == nil && refused.fields[.allow] == "GET, HEAD")
    }

    @Test(
        "A page of a listed origin starts, reads, disconnects and signs out; of another site none does (checklist 20)")
    func deeds() async throws {
        for (origin, site, isAllowed) in [
            (Self.app as String?, "same-site" as String?, true), (Self.app, nil, true), (Self.app, "same-origin", true),
            (Self.app, "cross-site", false), (Self.app, "none", false),
            ("https://evil.shop.example", "same-site", false),
            ("https://evil.shop.example", nil, false), ("null", nil, false), ("null", "same-site", false),
            (nil, "same-site", false), (Shop.origin, "same-site", false), (Shop.origin, nil, true),
        ] {
            let shop = try Self.shop()
            var browser = Browser()
            await shop.connect(&browser)
            let name = "\(origin ?? "-") \(site ?? "-")"
            for (method, path) in [
                (HTTPRequest.Method.get, Route.start), (.post, Route.start), (.post, Route.signOut),
                (.post, Route.disconnect),
            ] {
                var used = browser
                if path == Route.disconnect { await shop.connect(&used) }
                let answer = await shop.answer(Self.fetch(method, path, origin, site: site, used))
                #expect((answer.status == .ok) == isAllowed, "\(method) \(path) \(name)")
                #expect((answer.error == .forbidden) != isAllowed, "\(name)")
            }
        }
    }

    @Test("A form of a listed origin starts; a link, or an image, does not")
    func pages() async throws {
        let shop = try Self.shop()
        let headers = ["Origin": Self.app, "Sec-Fetch-Site": "same-site"]
        let form = await shop.answer(
            .page(.post, Route.start + "?return_to=" + Self.app + "/account", Browser(), headers))
        #expect(form.location?.hasPrefix("https://www.instagram.com/") == true && form.cookies.count == 1)
        let link = await shop.answer(.page(.get, Route.start, Browser(), ["Sec-Fetch-Site": "same-site"]))
        #expect(link.followed == Route.settings && link.cookies.isEmpty)
        let image = await shop.answer(.json(.get, Route.start, Browser(), ["Sec-Fetch-Site": "same-site"]))
        #expect(image.status == .forbidden && image.cookies.isEmpty)
    }

    @Test(
        "Who began on a listed origin ends there, on failure too; not when it is off the list")
    func returns() async throws {
        let shop = try Self.shop()
        var browser = Browser()
        let start = await shop.answer(
            Self.fetch(.post, Route.start + "?return_to=" + Self.app + "/account%3Ftab=2", Self.app))
        browser.take(start)
        let denied = await shop.callback(
            browser, state: start.state, code: nil, page: true, more: "&error=access_denied")
        #expect(denied.location?.hasPrefix(Self.app + "/account?tab=2&instagram_error=access_denied&") == true)

        let query = "?return_to=" + Self.app + "/account"
        let page = await shop.connect(&browser, page: true, query: query)
        #expect(page.location == Self.app + "/account#instagram=connected")
        for place in [
            "https://evil.example/", Self.app + ".evil.example/", Self.app + "@evil.example/", Self.app + ":8443/",
            Self.app + "//evil.example", Self.app + "/%5cevil.example", Self.app.uppercased() + "/",
        ] {
            let answer = await shop.answer(Self.fetch(.post, Route.start + "?return_to=" + place, Self.app))
            #expect(answer.errorCode == "invalid_request" && answer.cookies.isEmpty, "\(place)")
        }

        // The list changed while somebody was at Instagram.
        let directory = try TemporaryDirectory()
        let before = try Shop(in: directory, allowedOrigins: [Self.app])
        let state = await before.start(&browser, query: query).state
        try before.store.close()
        let after = try Shop(in: directory)
        let answer = await after.callback(browser, state: state, page: true)
        #expect(answer.error == .invalidState && answer.location?.hasPrefix(Shop.origin + Route.settings) == true)
    }

    @Test(
        "Our button may lead to Instagram, and on to where somebody ends, and the policy says nobody else (checklist 38)"
    )
    func policy() async throws {
        let shop = try Shop(allowedOrigins: [Self.app], redirectURI: "https://app.shop.example/login")
        let policy = try #require(await shop.answer(.page(.get, Route.settings)).fields[.contentSecurityPolicy])
        #expect(policy.hasSuffix("form-action 'self' https://www.instagram.com https://app.shop.example"))
        let other = try Shop(redirectURI: "https://login.shop.example/")
        let second = try #require(await other.answer(.page(.get, Route.settings)).fields[.contentSecurityPolicy])
        #expect(second.hasSuffix("form-action 'self' https://www.instagram.com https://login.shop.example"))
        let plain = try #require(await Shop().answer(.page(.get, Route.settings)).fields[.contentSecurityPolicy])
        #expect(plain.hasSuffix("form-action 'self' https://www.instagram.com"))
    }
}

extension HTTPRequest {
    /// With one more field of that name.
    fileprivate func adding(_ name: HTTPField.Name, _ value: String) -> HTTPRequest {
        var head = self
        head.headerFields.append(HTTPField(name: name, value: value))
        return head
    }
}
