// SPDX-License-Identifier: MIT
import Instagram
import Testing

@Suite struct ProfileTests {
    @Test(
        "flat and wrapped profiles are the same profile",
        arguments: [
            #"{"id":"27640875392278831","user_id":"17841458366137975","username":"acme","name":"A","account_type":"B"}"#,
            #"{"id":27640875392278831,"user_id":17841458366137975,"username":"acme","name":"A","account_type":"B"}"#,
            #"{"data":[{"id":27640875392278831,"user_id":"17841458366137975","username":"acme","name":"A","account_type":"B"}]}"#,
            #"{"data":{"id":"27640875392278831","user_id":17841458366137975,"username":"acme","name":"A","account_type":"B"}}"#,
        ])
    func shapes(body: String) async throws {
        let expected = Profile(
            accountID: InstagramID("17841458366137975")!, appScopedID: InstagramID("27640875392278831"),
            username: "acme", name: "A", accountType: "B")
        #expect(try await Answering(body).profile() == expected)
    }

    @Test(
        "the app-scoped id never takes the place of a missing account id",
        arguments: [
            #"{"id":"27640875392278831","username":"acme"}"#, #"{"id":"27640875392278831","user_id":null}"#,
            #"{"id":"27640875392278831","user_id":-5}"#, #"{"id":"27640875392278831","user_id":""}"#, "{}",
            #"{"data":[]}"#,
            #"{"data":[{"id":"1"}]}"#,
        ])
    func noAccountID(body: String) async {
        #expect(await Answering(body).verdict(of: .readProfile) == .incomplete)
    }

    @Test(
        "anything but the account id may be missing or odd",
        arguments: ["null", "7", "true", "[]", "{}", #""""#, #""\u0000\u001b""#])
    func oddFields(value: String) async throws {
        let body =
            #"{"user_id":"1","id":\#(value == "7" ? "true" : value),"username":\#(value),"name":\#(value),"account_type":\#(value)}"#
        let expected = Profile(
            accountID: InstagramID("1")!, appScopedID: nil, username: nil, name: nil, accountType: nil)
        #expect(try await Answering(body).profile() == expected)
    }

    @Test("names come without control characters, and bounded")
    func names() async throws {
        let body =
            #"{"user_id":"1","username":"a\u0000\r\nb\u0085c","name":"\#(String(repeating: "x", count: 5_000))"}"#
        let profile = try await Answering(body).profile()
        #expect(profile.username == "abc")
        #expect(profile.name?.utf8.count == 200)
    }

    @Test("one letter under a tower of accents is bounded as well")
    func stackedAccents() async throws {
        let name = "e" + String(repeating: "\u{301}", count: 50_000)
        let profile = try await Answering(#"{"user_id":"1","name":"\#(name)"}"#).profile()
        #expect(try #require(profile.name).utf8.count <= 800)
    }

    @Test(
        "a personal account is known by its type, in any case; a type that is not known is left to Instagram",
        arguments: zip(
            ["PERSONAL", "Personal", "personal", "BUSINESS", "Business", "MEDIA_CREATOR", "Media_Creator", "NEW", nil],
            [true, true, true, false, false, false, false, false, false]))
    func personal(type: String?, isPersonal: Bool) {
        let profile = Profile(
            accountID: InstagramID("1")!, appScopedID: nil, username: nil, name: nil, accountType: type)
        #expect(profile.isPersonal == isPersonal)
    }
}
