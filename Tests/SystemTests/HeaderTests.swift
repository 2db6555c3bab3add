// SPDX-License-Identifier: MIT
import Foundation
import Testing

/// Headers with which a client pretends (checklist 50), and what every answer carries.
@Suite(.serialized, .stage)
struct HeaderTests {
    private let stage = Stage.current!
    private let browser = Browser()

    init() async throws {
        try await stage.standIn.reset()
    }

    @Test(
        "What a client claims about the web server does not arrive: the flow goes its ordinary way (checklist 12, 46)",
        arguments: [
            ("Proxy", "http://127.0.0.1:1"), ("Authorization", "Basic YWRtaW46YWRtaW4="),
            ("X-Forwarded-Host", "evil.example"), ("X-Forwarded-Proto", "https"), ("Forwarded", "host=evil.example"),
            ("Remote-User", "admin"), ("X-Original-URL", "/readyz"), ("X-Accel-Redirect", "/readyz"),
            ("IG_SURFACE", "private"), ("Https", "on"), ("Transfer", "chunked"),
        ])
    func claims(_ header: (String, String)) async throws {
        let callback = try await stage.consented(browser)
        let cookie = try #require(await browser.jar.field(for: callback, isLaxAllowed: true))
        let answer = try await HTTPClient.shared.send(
            .get, callback.request, headers: [(name: "Cookie", value: cookie), (name: header.0, value: header.1)])
        #expect(answer.status == 200)
        #expect(answer.all("set-cookie").count == 1)
        let start = try await HTTPClient.shared.send(.get, stage.start, headers: [(name: header.0, value: header.1)])
        #expect(start.status == 200)
        #expect(!start.text.contains("evil"))
    }

    @Test("Another Host changes no link of ours (checklist 12)")
    func host() async throws {
        let request = "GET /auth/instagram HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n"
        let answer = try await RawHTTP.send(request, port: stage.port)
        #expect(answer.status == 200)
        #expect(!answer.text.contains("evil"))
        let page = try await RawHTTP.send(
            request.replacing("Connection", with: "Accept: text/html\r\nConnection"), port: stage.port)
        #expect(page.header("location") == stage.settingsPage)
    }

    @Test("Two cookies of one name are refused, in one line or in two (checklist 26)")
    func twins() async throws {
        let callback = try await stage.consented(browser)
        let flow = try #require(await browser.jar.field(for: callback, isLaxAllowed: true))
        let name = flow.prefix { $0 != "=" }
        for cookies in [
            "Cookie: \(flow)\r\nCookie: \(name)=planted", "Cookie: \(name)=planted\r\nCookie: \(flow)",
            "Cookie: \(flow); \(name)=planted", "Cookie: \(flow); \(flow)",
        ] {
            let answer = try await RawHTTP.send(
                "GET \(callback.target) HTTP/1.1\r\nHost: localhost\r\n\(cookies)\r\nConnection: close\r\n\r\n",
                port: stage.port)
            #expect(answer.error?.error == "invalid_state", "\(cookies)")
        }
        #expect(try await stage.standIn.calls().exchanges == 0)
        // A second line with other cookies is no harm.
        let answer = try await RawHTTP.send(
            "GET \(callback.target) HTTP/1.1\r\nHost: localhost\r\nCookie: a=b\r\nCookie: \(flow)\r\n"
                + "Connection: close\r\n\r\n", port: stage.port)
        #expect(answer.status == 200)
    }

    @Test("A header with an underscore is not the header with a hyphen")
    func underscore() async throws {
        let answer = try await RawHTTP.send(
            "POST /auth/instagram HTTP/1.1\r\nHost: localhost\r\nSec_Fetch_Site: same-origin\r\nContent-Length: 0\r\n"
                + "Connection: close\r\n\r\n", port: stage.port)
        #expect(answer.error?.error == "forbidden")
    }

    @Test("Every cookie is __Host-, Secure, HttpOnly, Lax, of the whole site, and short (checklist 23, 24, 25)")
    func cookies() async throws {
        let start = try await browser.fetch(stage.start + "?return_to=/" + String(repeating: "a", count: 511))
        let end = try await stage.connect(browser)
        let lines = start.all("set-cookie") + end.all("set-cookie")
        #expect(lines.count == 2)
        for line in lines {
            #expect(line.hasPrefix("__Host-ig_"))
            for attribute in ["Secure", "HttpOnly", "SameSite=Lax", "Path=/"] {
                #expect(line.contains("; " + attribute))
            }
            #expect(!line.lowercased().contains("domain"))
            #expect(line.utf8.count <= 4_096)
        }
        #expect(start.all("set-cookie").allSatisfy { $0.contains("; Max-Age=600;") })
    }

    @Test("Every answer of ours is not kept, not sniffed, and tells no referrer elsewhere (checklist 36, 37, 38)")
    func common() async throws {
        let home = try await browser.press("allow", on: try await stage.consentPage(browser))
        for step in home.steps where step.url.origin == stage.origin {
            #expect(step.response.header("cache-control") == "no-store")
            #expect(step.response.header("x-content-type-options") == "nosniff")
            let policy = step.response.status == 200 ? "same-origin" : "no-referrer"
            #expect(step.response.header("referrer-policy") == policy)
        }
        let policy = try #require(home.response.header("content-security-policy"))
        #expect(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"))
        #expect(policy.contains("form-action 'self' \(stage.standIn.url)"))
        #expect(!policy.contains("unsafe"))
        #expect(home.response.header("content-type") == "text/html; charset=utf-8")
    }

    @Test("The settings page shows a code of the list and nothing else of its address (checklist 38)")
    func reflection() async throws {
        let known = try await browser.open(stage.settingsPage + "?instagram_error=access_denied&request_id=zqxcanary")
        #expect(known.text.contains("role=\"alert\""))
        #expect(!known.text.contains("zqxcanary"))
        let unknown = try await browser.open(stage.settingsPage + "?instagram_error=zqxcanary&x=%3Cscript%3E")
        #expect(unknown.status == 200)
        #expect(!unknown.text.contains("role=\"alert\"") && !unknown.text.contains("zqxcanary"))
        #expect(unknown.text.components(separatedBy: "<script").count == 2, "our own")
    }
}
