// SPDX-License-Identifier: MIT
import HTTPTypes
import Instagram
import Testing

@testable import Connect

/// Who gets in, and what is not there for whom.
@Suite struct AgentDoorTests {
    static let routes = Endpoint.allCases.filter { $0.rawValue.hasPrefix("/agent/") }

    private static func path(_ route: Endpoint) -> String {
        route.rawValue.replacing("{user}", with: "anna").replacing("{instagram_user_id}", with: "17841458366137975")
    }

    @Test("Without a good key every route of agents is 401, says how to show one, and tells nothing", arguments: routes)
    func unauthorized(route: Endpoint) async throws {
        let shop = try Shop.forAgents()
        await shop.connect("anna")
        let key = AgentFiles.key("bot")
        let shown = [
            nil, "", "Bearer", "Bearer ", "Basic \(key)", key, "Bearer \(AgentFiles.key("stranger"))",
            "Bearer \(key) x", "Bearer \(key), Bearer \(key)", "Bearer \(key.dropLast())", "Bearer \(key)=",
            "Bearer \(AgentFiles.hash("bot"))", "Bearer \(key.uppercased())",
        ]
        var answers: Set<String> = []
        for field in shown {
            let headers = field.map { ["Authorization": $0] } ?? [:]
            let answer = await shop.answer(
                .making(route.methods[0], Self.path(route), Browser(), headers, surface: .private))
            #expect(answer.status == .unauthorized && answer.errorCode == "unauthorized", "\(field ?? "none")")
            #expect(answer.fields[.wwwAuthenticate] == "Bearer")
            answers.insert(answer.everything)
        }
        #expect(answers.count == 1, "every bad key looks the same")
        #expect(try shop.handOuts() == [])
    }

    @Test("The public listener has none of these routes, with a good key or without", arguments: routes)
    func surface(route: Endpoint) async throws {
        let shop = try Shop.forAgents()
        await shop.connect("anna")
        for agent in ["bot", nil] {
            let answer = await shop.ask(Self.path(route), as: agent, route.methods[0], surface: .public)
            #expect(answer.status == .notFound && answer.fields[.wwwAuthenticate] == nil)
        }
    }

    @Test("A method that a route does not know is 405, HEAD too where a GET leaves a trace", arguments: routes)
    func methods(route: Endpoint) async throws {
        let shop = try Shop.forAgents()
        await shop.connect("anna")
        let isTraceless = [Endpoint.agentUsers, .agentUser, .agentAccount].contains(route)
        #expect(route.methods.contains(.head) == isTraceless)
        for method in [HTTPRequest.Method.get, .head, .post, .put, .delete, .patch, .options] {
            let answer = await shop.ask(Self.path(route), method)
            #expect((answer.status == .methodNotAllowed) == !route.methods.contains(method), "\(method)")
            if answer.status == .methodNotAllowed {
                #expect(answer.fields[.allow] == route.methods.map(\.rawValue).joined(separator: ", "))
            }
        }
        #expect(try shop.handOuts() == (route == .agentUserToken || route == .agentAccountToken ? ["bot anna 1"] : []))
    }

    @Test("A user who is not there and one whom the agent may not ask for are the same bytes, by name and by account")
    func notFound() async throws {
        let shop = try Shop.forAgents()
        await shop.connect("anna", account: "17841400000000001")
        let report = #"{"token_id":"1"}"#
        var answers: Set<String> = []
        for subject in ["users/anna", "users/nobody", "accounts/17841400000000001", "accounts/17841400000000009"] {
            for rest in ["", "/token", "/token/refused"] {
                let isReport = rest == "/token/refused"
                let answer = await shop.ask(
                    "/agent/v1/\(subject)\(rest)", as: "shop-a", isReport ? .post : .get, body: isReport ? report : "")
                #expect(answer.status == .notFound)
                answers.insert(answer.everything)
            }
        }
        #expect(answers.count == 1)
        #expect(try shop.handOuts() == [])
        #expect(shop.instagram.count(.readProfile) == 1)
    }

    @Test("A name with slashes and odd bytes is one segment; its account leads to the same token")
    func names() async throws {
        let shop = try Shop.forAgents()
        let names = [
            "42/shop-a": "42%2Fshop-a", "a b+c%d?e#f": "a%20b%2Bc%25d%3Fe%23f", "..": "%2E%2E",
            "m\u{fc}ller": "m%C3%BCller",
            "{user}": "%7Buser%7D", String(repeating: "\u{540d}", count: 42): String(repeating: "%E5%90%8D", count: 42),
        ]
        for (index, (name, written)) in names.enumerated() {
            let account = "1784140000000010\(index)"
            await shop.connect(name, account: account, token: "IGAA_token_\(index)")
            for path in ["users/\(written)", "accounts/\(account)"] {
                let answer = await shop.ask("/agent/v1/\(path)/token")
                #expect(answer.accessToken == "IGAA_token_\(index)", "\(name): \(answer.text)")
                #expect(answer.json["instagram_user_id"] as? String == account)
                let status = await shop.ask("/agent/v1/\(path)")
                #expect(status.json["user"] as? String == name && status.json["state"] as? String == "connected")
            }
        }
        #expect(await shop.token("42%2Fshop-a", as: "shop-a").status == .ok)
        for path in ["42/shop-a", "42%252Fshop-a", "42%2Fshop-a%00", "42%2Fshop-a%FF", "mu%CC%88ller", ""] {
            #expect(await shop.token(path).status == .notFound, "\(path)")
        }
    }

    @Test("Answers of agents' routes are not stored by anybody on the way, and set no cookie")
    func fields() async throws {
        let shop = try Shop.forAgents()
        await shop.connect("anna")
        let paths = ["users", "users/anna", "users/anna/token", "events", "users/nobody/token", "events?after=99"]
        for path in paths {
            let answer = await shop.ask("/agent/v1/\(path)")
            #expect(answer.fields[.cacheControl] == "no-store" && answer.cookies.isEmpty)
            #expect(answer.contentType == "application/json; charset=utf-8")
            #expect(answer.fields[.xContentTypeOptions] == "nosniff")
        }
    }
}
