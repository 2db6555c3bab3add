// SPDX-License-Identifier: MIT
import Foundation
import Glibc
import Testing

/// A visitor who closes the tab in the middle of the callback.
@Suite(.serialized, .stage)
struct GoneBrowserTests {
    private let stage = Stage.current!

    @Test(
        "The browser goes away: the flow goes on, its token is kept, and a repeat says connected",
        arguments: ["exchange-code", "extend-token", "read-profile"])
    func gone(_ endpoint: String) async throws {
        try await stage.standIn.reset()
        let browser = Browser()
        let callback = try await stage.consented(browser)
        let noticed = try self.noticed()
        try await stage.standIn.fail(endpoint, nil, count: 1, latency: 1_500)
        let tab = try await Tab(callback, cookies: #require(browser.jar.field(for: callback, isLaxAllowed: true)))
        try await stage.standIn.wait(for: endpoint, count: 1)
        tab.close()
        // nginx lets go of the request, and says so before Instagram has answered.
        _ = try await eventually("nginx to notice") { try self.noticed() > noticed ? () : nil }
        let state = try callback.value(of: "state")
        // `done` already only where the machine was slow to look.
        #expect(try ["sent", "done"].contains(stage.kept.flow(state)?.phase))
        _ = try await eventually("the token") { try stage.kept.flow(state)?.outcome == "connected" ? () : nil }
        let token = try stage.kept.users().last?.token(stage.kept.keyring())
        #expect(try await token == stage.standIn.tokens().last?.accessToken)
        #expect(try await browser.fetch(callback.request).status == 200)
        let calls = try await stage.standIn.calls()
        #expect(calls.exchanges == 1 && calls.extensions == 1 && calls.profiles == 1 && calls.repeatedCodes == 0)
    }

    /// Requests whose client went away before the answer (499, in nginx's words).
    private func noticed() throws -> Int { stage.said("nginx-access").matches(of: /\s499\s/).count }
}

/// A navigation whose answer nobody waits for.
private struct Tab {
    private let descriptor: Int32

    init(_ url: WebURL, cookies: String) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in.loopback(url.port)
        let head = "GET \(url.target) HTTP/1.1\r\nHost: localhost\r\nAccept: text/html\r\nCookie: \(cookies)\r\n\r\n"
        guard address.with({ connect(descriptor, $0, $1) }) == 0,
            send(descriptor, head, head.utf8.count, Int32(MSG_NOSIGNAL)) == head.utf8.count
        else { throw Missing("no tab") }
    }

    func close() { Glibc.close(descriptor) }
}
