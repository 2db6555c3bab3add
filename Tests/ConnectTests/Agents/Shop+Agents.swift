// SPDX-License-Identifier: MIT
import GRDB
import HTTPTypes
import Instagram
import Testing
import Vault

@testable import Connect

/// What agents do. `bot` may ask for everybody, `shop-a` for 42/shop-a only, `many` for some who are not there.
extension Shop {
    static let agentsText = """
        bot \(AgentFiles.hash("bot")) *
        shop-a \(AgentFiles.hash("shop-a")) 42/shop-a
        many \(AgentFiles.hash("many")) 42/shop-a,42/shop-b,nobody,42/shop-z
        """

    /// A shop whose users have names, so that an agent can be told of them.
    static func forAgents(
        in directory: TemporaryDirectory? = nil, keys: [String] = ["a", "b"],
        renewal: RenewalSettings = RenewalSettings(rule: RenewalRule(background: nil), callsPerMinute: nil),
        time: VirtualTime? = nil
    ) throws -> Shop {
        try Shop(
            in: directory, keys: keys, identity: .remoteUser(edge: EdgeSecret(utf8: edge)), agents: agentsText,
            renewal: renewal, time: time)
    }

    /// Connects a user by name, as a person in front does it.
    @discardableResult
    func connect(_ user: String, account: String? = nil, token: String? = nil, life: Int = 5_183_944) async -> Answer {
        if let account { instagram.account = account }
        if let token {
            instagram.answer(
                .extendToken,
                .success(.ok(#"{"access_token":"\#(token)","token_type":"bearer","expires_in":\#(life)}"#)))
        }
        var browser = Browser()
        let start = await answer(
            .json(.post, Route.start + "?switch_account=1", browser, ["Sec-Fetch-Site": "same-origin"]), as: user)
        browser.take(start)
        let path = Route.callback + "?code=\(Shop.code)&state=\(start.state ?? "")"
        let answer = await answer(.json(.get, path, browser), as: user)
        #expect(answer.status == .ok, "\(answer.text)")
        return answer
    }

    /// A request as an agent makes it, on the private listener.
    func ask(
        _ path: String, as agent: String? = "bot", _ method: HTTPRequest.Method = .get, type: String? = nil,
        body: String = "", surface: Request.Surface = .private
    ) async -> Answer {
        var headers: [String: String] = [:]
        if let agent { headers["Authorization"] = "Bearer \(AgentFiles.key(agent))" }
        if let type { headers["Content-Type"] = type }
        return await answer(.making(method, path, Browser(), headers, body: Array(body.utf8), surface: surface))
    }

    func token(_ user: String = "anna", as agent: String = "bot", _ query: String = "") async -> Answer {
        await ask("/agent/v1/users/\(user)/token\(query)", as: agent)
    }

    func report(_ tokenID: String, of user: String = "anna") async -> Answer {
        await ask(
            "/agent/v1/users/\(user)/token/refused", .post, type: "application/json",
            body: #"{"token_id":"\#(tokenID)"}"#)
    }

    func events(_ query: String = "", as agent: String = "bot") async -> Answer {
        await ask("/agent/v1/events\(query)", as: agent)
    }

    /// Hand-outs as the audit has them: agent, user and how often.
    func handOuts() throws -> [String] {
        try committed("SELECT * FROM audit WHERE action = 'hand-out' ORDER BY id").map { row in
            "\(row["agent"] as String) \(row["user"] as String) \(row["times"] as Int)"
        }
    }
}

extension Answer {
    var errorCode: String? { json["error"] as? String }
    var tokenID: String? { json["token_id"] as? String }
    var accessToken: String? { json["access_token"] as? String }

    /// Types of events with their users, in order.
    var eventTypes: [String] {
        (json["events"] as? [[String: Any]] ?? []).map { event in
            "\(event["type"] as? String ?? "?") \(event["user"] as? String ?? "-")"
        }
    }

    var next: Int64? { json["next"] as? Int64 ?? (json["next"] as? Int).map(Int64.init) }
}
