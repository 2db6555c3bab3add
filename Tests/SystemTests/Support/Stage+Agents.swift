// SPDX-License-Identifier: MIT
import Connect
import Foundation
import Glibc
import Vault

/// Agents of the real program, on the private listener.
extension Stage {
    var agentBase: String { "http://127.0.0.1:\(privatePort)" }

    /// Puts these agents in force by SIGHUP, each with a new key and its users as the file writes them.
    ///
    /// - Returns: The keys, in order.
    @discardableResult
    func employ(_ agents: [(name: String, users: String)]) async throws -> [String] {
        let keys = agents.map { _ in AgentKey.generate() }
        let lines = zip(agents, keys).map { Agents.line(name: $0.name, key: $1, users: $0.users) + "\n" }
        func reloads() throws -> [String?] { try journal().filter { $0["event"] == "reloaded" }.map { $0["agents"] } }
        let before = try reloads().count
        guard
            FileManager.default.createFile(
                atPath: self.agents + ".new", contents: Data(lines.joined().utf8),
                attributes: [.posixPermissions: 0o600]
            ), rename(self.agents + ".new", self.agents) == 0
        else { throw Missing("no agents file") }
        responder?.signal(SIGHUP)
        _ = try await eventually("the reload") { try reloads().count > before ? () : nil }
        return keys.map { $0.exposedText() }
    }

    /// A request as an agent makes it.
    func ask(_ path: String, key: String?, _ method: HTTPMethod = .get, body: String? = nil) async throws -> Response {
        let headers = key.map { [(name: "Authorization", value: "Bearer \($0)")] } ?? []
        return try await HTTPClient.shared.send(
            method, agentBase + "/agent/v1/" + path, headers: headers, body: body, contentType: "application/json")
    }

    /// From a connect link to its claim, as a visitor goes who allows everything.
    func follow(_ link: Response, _ browser: Browser, account: String = "acme_shop") async throws -> String {
        struct Made: Decodable {
            let connectUrl: String
        }
        let made: Made = try link.decoded()
        let consent = try await browser.press("connect", on: browser.open(made.connectUrl))
        let end = try await browser.open(consent.url.request + "&auto=allow&account=\(account)") {
            $0.fragment?.hasPrefix("instagram_claim=") ?? false
        }
        guard end.isHeld, let claim = end.url.fragment?.split(separator: "=").last else {
            throw Missing("no claim: \(end.url)")
        }
        return String(claim)
    }

    /// What an agent is told of a token.
    struct HandedOut: Decodable {
        let accessToken: String
        let tokenId: String
        let instagramUserId: String
        let expiresAt: String
    }

    struct Happened: Decodable {
        struct Event: Decodable {
            let seq: Int64
            let user: String?
            let type: String
        }

        let events: [Event]
        let next: Int64

        var types: [String] { events.map(\.type) }
    }
}
