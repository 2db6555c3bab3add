// SPDX-License-Identifier: MIT
import Foundation
import HTTPTypes
import Testing

@testable import Connect

/// A link from its making to its claim, as the people in it go.
extension Shop {
    /// What the application behind an agent asks for.
    func link(
        for user: String = "anna", as agent: String = "bot", body: String = #"{"return_to":"/account?tab=2"}"#
    ) async -> Answer {
        await ask("/agent/v1/users/\(user)/connect", as: agent, .post, type: "application/json", body: body)
    }

    /// The link's path and query.
    func linkPath(
        for user: String = "anna", as agent: String = "bot", body: String = #"{"return_to":"/account?tab=2"}"#
    ) async throws -> String {
        let answer = await link(for: user, as: agent, body: body)
        let url = try #require(answer.json["connect_url"] as? String, "\(answer.text)")
        return String(try #require(url.dropPrefix(Shop.origin)))
    }

    func press(_ path: String, _ browser: inout Browser, from site: String = "same-origin") async -> Answer {
        let answer = await answer(.page(.post, path, browser, ["Sec-Fetch-Site": site]))
        browser.take(answer)
        return answer
    }

    /// From the button to the way back, where the answer is.
    func follow(_ path: String, _ browser: inout Browser, page: Bool = true) async -> Answer {
        let state = await press(path, &browser).state
        let answer = await callback(browser, state: state, page: page)
        browser.take(answer)
        return answer
    }

    /// What a browser brings back that followed a new link.
    func newClaim(for user: String = "anna", as agent: String = "bot", body: String? = nil) async throws -> String {
        var browser = Browser()
        let path = try await linkPath(for: user, as: agent, body: body ?? #"{"return_to":"/account?tab=2"}"#)
        let answer = await follow(path, &browser)
        return try #require(answer.claim, "\(answer.everything)")
    }

    func claim(_ claim: String, for user: String = "anna", as agent: String = "bot") async -> Answer {
        await ask(
            "/agent/v1/claims", as: agent, .post, type: "application/json",
            body: #"{"claim":"\#(claim)","user":"\#(user)"}"#)
    }

    func claims() throws -> Int { try committed("SELECT * FROM claims").count }
    func links() throws -> Int { try committed("SELECT * FROM connect_links").count }
}

extension Answer {
    /// Behind the `#` of where it leads.
    var claim: String? {
        location?.components(separatedBy: "#instagram_claim=").dropFirst().first
            ?? json["instagram_claim"] as? String
    }
}

extension String {
    func dropPrefix(_ prefix: String) -> Substring? { hasPrefix(prefix) ? dropFirst(prefix.count) : nil }
}
