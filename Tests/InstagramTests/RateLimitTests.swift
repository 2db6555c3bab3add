// SPDX-License-Identifier: MIT
import Instagram
import Testing

@Suite struct RateLimitTests {
    private static let body = #"{"error":{"message":"m","type":"OAuthException","code":80002}}"#
    private static let usage = "X-Business-Use-Case-Usage"

    @Test(
        "minutes become seconds, and the longest counts",
        arguments: zip(
            [
                #"{"1":[{"type":"instagram","call_count":100,"estimated_time_to_regain_access":19}]}"#,
                #"{"1":[{"estimated_time_to_regain_access":1},{"estimated_time_to_regain_access":3}],"2":[{"estimated_time_to_regain_access":2}]}"#,
                #"{"1":[{"call_count":1}],"2":[{"estimated_time_to_regain_access":10080}]}"#,
                #"{"1":[],"2":[{"estimated_time_to_regain_access":5}]}"#,
            ], [1_140, 180, 604_800, 300]))
    func longest(header: String, seconds: Int) async {
        let instagram = Answering(400, Self.body, headers: [Self.usage: header, "Retry-After": "7"])
        #expect(await instagram.verdict(of: .readProfile) == .limited(.account, seconds: seconds))
    }

    @Test(
        "a usage header that says nothing leaves the word to Retry-After",
        arguments: [
            "", "x", "{}", "[]", #"{"1":[]}"#, #"{"1":[{"estimated_time_to_regain_access":0}]}"#,
            #"{"1":[{"estimated_time_to_regain_access":-5}]}"#, #"{"1":[{"estimated_time_to_regain_access":10081}]}"#,
            #"{"1":[{"estimated_time_to_regain_access":"soon"}]}"#,
            #"{"1":[{"estimated_time_to_regain_access":1e300}]}"#,
            #"{"1":[{"estimated_time_to_regain_access":9223372036854775807}]}"#,
        ])
    func garbage(header: String) async {
        let instagram = Answering(400, Self.body, headers: [Self.usage: header, "Retry-After": "7"])
        #expect(await instagram.verdict(of: .readProfile) == .limited(.account, seconds: 7))
        let silent = Answering(400, Self.body, headers: [Self.usage: header])
        #expect(await silent.verdict(of: .readProfile) == .limited(.account, seconds: nil))
    }

    @Test(
        "Retry-After counts in whole seconds, to a week",
        arguments: zip(
            [
                "1", "120", "604800", "0", "-1", "604801", "1.5", "x", "Wed, 21 Oct 2026 07:28:00 GMT",
                "99999999999999999999",
            ],
            [1, 120, 604_800, nil, nil, nil, nil, nil, nil, nil] as [Int?]))
    func retryAfter(header: String, seconds: Int?) async {
        let instagram = Answering(400, Self.body, headers: ["Retry-After": header])
        #expect(await instagram.verdict(of: .readProfile) == .limited(.account, seconds: seconds))
    }

    @Test(
        "429 is a limit, whatever the body",
        arguments: [
            "", "<html>Too many</html>", "{}", #"{"error":{"message":"m"}}"#,
            #"{"error_type":"OAuthException","code":429,"error_message":"m"}"#,
        ])
    func status429(body: String) async {
        for call in Call.Name.allCases {
            #expect(
                await Answering(429, body, headers: ["Retry-After": "9"]).verdict(of: call)
                    == .limited(.app, seconds: 9))
        }
    }
}
