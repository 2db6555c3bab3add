// SPDX-License-Identifier: MIT
import Connect
import HTTPTypes
import Instagram
import Testing

@Suite struct CallbackTests {
    @Test("JSON: who is connected, and a session")
    func json() async throws {
        let shop = try Shop()
        var browser = Browser()
        let answer = await shop.connect(&browser)
        #expect(answer.status == .ok)
        #expect(
            answer.text
                == #"{"status":"success","message":"Instagram is connected.","instagram_user_id":"17841458366137975","instagram_username":"acme_shop"}"#
                + "\n")
        #expect(answer.cookies.map(\.name) == ["__Host-ig_session"])
        #expect(browser.flows.count == 1, "the answer does not clear the flow's cookie; time does")
        #expect(shop.instagram.names == [.exchangeCode, .extendToken, .readProfile])
    }

    @Test(
        "page: 303 to return_to with an explicit fragment (checklist 33)",
        arguments: zip(
            ["", "?return_to=/a", "?return_to=/a/", "?return_to=/a%3Fb%3Dc%26d", "?return_to=/"],
            ["/done", "/a", "/a/", "/a?b=c&d", "/"]))
    func page(query: String, path: String) async throws {
        let shop = try Shop()
        var browser = Browser()
        let answer = await shop.connect(&browser, page: true, query: query)
        #expect(answer.status == .seeOther && answer.body.isEmpty)
        #expect(answer.location == Shop.origin + path + "#instagram=connected")
        #expect(browser.session != nil)
    }

    @Test(
        "a failure goes back to where the visitor came from, with a code and a reference",
        arguments: zip(
            ["", "?return_to=/a", "?return_to=/a%3Fb%3Dc"], ["/done?", "/a?", "/a?b=c&"]))
    func pageFailure(query: String, path: String) async throws {
        let shop = try Shop()
        var browser = Browser()
        shop.instagram.answer(.exchangeCode, .success(.flatRefusal))
        let answer = await shop.connect(&browser, page: true, query: query)
        let more = "instagram_error=token_exchange_failed&request_id=\(Request.id)#instagram=failed"
        #expect(answer.status == .seeOther && answer.location == Shop.origin + path + more)
        #expect(answer.cookies.isEmpty && answer.error == .tokenExchangeFailed)
    }

    struct Parameters: Sendable, CustomTestStringConvertible {
        let query: String
        /// `STATE` stands for a good one.
        var testDescription: String { query }
        let code: String
        var status = 400

        init(_ query: String, _ code: String, _ status: Int = 400) {
            (self.query, self.code, self.status) = (query, code, status)
        }
    }

    @Test(
        "each combination of parameters has one answer; nothing reaches Instagram (checklist 2, 13, 14, 15)",
        arguments: [
            Parameters("", "invalid_state"), Parameters("code=x", "invalid_state"),
            Parameters("code=x&state=", "invalid_state"),
            Parameters("code=x&state", "invalid_state"), Parameters("state=STATE", "missing_code"),
            Parameters("state=STATE&code=", "missing_code"), Parameters("state=STATE&code", "missing_code"),
            Parameters("code=x&state=" + String(repeating: "A", count: 43), "invalid_state"),
            Parameters("code=x&state=STATEx", "invalid_state"), Parameters("code=x&state=%20STATE", "invalid_request"),
            Parameters("code=x&state=STATE%00", "invalid_request"),
            Parameters("code=x&state=STATE%0a", "invalid_request"),
            Parameters("code=x&state=STATE&state=STATE", "invalid_request"),
            Parameters("code=x&code=x&state=STATE", "invalid_request"),
            Parameters("code=x&code=y&state=STATE", "invalid_request"),
            Parameters("error=a&error=a&state=STATE", "invalid_request"),
            Parameters("code=x&error=access_denied&state=STATE", "invalid_request"),
            Parameters("code=&error=access_denied&state=STATE", "invalid_request"),
            Parameters("error_description=a&error_description=b&error=c&state=STATE", "invalid_request"),
            Parameters("code=x%00&state=STATE", "invalid_request"),
            Parameters("code=x%0d%0a&state=STATE", "invalid_request"),
            Parameters("code=x%20y&state=STATE", "invalid_request"),
            Parameters("code=x+y&state=STATE", "invalid_request"),
            Parameters("code=%C3%A9&state=STATE", "invalid_request"),
            Parameters("code=%ff&state=STATE", "invalid_request"),
            Parameters("code=%&state=STATE", "invalid_request"), Parameters("code=%23_&state=STATE", "invalid_request"),
            Parameters("code=" + String(repeating: "x", count: 2_049) + "&state=STATE", "invalid_request"),
            Parameters("code=x&state=" + String(repeating: "x", count: 513), "invalid_request"),
            Parameters("error=" + String(repeating: "x", count: 513) + "&state=STATE", "invalid_request"),
            Parameters("code=x&state=STATE&x=" + String(repeating: "x", count: 4_096), "invalid_request"),
            Parameters("error=access_denied", "access_denied", 403),
            Parameters(
                "error=access_denied&error_reason=user_denied&error_description=The+user+denied+your+request",
                "access_denied", 403),
            Parameters("error=server_error&state=nonsense", "invalid_state"),
            Parameters("error=access_denied&state=", "invalid_state"),
            Parameters(
                "error=access_denied&error_description=Insufficient+developer+role", "account_not_eligible", 422),
            Parameters("error=access_denied&state=STATE", "access_denied", 403),
            Parameters("error=odd&state=STATE", "access_denied", 403),
            Parameters(
                "error=access_denied&error_description=Insufficient+Developer+Role&state=STATE", "account_not_eligible",
                422),
        ])
    func parameters(row: Parameters) async throws {
        let shop = try Shop()
        var browser = Browser()
        let state = try #require(await shop.start(&browser).state)
        let path = Route.callback + "?" + row.query.replacing("STATE", with: state)
        let json = await shop.answer(.json(.get, path, browser))
        #expect(json.status.code == row.status && json.json["error"] as? String == row.code)
        let page = await shop.answer(.page(.get, path, browser))
        #expect(page.status == .seeOther && page.location?.contains("instagram_error=\(row.code)&") == true)
        #expect(json.cookies.isEmpty && page.cookies.isEmpty)
        #expect(shop.instagram.calls.isEmpty)
    }

    @Test(
        "to the settings page when no state could be verified",
        arguments: ["code=x", "code=x&state=x", "error=access_denied", "code=%00&state=x"])
    func unverified(query: String) async throws {
        let shop = try Shop()
        let answer = await shop.answer(.page(.get, Route.callback + "?" + query))
        #expect(answer.location?.hasPrefix(Shop.origin + Route.settings + "?instagram_error=") == true)
    }

    @Test("an error without a state looks nothing up and changes nothing (checklist 13)")
    func errorWithoutState() async throws {
        let shop = try Shop()
        var browser = Browser()
        let state = await shop.start(&browser).state
        let answer = await shop.answer(.json(.get, Route.callback + "?error=access_denied", browser))
        #expect(answer.json["error"] as? String == "access_denied")
        #expect(try shop.phases().isEmpty)
        #expect(await shop.callback(browser, state: state).status == .ok)
    }

    @Test("a callback without a code does not spend the state")
    func missingCode() async throws {
        let shop = try Shop()
        var browser = Browser()
        let state = await shop.start(&browser).state
        for _ in 0..<3 {
            #expect(await shop.callback(browser, state: state, code: nil).json["error"] as? String == "missing_code")
        }
        #expect(try shop.phases().isEmpty)
        #expect(await shop.callback(browser, state: state).status == .ok)
    }

    @Test("a refusal spends the state: no code counts after it")
    func refusalSpends() async throws {
        let shop = try Shop()
        var browser = Browser()
        let state = try #require(await shop.start(&browser).state)
        let refusal = await shop.answer(.json(.get, Route.callback + "?error=access_denied&state=\(state)", browser))
        #expect(refusal.json["error"] as? String == "access_denied")
        #expect(await shop.callback(browser, state: state).json["error"] as? String == "invalid_state")
        #expect(shop.instagram.calls.isEmpty)
        #expect(try shop.phases() == ["done"])
    }

    @Test("a literal #_ behind the code is no part of it; order and unknown parameters do not matter")
    func trailingFragment() async throws {
        let shop = try Shop()
        var browser = Browser()
        let state = try #require(await shop.start(&browser).state)
        let path = Route.callback + "?x=1&state=\(state)&code=a%2Bb%23_&iss=y"
        #expect(await shop.answer(.json(.get, path, browser)).status == .ok)
        #expect(shop.instagram.calls.first?.secret.hasSuffix("&code=a%2Bb") == true)
        // The same code without the decoration is the same callback.
        let plain = Route.callback + "?state=\(state)&code=a%2Bb"
        #expect(await shop.answer(.json(.get, plain, browser)).status == .ok)
        #expect(shop.instagram.count(.exchangeCode) == 1)
    }

    @Test(
        "the callback never looks at where the request comes from",
        arguments: ["cross-site", "same-origin", "none", "x"])
    func site(value: String) async throws {
        let shop = try Shop()
        var browser = Browser()
        let state = try #require(await shop.start(&browser).state)
        let headers = ["Sec-Fetch-Site": value, "Origin": "https://evil.example", "Referer": "https://evil.example/"]
        let request = Request.page(.get, Route.callback + "?code=x&state=\(state)", browser, headers)
        #expect(await shop.answer(request).location?.hasSuffix("#instagram=connected") == true)
    }
}
