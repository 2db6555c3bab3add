// SPDX-License-Identifier: MIT
import HTTPTypes
import Synchronization
import Testing
import Vault

@testable import Instagram

/// The original design's API, which Meta has switched off: URL, scopes and calls as they were.
@Suite struct BasicDisplayTests {
    private static let app = App(
        product: .basicDisplay, id: "990602627938098", secret: AppSecret(utf8: "test_instagram_app_secret"),
        redirectURI: "https://app.example.com/cb")

    /// What went out, and the answer that came in.
    private final class Wire: Sendable {
        let sent = Mutex<[String]>([])

        func api(_ body: String, status: Int = 200) -> InstagramAPI {
            InstagramAPI(
                app: BasicDisplayTests.app,
                transport: Transport { call throws(TransportFailure) in
                    let line =
                        switch call.secret {
                        case .query(let query): "GET \(call.url)?\(query.exposedText())"
                        case .form(let form): "POST \(call.url) \(form.exposedText())"
                        }
                    self.sent.withLock { $0.append(line) }
                    return Reply(status: status, headers: [:], body: Array(body.utf8))
                })
        }
    }

    @Test("The visitor is sent to api.instagram.com, and switching the account adds nothing")
    func authorize() {
        let url = AuthorizeURL(Self.app)
        let expected =
            "https://api.instagram.com/oauth/authorize?client_id=990602627938098"
            + "&redirect_uri=https%3A%2F%2Fapp.example.com%2Fcb&response_type=code&scope=user_profile%2Cuser_media&state=S1"
        #expect(url.url(state: "S1", switchingAccount: false) == expected)
        #expect(url.url(state: "S1", switchingAccount: true) == expected)
        #expect(Self.app.authorizeOrigin == "https://api.instagram.com")
    }

    @Test("The code becomes a short token, the short one a long one, as before")
    func tokens() async throws {
        let wire = Wire()
        let short = try await wire.api(#"{"access_token":"IGQVJ_1","user_id":17841405793187218}"#)
            .exchange(AuthorizationCode(utf8: "C1"))
        #expect(short.token.exposedText() == "IGQVJ_1" && short.scopes == nil)
        let long = try await wire.api(#"{"access_token":"IGQVJ_2","token_type":"bearer","expires_in":5183944}"#)
            .extend(short.token)
        #expect(long.token.exposedText() == "IGQVJ_2" && long.expiresIn == 5_183_944)
        #expect(
            wire.sent.withLock { $0 } == [
                "POST https://api.instagram.com/oauth/access_token client_id=990602627938098"
                    + "&client_secret=test_instagram_app_secret&grant_type=authorization_code"
                    + "&redirect_uri=https%3A%2F%2Fapp.example.com%2Fcb&code=C1",
                "GET https://graph.instagram.com/access_token?grant_type=ig_exchange_token"
                    + "&client_secret=test_instagram_app_secret&access_token=IGQVJ_1",
            ])
    }

    @Test("The profile knows one id, which then is the account's; an odd one keeps its last digit")
    func profile() async throws {
        let wire = Wire()
        let body = #"{"id":17841405793187219,"username":"acme","account_type":"PERSONAL","user_id":"1"}"#
        let profile = try await wire.api(body).profile(LongLivedToken(utf8: "T"))
        #expect(profile.accountID.digits == "17841405793187219" && profile.username == "acme")
        #expect(profile.isPersonal && InstagramProduct.basicDisplay.takesPersonalAccounts)
        #expect(
            wire.sent.withLock { $0 } == [
                "GET https://graph.instagram.com/me?fields=id%2Cusername%2Caccount_type&access_token=T"
            ])
        await #expect(throws: InstagramFailure.answer(.readProfile, status: 200, code: nil, subcode: nil, .incomplete))
        {
            try await wire.api(#"{"user_id":"1","username":"acme"}"#).profile(LongLivedToken(utf8: "T"))
        }
    }

    @Test("A refresh is as today's; there is nothing to subscribe to")
    func refresh() async throws {
        let wire = Wire()
        let grant = try await wire.api(#"{"access_token":"IGQVJ_3","token_type":"bearer","expires_in":5183944}"#)
            .refresh(LongLivedToken(utf8: "IGQVJ_2"))
        #expect(grant.token.exposedText() == "IGQVJ_3" && grant.scopes == nil)
        #expect(
            wire.sent.withLock { $0 } == [
                "GET https://graph.instagram.com/refresh_access_token?grant_type=ig_refresh_token&access_token=IGQVJ_2"
            ])
        #expect(!InstagramProduct.basicDisplay.hasWebhooks && InstagramProduct.instagramLogin.hasWebhooks)
    }

    @Test("What is needed is the profile; errors have the flat shape")
    func scopesAndErrors() async throws {
        #expect(InstagramProduct.basicDisplay.needed(of: ["user_profile", "user_media"]) == ["user_profile"])
        let refusal = #"{"error_type":"OAuthException","code":400,"error_message":"Invalid platform app"}"#
        await #expect(throws: InstagramFailure.answer(.exchangeCode, status: 400, code: nil, subcode: nil, .refused)) {
            try await Wire().api(refusal, status: 400).exchange(AuthorizationCode(utf8: "C1"))
        }
    }
}
