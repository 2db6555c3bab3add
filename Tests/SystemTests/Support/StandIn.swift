// SPDX-License-Identifier: MIT

/// The stand-in's control routes: how it behaves, and what it saw.
struct StandIn: Sendable {
    /// What it counted.
    struct Calls: Decodable, Sendable {
        let exchanges: Int
        let extensions: Int
        let profiles: Int
        let authorizations: Int
        let messages: Int
        /// How often a code came that had come before.
        let repeatedCodes: Int

        enum CodingKeys: String, CodingKey {
            case exchanges = "exchange-code"
            case extensions = "extend-token"
            case profiles = "read-profile"
            case authorizations = "authorize"
            case messages
            case repeatedCodes = "codesRepeated"
        }
    }

    struct Token: Decodable, Sendable {
        let accessToken: String
        let account: String
        let userId: String
    }

    private struct Tokens: Decodable {
        let tokens: [Token]
    }

    let url: String

    /// Merges switches, a JSON object as text.
    func set(_ switches: String) async throws {
        let response = try await HTTPClient.shared.send(
            .post, url + "/control", body: switches, contentType: "application/json")
        guard response.status == 200 else { throw Missing("the stand-in refuses \(switches): \(response.text)") }
    }

    /// One fault at one endpoint.
    func fail(_ endpoint: String, _ kind: String?, count: Int? = nil, latency: Int = 0) async throws {
        let kind = kind.map { "\"kind\": \"\($0)\", " } ?? ""
        let count = count.map { "\"count\": \($0), " } ?? ""
        try await set(#"{"faults": [{"endpoint": "\#(endpoint)", \#(kind)\#(count)"latency_ms": \#(latency)}]}"#)
    }

    /// As at the start: no faults, nothing counted. Codes and tokens stay good.
    func reset() async throws {
        _ = try await HTTPClient.shared.send(.post, url + "/control/reset")
        _ = try await HTTPClient.shared.send(.post, url + "/control/calls/reset")
    }

    func calls() async throws -> Calls {
        try await HTTPClient.shared.send(.get, url + "/control/calls").decoded()
    }

    /// The names of the parameters of an endpoint's calls, oldest first.
    func parameters(_ endpoint: String) async throws -> [[String]] {
        struct Seen: Decodable {
            let parameters: [String: [[String]]]
        }
        let seen: Seen = try await HTTPClient.shared.send(.get, url + "/control/calls").decoded()
        return seen.parameters[endpoint] ?? []
    }

    func tokens() async throws -> [Token] {
        try await HTTPClient.shared.send(.get, url + "/control/tokens").decoded(Tokens.self).tokens
    }

    /// A token that another program has, made without a flow; `more` are members of the order.
    func issue(_ account: String = "acme_shop", _ more: String = "") async throws -> String {
        struct Issued: Decodable {
            let accessToken: String
        }
        let answer = try await HTTPClient.shared.send(
            .post, url + "/control/tokens", body: #"{"account": "\#(account)"\#(more)}"#,
            contentType: "application/json")
        guard answer.status == 200 else { throw Missing("the stand-in issues no token: \(answer.text)") }
        return try answer.decoded(Issued.self).accessToken
    }

    /// Returns when so many calls have arrived there since the last reset.
    func wait(for endpoint: String, count: Int) async throws {
        for _ in 0..<3 {
            let response = try await HTTPClient.shared.send(
                .get, url + "/control/wait?endpoint=\(endpoint)&count=\(count)")
            if response.status == 200 { return }
        }
        throw Missing("\(count) calls of \(endpoint) did not arrive")
    }

    /// Asks for the profile that a token is good for.
    func profile(of token: String) async throws -> Response {
        try await HTTPClient.shared.send(.get, url + "/v25.0/me?fields=id,user_id,username&access_token=\(token)")
    }
}
