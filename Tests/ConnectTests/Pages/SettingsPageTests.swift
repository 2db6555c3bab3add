// SPDX-License-Identifier: MIT
import HTTPTypes
import Instagram
import Testing
import Vault

@testable import Connect

@Suite struct SettingsPageTests {
    private static func page(_ shop: Shop, _ browser: Browser = Browser(), _ query: String = "") async -> Answer {
        await shop.answer(.page(.get, Route.settings + query, browser, ["Sec-Fetch-Site": "cross-site"]))
    }

    @Test("nobody: one button that starts with a POST")
    func nobody() async throws {
        let answer = await Self.page(try Shop())
        #expect(answer.status == .ok && answer.contentType == "text/html; charset=utf-8")
        #expect(
            answer.text.contains(
                #"<form method="post" action="/auth/instagram"><button id="connect">Connect Instagram</button>"#))
        #expect(!answer.text.contains("role=\"alert\""))
    }

    @Test("connected: account, times, switch and sign-out")
    func connected() async throws {
        let shop = try Shop()
        var browser = Browser()
        await shop.connect(&browser)
        let text = await Self.page(shop, browser).text
        for part in [
            "Connected as <bdi>@acme_shop</bdi>", "<h2><bdi>Acme</bdi></h2>", "<dd>Business</dd>",
            #"<time datetime="2026-01-01T00:00:00Z"><bdi>1 January 2026, 00:00 UTC</bdi></time>"#,
            "<li>Read and answer direct messages</li>", "Renews itself, next on <time",
            #"action="/auth/instagram?switch_account=1""#, #"action="/auth/instagram/sign-out""#,
        ] {
            #expect(text.contains(part), "\(part)")
        }
        #expect(!text.contains(#"id="connect""#))
    }

    @Test(
        "to be connected again: one button for it",
        arguments: [
            "reason = 'revoked', state = 'reconnect_required'", "token_expires_at = 0", "instagram_access_token = NULL",
        ])
    func reconnect(change: String) async throws {
        let shop = try Shop()
        var browser = Browser()
        await shop.connect(&browser)
        try shop.execute("UPDATE users SET " + change)
        let text = await Self.page(shop, browser).text
        #expect(text.contains(#"<button id="connect">Reconnect Instagram</button>"#) && text.contains("sign-out"))
        #expect(!text.contains("switch_account"))
        let mismatch = await Self.page(shop, browser, "?instagram_error=account_mismatch").text
        #expect(mismatch.contains("<button id=\"switch\""), "the sentence says to press it")
    }

    @Test("what ends soon says that renewing failed where it did, and nothing made up where it did not")
    func expiring() async throws {
        let shop = try Shop()
        var browser = Browser()
        await shop.connect(&browser)
        for (failures, isSaid) in [(0, false), (3, true)] {
            try shop.execute("UPDATE users SET token_expires_at = 1767225600 + 864000, renewal_failures = \(failures)")
            let text = await Self.page(shop, browser).text
            #expect(text.contains("The access ends on <time datetime=\"2026-01-11T00:00:00Z\">"))
            #expect(text.contains("has not worked so far") == isSaid)
        }
    }

    /// Told to nobody who is connected.
    private static let onlyOthersMeet: Set<ErrorCode> = [
        .reconnectRequired, .loginRequired, .unauthorized, .gone, .tokenRefused,
    ]

    @Test("an error beside an account that stays connected: one button to press first, with every code")
    func errorBesideAccount() async throws {
        let shop = try Shop()
        var browser = Browser()
        await shop.connect(&browser)
        for webhooks in ["NULL", "'permission_missing'"] {
            try shop.execute("UPDATE users SET webhooks_error = \(webhooks)")
            for error in ErrorCode.allCases where !Self.onlyOthersMeet.contains(error) {
                let text = await Self.page(shop, browser, "?instagram_error=\(error.publicCode)").text
                let first = error == .accountMismatch && webhooks == "NULL" ? "switch" : "connect"
                #expect(text.contains("<button id=\"\(first)\">"), "\(error)")
                #expect(text.components(separatedBy: "<button id=\"connect\"").count <= 2, "\(error)")
            }
        }
    }

    @Test("return_to stays with every button, escaped")
    func returnTo() async throws {
        let shop = try Shop()
        let answer = await Self.page(shop, Browser(), "?return_to=/a%3Fb%3D%22%3E%3Cc")
        #expect(answer.text.contains(#"action="/auth/instagram?return_to=%2Fa%3Fb%3D%22%3E%3Cc""#))
        var browser = Browser()
        await shop.connect(&browser)
        let connected = await Self.page(shop, browser, "?return_to=/a")
        #expect(connected.text.contains(#"action="/auth/instagram?switch_account=1&amp;return_to=%2Fa""#))
    }

    @Test("every error code has its sentence", arguments: ErrorCode.allCases)
    func sentences(error: ErrorCode) async throws {
        let text = await Self.page(
            try Shop(), Browser(), "?instagram_error=\(error.publicCode)&request_id=\(Request.id)"
        ).text
        #expect(
            text.contains(
                "id=\"instagram=failed\" tabindex=\"-1\">\n<p>\(HTML.escaped(Words.english.error(ErrorCode(rawValue: error.publicCode)!)))</p>"
            ))
        #expect(!text.contains(Request.id))
    }

    @Test(
        "an unknown code shows nothing, and no byte of the address is reflected (checklist 38)",
        arguments: [
            "reflected", "", "ACCESS_DENIED", "access_denied%20", "%22%3E%3Cscript%3Ereflected",
            "%3Cimg%20src%3Dreflected%3E",
            "'reflected", "provider_unavailable2",
        ])
    func unknownCode(code: String) async throws {
        let shop = try Shop()
        let usual = await Self.page(shop)
        let answer = await Self.page(
            shop, Browser(), "?instagram_error=\(code)&request_id=reflected&x=reflected&instagram=reflected")
        #expect(answer.everything == usual.everything)
    }

    @Test(
        "odd parameters are told as an invalid request, without a byte of them (checklist 38)",
        arguments: [
            "return_to=//reflected.example", "return_to=/reflected&return_to=/reflected", "x=%00reflected",
            "x=%zzreflected",
            "instagram_error=reflected&instagram_error=reflected", "reflected=%", "return_to=javascript:reflected",
        ])
    func oddParameters(query: String) async throws {
        let answer = await Self.page(try Shop(), Browser(), "?" + query)
        #expect(answer.text.contains(HTML.escaped(ErrorCode.invalidRequest.message)))
        #expect(!answer.everything.contains("reflected"))
    }

    @Test(
        "what Instagram says about names stays text",
        arguments: [
            #""><script>alert(1)</script>"#, "'><img src=x onerror=alert(1)>", "</style><script>", "&lt;b&gt;", "<!--",
            "</h2></main>",
        ])
    func hostileNames(name: String) async throws {
        let shop = try Shop()
        let escaped = name.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
        shop.instagram.answer(
            .readProfile,
            .success(
                .ok(#"{"user_id":"1","username":"\#(escaped)","name":"\#(escaped)","account_type":"\#(escaped)"}"#)))
        var browser = Browser()
        #expect(await shop.connect(&browser).status == .ok)
        let page = await Self.page(shop, browser)
        #expect(!page.everything.contains(name))
        #expect(page.text.components(separatedBy: HTML.escaped(name)).count == 4, "name, username, account type")
        #expect(page.text.components(separatedBy: "<script").count == 2, "our own")
        let json = await shop.status(browser)
        #expect(json.json["name"] as? String == name && !json.text.contains("<"))
    }

    @Test("escaping leaves no way out of an element or an attribute")
    func escaping() {
        #expect(
            HTML.escaped(#"<a href='x' b="y">&amp;</a>"#)
                == "&lt;a href=&#39;x&#39; b=&quot;y&quot;&gt;&amp;amp;&lt;/a&gt;")
        #expect(HTML.escaped("é\u{301}\u{2028}😀 \u{0}") == "é\u{301}\u{2028}😀 \u{0}")
    }

    @Test("a link does not make a page say what is not so of somebody who is signed in")
    func lies() async throws {
        let shop = try Shop()
        var browser = Browser()
        await shop.connect(&browser)
        let usual = await Self.page(shop, browser).text
        for query in [
            "?instagram=signed-out", "?instagram=disconnected", "?instagram=changed",
            "?instagram_error=reconnect_required",
            "?instagram_error=login_required", "?instagram_error=unauthorized", "?instagram_error=gone",
            "?instagram_error=token_refused",
        ] {
            #expect(await Self.page(shop, browser, query).text == usual, "\(query)")
        }
        try shop.execute("UPDATE users SET state = 'reconnect_required', reason = 'revoked'")
        let lost = await Self.page(shop, browser).text
        #expect(await Self.page(shop, browser, "?instagram=signed-out").text == lost)
    }

    @Test("who has to sign in has one button, also where nobody says where")
    func loginRequired() async throws {
        for (url, label) in [(nil, "Try again"), ("https://shop.example/login", "Sign in")] {
            let shop = try Shop(identity: .remoteUser(edge: EdgeSecret(utf8: Shop.edge)), loginURL: url)
            let answer = await shop.answer(.page(.get, Route.settings), as: nil)
            #expect(answer.status == .unauthorized)
            let target = url ?? Route.settings
            #expect(answer.text.contains("<a class=\"button\" href=\"\(target)\">\(label)</a>"))
        }
    }

    @Test("a name cannot turn round what stands behind it, whatever is in it")
    func isolated() {
        #expect(HTML.name("a\u{2069}\u{202E}b").markup == "<bdi>ab</bdi>")
        #expect(HTML.name("متجر\u{200F}\u{200D}").markup == "<bdi>متجر\u{200F}\u{200D}</bdi>")
    }
}
