// SPDX-License-Identifier: MIT
import Connect
import Testing
import Transfer

@testable import ig_shop_auth

/// What `check` makes of an answer to the authorize URL.
@Suite
struct AuthorizeAnswerTests {
    private static let origin = "https://www.instagram.com"
    private static let redirectURI = "https://shop.example/auth/instagram/callback"

    private static func judged(_ status: Int, location: String? = nil, body: String = "") -> AuthorizeAnswer {
        let headers = location.map { [(name: "location", value: $0)] } ?? []
        return AuthorizeAnswer(
            OutboundReply(status: status, headers: headers, body: Array(body.utf8)), origin: origin,
            redirectURI: redirectURI)
    }

    @Test(
        "Redirects: to a login or consent page, to an error page, to ourselves, to somebody else",
        arguments: [
            ("/accounts/login/?next=%2Foauth%2Fauthorize", .asks),
            ("https://www.instagram.com/oauth/authorize/third_party/?client_id=1", .asks),
            ("https://www.facebook.com/login.php", .asks),
            ("https://shop.example/auth/instagram/callback?code=x&state=y#_", .asks),
            (
                "https://www.instagram.com/oauth/authorize/first_party/error/"
                    + "?message=Invalid%20request%3A%20Request%20parameters%20are%20invalid%3A%20Invalid%20platform%20app",
                .unknownApp("Invalid request: Request parameters are invalid: Invalid platform app")
            ),
            (
                "/oauth/authorize/first_party/error/?message=Invalid+redirect_uri",
                .unregisteredRedirect("Invalid redirect_uri")
            ),
            (
                "/oauth/authorize/first_party/error/?message=Invalid%20Scopes%3A%20user_profile%2C%20user_media",
                .refusedScopes("Invalid Scopes: user_profile, user_media")
            ),
            (
                "/oauth/authorize/first_party/error/?message=Invalid%20response_type",
                .refused("Invalid response_type")
            ),
            (
                "/oauth/authorize/first_party/error/?message=Please%20retry%1b[2J",
                .unclear("Instagram says \"Please retry\\u{1b}[2J\"")
            ),
            (
                "https://shop.example/auth/instagram/callback?error=invalid_scope&error_description=Invalid+scope%3A+x",
                .refusedScopes("Invalid scope: x")
            ),
            (
                "https://shop.example/auth/instagram/callback?error=access_denied&error_description=Insufficient+developer+role",
                .unclear("Instagram says \"Insufficient developer role\"")
            ),
            ("https://shop.example/auth/instagram/callback2?code=x", .unclear("it leads to https://shop.example")),
            ("https://parked.example/", .unclear("it leads to https://parked.example")),
            ("//parked.example/login", .unclear("it leads to https://parked.example")),
            (
                "https://www.instagram.com.parked.example/login",
                .unclear("it leads to https://www.instagram.com.parked.example")
            ),
            ("https://auth.meta.com/login", .unclear("it leads to https://auth.meta.com")),
            (
                "https://www.instagram.com/oauth/authorize/error/",
                .gone("it leads to an error page of https://www.instagram.com")
            ),
            ("/explore/", .unclear("it leads to another page of https://www.instagram.com")),
            ("javascript:x", .unclear("a redirect to nowhere")), ("", .unclear("a redirect to nowhere")),
        ] as [(String, AuthorizeAnswer)])
    func redirects(_ location: String, _ answer: AuthorizeAnswer) {
        #expect(Self.judged(302, location: location) == answer)
    }

    @Test(
        "Pages: a form or a login asks; a refusal is known by its words; what nobody knows is no fault",
        arguments: [
            (200, "<html><form method=post>", .asks), (200, "<script>{\"route\":\"/accounts/LoginForm\"}", .asks),
            (200, "<p>Invalid platform app</p>", .unknownApp("Invalid platform app")),
            (
                200, "<form action=/login><script>{\"x\":\"Invalid redirect_uri\"}",
                .unclear("200 with a login and \"Invalid redirect_uri\"")
            ),
            (400, "<form>Invalid redirect_uri", .unregisteredRedirect("Invalid redirect_uri")),
            (400, #"{"error_message":"Invalid redirect_uri"}"#, .unregisteredRedirect("Invalid redirect_uri")),
            (400, #"{"error_message":"Invalid Scopes: user_profile"}"#, .refusedScopes("Invalid Scopes")),
            (200, "<html>Something went wrong</html>", .unclear("200 with a page that nobody knows")),
            (403, "<form>login</form>", .unclear("403 with a page that nobody knows")),
            (404, "login", .gone("404 from https://www.instagram.com")),
            (410, "", .gone("410 from https://www.instagram.com")),
            (429, "login", .unclear("429 from https://www.instagram.com")),
            (500, "", .unclear("500 from https://www.instagram.com")),
            (503, "<form>", .unclear("503 from https://www.instagram.com")),
            (204, "", .unclear("204 from https://www.instagram.com")),
        ] as [(Int, String, AuthorizeAnswer)])
    func pages(_ status: Int, _ body: String, _ answer: AuthorizeAnswer) {
        #expect(Self.judged(status, body: body) == answer)
    }
}

@Suite
struct ClockSkewTests {
    private static let now = UnixTime(784_111_777)  // Sun, 06 Nov 1994 08:49:37 GMT

    private static func skew(_ date: String, here: UnixTime = now, after: Int64 = 2, age: String? = nil) -> ClockSkew? {
        let headers = [(name: "date", value: date)] + (age.map { [(name: "age", value: $0)] } ?? [])
        return ClockSkew(OutboundReply(status: 200, headers: headers, body: []), here...(here + after))
    }

    @Test("A clock is as far off as the server's time is outside the time that the call took")
    func seconds() throws {
        let date = "Sun, 06 Nov 1994 08:49:37 GMT"
        #expect(ClockSkew.time(date) == Self.now)
        for (ahead, seconds) in [(-3, -1), (-2, 0), (0, 0), (5, 5), (60, 60), (61, 61), (-62, -60), (-63, -61)]
            as [(Int64, Int64)]
        {
            let skew = try #require(Self.skew(date, here: Self.now + ahead))
            #expect(skew.seconds == seconds, "\(ahead)")
            #expect(skew.beyondTolerance == (abs(seconds) > 60 ? seconds : nil))
        }
        #expect(Self.skew(date, here: Self.now + 600, age: "600")?.seconds == 0, "from a cache")
        #expect(Self.skew(date, here: Self.now + 600, age: "x")?.seconds == 600)
    }

    @Test(
        "What is no date says nothing of the clock",
        arguments: [
            "", "now", "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 08:49:37 CET", "Sunday, 06-Nov-94 08:49:37 GMT",
            "Sun, 06 Foo 1994 08:49:37 GMT", "Sun, xx Nov 1994 08:49:37 GMT", "Sun Nov  6 08:49:37 1994",
        ])
    func noDate(_ text: String) {
        #expect(Self.skew(text) == nil)
    }
}
