// SPDX-License-Identifier: MIT
import Instagram
import Testing
import Vault

@Suite struct OutgoingBytesTests {
    @Test("the authorize URL, byte for byte: one redirect URI, and no PKCE that nobody would check (checklist 17, 18)")
    func authorize() {
        let authorize = AuthorizeURL(.sample)
        let url =
            "https://www.instagram.com/oauth/authorize?client_id=990602627938098"
            + "&redirect_uri=https%3A%2F%2Fapp.example.com%2Foauth%2Finstagram%2Fcallback&response_type=code"
            + "&scope=instagram_business_basic%2Cinstagram_business_manage_messages&state=S1"
        #expect(authorize.url(state: "S1", switchingAccount: false) == url)
        #expect(authorize.url(state: "S1", switchingAccount: true) == url + "&force_reauth=true")
    }

    @Test("the exchange is one POST whose secrets are all in its body (checklist 16)")
    func exchange() async throws {
        let instagram = Answering(#"{"access_token":"T"}"#)
        _ = try await instagram.exchange()
        let call = try #require(instagram.calls.first)
        #expect(call.url == "https://api.instagram.com/oauth/access_token")
        #expect(call.once && call.method == .post)
        guard case .form(let form) = call.secret else { return #expect(Bool(false), "not a form") }
        #expect(
            form.exposedText()
                == "client_id=990602627938098&client_secret=test_instagram_app_secret&grant_type=authorization_code"
                + "&redirect_uri=https%3A%2F%2Fapp.example.com%2Foauth%2Finstagram%2Fcallback&code=AQBx-hBsH3_1")
    }

    @Test("extending, refreshing and reading are GETs that may be repeated; no secret goes with a refresh")
    func queries() async throws {
        let instagram = Answering(#"{"access_token":"T","user_id":"1","data":[]}"#)
        _ = try await instagram.extend()
        _ = try await instagram.profile()
        _ = try await instagram.refresh()
        _ = try await instagram.subscribedFields()
        let calls = instagram.calls
        #expect(
            calls.map(\.url) == [
                "https://graph.instagram.com/access_token", "https://graph.instagram.com/v25.0/me",
                "https://graph.instagram.com/refresh_access_token",
                "https://graph.instagram.com/v25.0/me/subscribed_apps",
            ])
        #expect(
            calls.map(\.text) == [
                "grant_type=ig_exchange_token&client_secret=test_instagram_app_secret&access_token=IGAA_SHORT_1",
                "fields=id%2Cuser_id%2Cusername%2Cname%2Caccount_type&access_token=IGAA_LONG_1",
                "grant_type=ig_refresh_token&access_token=IGAA_LONG_1", "access_token=IGAA_LONG_1",
            ])
        for call in calls {
            #expect(!call.once && call.method == .get)
            guard case .query = call.secret else { return #expect(Bool(false), "not a query") }
        }
    }

    @Test("subscribing is a POST whose parameters are all in its query; it may be repeated (5.4, 7.6)")
    func subscribe() async throws {
        let instagram = Answering(#"{"success":true}"#)
        try await instagram.subscribe(to: ["messages", "comments"])
        try await instagram.subscribe(to: ["a&b"])
        #expect(instagram.calls.map(\.method) == [.post, .post] && instagram.calls.allSatisfy { !$0.once })
        #expect(instagram.calls[0].url == "https://graph.instagram.com/v25.0/me/subscribed_apps")
        guard case .query = instagram.calls[0].secret else { return #expect(Bool(false), "not a query") }
        #expect(
            instagram.calls.map(\.text) == [
                "subscribed_fields=messages%2Ccomments&access_token=IGAA_LONG_1",
                "subscribed_fields=a%26b&access_token=IGAA_LONG_1",
            ])
    }

    @Test("unsubscribing is a DELETE with the token in its query and nothing else; it may be repeated")
    func unsubscribe() async throws {
        let instagram = Answering(#"{"success":true}"#)
        try await instagram.unsubscribe()
        let call = try #require(instagram.calls.first)
        #expect(instagram.calls.count == 1 && call.method == .delete && !call.once)
        #expect(call.url == "https://graph.instagram.com/v25.0/me/subscribed_apps")
        guard case .query = call.secret else { return #expect(Bool(false), "not a query") }
        #expect(call.text == "access_token=IGAA_LONG_1")
    }

    @Test("odd characters are escaped, so that no value ends early or adds a parameter")
    func oddCharacters() async throws {
        var hosts = App.Hosts()
        hosts.api = "http://127.0.0.1:8081"
        hosts.www = "http://127.0.0.1:8081"
        let app = App(
            id: "1&2=3", secret: AppSecret(utf8: "a+b c%d&e=f#g/é\u{0}"), redirectURI: "https://x.example/cb?a=b&c=d",
            scopes: ["one", "two three"], hosts: hosts, graphVersion: "v1.0")
        let instagram = Answering(#"{"access_token":"T"}"#)
        _ = try await instagram.api(app).exchange(AuthorizationCode(utf8: "c&client_secret=x"))
        #expect(instagram.calls.first?.url == "http://127.0.0.1:8081/oauth/access_token")
        #expect(
            instagram.calls.first?.text
                == "client_id=1%262%3D3&client_secret=a%2Bb%20c%25d%26e%3Df%23g%2F%C3%A9%00&grant_type=authorization_code"
                + "&redirect_uri=https%3A%2F%2Fx.example%2Fcb%3Fa%3Db%26c%3Dd&code=c%26client_secret%3Dx")
        #expect(
            AuthorizeURL(app).url(state: "S", switchingAccount: false)
                == "http://127.0.0.1:8081/oauth/authorize?client_id=1%262%3D3"
                + "&redirect_uri=https%3A%2F%2Fx.example%2Fcb%3Fa%3Db%26c%3Dd&response_type=code&scope=one%2Ctwo%20three"
                + "&state=S")
    }

    @Test("only the needed scopes are needed (checklist 22)")
    func neededScopes() {
        let login = InstagramProduct.instagramLogin
        #expect(login.needed(of: login.scopes) == login.scopes)
        #expect(login.needed(of: [Scope.basic, "x"]) == [Scope.basic])
        #expect(login.needed(of: []) == [Scope.basic])
    }
}
