// SPDX-License-Identifier: MIT
import Foundation
import TestSupport
import Testing

/// Links and claims with the real parts: what is written down of them, and what a crash takes away.
@Suite(.serialized, .stage)
struct ConnectLinkTests {
    private let stage = Stage.current!

    private func claim(_ claim: String, for user: String, key: String) async throws -> Response {
        try await stage.ask("claims", key: key, .post, body: #"{"claim":"\#(claim)","user":"\#(user)"}"#)
    }

    private func link(for user: String, key: String) async throws -> Response {
        try await stage.ask("users/\(user)/connect", key: key, .post, body: #"{"return_to":"/account"}"#)
    }

    /// Nothing is left of the user: the account is for the next one.
    private func letGo(_ user: String, key: String) async throws {
        #expect(try await stage.ask("users/\(user)/disconnect", key: key, .post, body: "").status == 200)
        #expect(try await stage.ask("users/\(user)/token", key: key).status != 200)
    }

    @Test("Neither a link nor a claim nor the token behind it is in a log, a process or a file (checklist 34, 35)")
    func leaks() async throws {
        try await stage.standIn.reset()
        let key = try await stage.employ([("bot", "*")])[0]
        var scan = try LeakScan(stage)
        let browser = Browser()
        let made = try await link(for: "anna", key: key)
        let secret = try #require(try made.text.firstMatch(of: /link=([A-Za-z0-9_-]+)/)?.1)
        scan.canaries.add(state: String(secret))
        let claim = try await stage.follow(made, browser)
        scan.canaries.add(state: claim)
        for cookie in await browser.jar.cookies { scan.canaries.add(cookie: cookie.value) }
        #expect(Set(try scan.files() + scan.processes()).sorted() == [])
        for head in ["GET", "POST", "BREW"] {
            let request =
                "\(head) /auth/instagram/connect?link=\(secret) HTTP/1.1"
                + "\r\nReferer: http://x/?link=\(secret)"
                + "\r\nHost: localhost\r\nConnection: close\r\n\r\n"
            let answer = try await RawHTTP.send(request, port: stage.port)
            #expect(!answer.text.contains(secret), "who has used it is the only one who sees it again")
        }
        #expect(try await self.claim(claim, for: "berta", key: key).error?.error == "invalid_state")
        #expect(try await self.claim(claim, for: "anna", key: key).error?.error == "invalid_state")
        #expect(Set(try scan.files() + scan.processes()).sorted() == [])
        #expect(stage.said("journal").contains(#""event":"unclaimed""#))
        #expect(stage.said("nginx-access").contains("/auth/instagram/connect"))
    }

    @Test("A process that is killed between the way back and the claim loses nothing, and the claim counts once")
    func killed() async throws {
        try await stage.standIn.reset()
        let key = try await stage.employ([("bot", "*")])[0]
        let browser = Browser()
        let claim = try await stage.follow(link(for: "anna", key: key), browser)
        await stage.responder?.killed()
        try stage.startResponder()
        try await stage.ready()
        let answer = try await self.claim(claim, for: "anna", key: key)
        #expect(answer.status == 200)
        #expect(try await self.claim(claim, for: "anna", key: key).status == 400)
        #expect(try stage.kept.users().filter { $0.state == "connected" }.map(\.id) == ["anna"])
        try await letGo("anna", key: key)
    }

    @Test("A process that is killed while it takes a claim has connected, or the claim is still good")
    func killedWhileClaiming() async throws {
        try await stage.standIn.reset()
        let key = try await stage.employ([("bot", "*")])[0]
        let rounds = Soak.times(10)
        for round in 0..<rounds {
            let user = "user-\(round)"
            let claim = try await stage.follow(link(for: user, key: key), Browser())
            async let lost = try? self.claim(claim, for: user, key: key)
            if round % 3 > 0 { try await Task.sleep(for: .milliseconds(round % 3)) }
            await stage.responder?.killed()
            let heard = await lost?.status
            try stage.startResponder()
            try await stage.ready()
            let again = try await self.claim(claim, for: user, key: key).status
            let token: Stage.HandedOut = try await stage.ask("users/\(user)/token", key: key).decoded()
            let isGood = try await stage.standIn.profile(of: token.accessToken).status == 200
            #expect(isGood, "round \(round): \(String(describing: heard)), then \(again)")
            #expect(heard == 200 ? again == 400 : [200, 400].contains(again))
            try await letGo(user, key: key)
        }
        Soak.record("claims whose process was killed", rounds, "each connected, and once")
    }
}
