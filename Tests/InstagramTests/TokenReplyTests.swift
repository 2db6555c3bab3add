// SPDX-License-Identifier: MIT
import Instagram
import Testing
import Vault

@Suite struct TokenReplyTests {
    private static let both = ["instagram_business_basic", "instagram_business_manage_messages"]
    private static let comma = both.joined(separator: ",")

    @Test(
        "all three shapes and their mixes give the token and the permissions",
        arguments: [
            #"{"access_token":"T","user_id":27640875392278831,"permissions":["\#(both[0])","\#(both[1])"]}"#,
            #"{"access_token":"T","user_id":"27640875392278831","permissions":["\#(both[0])","\#(both[1])"]}"#,
            #"{"access_token":"T","user_id":"27640875392278831","permissions":"\#(comma)"}"#,
            #"{"data":[{"access_token":"T","user_id":"1","permissions":"\#(comma)"}]}"#,
            #"{"data":[{"access_token":"T","user_id":1,"permissions":["\#(both[0])","\#(both[1])"]}]}"#,
            #"{"data":{"access_token":"T","permissions":"\#(both[0]), \#(both[1])"}}"#,
            #"{"data":[{"access_token":"T","permissions":"\#(both[0]) , \#(both[1]) "},{"access_token":"U"}]}"#,
            #"{"data":[],"access_token":"T","permissions":"\#(comma)"}"#,
            #"{"data":null,"access_token":"T","permissions":"\#(comma)"}"#,
            #"{"data":[{}],"access_token":"T","permissions":"\#(comma)"}"#,
            #"{"data":{"x":1},"access_token":"T","permissions":"\#(comma)"}"#,
        ])
    func shapes(body: String) async throws {
        let grant = try await Answering(body).exchange()
        #expect(grant.token == ShortLivedToken(utf8: "T"))
        #expect(grant.scopes == Self.both)
        #expect(try await Answering(body).refresh().scopes == Self.both)
    }

    @Test(
        "an odd user_id or an odd list of permissions never loses a token: the code is spent",
        arguments: [
            #""user_id":null"#, #""user_id":-1"#, #""user_id":1.5"#, #""user_id":{}"#, #""user_id":1e400"#,
            #""user_id":99999999999999999999999999999999999999999"#, #""user_id":["a"]"#, #""user_id":true"#,
            #""permissions":null"#, #""permissions":7"#, #""permissions":{}"#, #""permissions":true"#,
            #""permissions":"""#, #""permissions":[1,2]"#, #""permissions":["a",null]"#,
            #""permissions":[["a"]]"#, #""permissions":",,""#, #""expires_in":null"#, #""x":{"y":[1,2,{"z":null}]}"#,
        ])
    func oddNeighbours(member: String) async throws {
        for body in [#"{"access_token":"T",\#(member)}"#, #"{"data":[{\#(member),"access_token":"T"}]}"#] {
            let grant = try await Answering(body).exchange()
            #expect(grant.token == ShortLivedToken(utf8: "T"))
            #expect(grant.scopes == nil, "what is not understood is unknown, not missing")
        }
    }

    @Test("an empty list of permissions is a list: nothing was granted")
    func emptyList() async throws {
        for body in [#"{"access_token":"T","permissions":[]}"#, #"{"data":[{"permissions":[],"access_token":"T"}]}"#] {
            #expect(try await Answering(body).exchange().scopes == [])
        }
    }

    @Test("a success wins over an error that stands beside it")
    func successFirst() async throws {
        let body = #"{"access_token":"T","error":{"code":190},"error_type":"OAuthException"}"#
        #expect(try await Answering(body).exchange().token == ShortLivedToken(utf8: "T"))
    }

    @Test(
        "what cannot stand in a header field is no token (RFC 6750, section 2.1)",
        arguments: [
            "", " ", "a b", " a", "a ", #"a\tb"#, #"a\r\nX: y"#, #"a\u0000"#, #"\u007f"#, "é", #"\ud83d\ude00"#,
            "a\u{a0}b",
        ])
    func notAToken(token: String) async {
        let instagram = Answering(#"{"access_token":"\#(token)","expires_in":5}"#)
        #expect(await instagram.verdict(of: .exchangeCode) == .incomplete)
        #expect(await instagram.verdict(of: .extendToken) == .incomplete)
        #expect(await instagram.verdict(of: .refreshToken) == .incomplete)
    }

    @Test(
        "a token of another type is none",
        arguments: ["null", "7", "true", "{}", "[]", #"["T"]"#])
    func oddToken(value: String) async {
        #expect(await Answering(#"{"access_token":\#(value)}"#).verdict(of: .extendToken) == .incomplete)
    }

    @Test("a token has no length and no prefix that we know better", arguments: [1, 255, 1024, 8192])
    func anyLength(count: Int) async throws {
        let token = String(repeating: "~", count: count)
        #expect(try await Answering(#"{"access_token":"\#(token)"}"#).extend().token.exposedText() == token)
    }

    @Test(
        "the life of a token is taken literally, or not at all",
        arguments: zip(
            [
                "5183944", "1", "315360000", #""5127758""#, "5183944.0", "0", "-1", "315360001", "1.5", "1e400", "null",
                "true", #""soon""#, #""""#, "[]", "{}", "99999999999999999999", #"" 5""#,
            ],
            [
                5_183_944, 1, 315_360_000, 5_127_758, 5_183_944, nil, nil, nil, nil, nil, nil,
                nil, nil, nil, nil, nil, nil, nil,
            ] as [Int?]))
    func life(value: String, seconds: Int?) async throws {
        let instagram = Answering(#"{"access_token":"T","token_type":"bearer","expires_in":\#(value)}"#)
        for grant in [try await instagram.extend(), try await instagram.refresh()] {
            #expect(grant.expiresIn == seconds)
            #expect(grant.token == LongLivedToken(utf8: "T"))
        }
    }
}
