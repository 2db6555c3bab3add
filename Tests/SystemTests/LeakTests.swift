// SPDX-License-Identifier: MIT
import Connect
import Foundation
import Glibc
import Testing
import Vault

/// No secret is written anywhere that a person or a program may read (checklist 34, 35).
@Suite(.serialized)
struct LeakTests {
    private static let appSecret = "canaryappsecret7f3a"
    private static let extraSecrets = "canaryformersecret91c,canarymetasecret5d07"
    private static let canary = "zqxcanary"

    /// What nginx answers by itself, see `limit`; those of identity `remote-user` are in `RemoteUserTests`, those of
    /// agents in `AgentRouteTests`.
    private static let elsewhere = Set(
        [
            ErrorCode.tooManyRequests, .loginRequired, .accountInUse, .accountMismatch, .unauthorized,
            .reconnectRequired, .gone, .tokenRefused,
        ].map(\.publicCode))

    @Test(
        "Through every outcome no secret, key, code, state, cookie or token is in a log, an answer, a process or a file"
    )
    func outcomes() async throws {
        let pipe = try PipeReader()
        pipe.start()
        // The journal is a pipe, so that a disk without room takes no line from it.
        let options = Stage.Options(
            settings: [
                "META_APP_SECRET": Self.appSecret, "META_EXTRA_SECRETS": Self.extraSecrets,
                "IG_SHOP_AUTH_LOG_LEVEL": "trace",
            ], journal: pipe.writing,
            wrapper: ["env", "--ignore-signal=XFSZ"])
        defer { close(pipe.writing) }
        try await Stage.run(options) { stage in
            var outcomes = try Outcomes(stage)
            try await outcomes.success()
            try await outcomes.crash()
            let hang = try await outcomes.beginHang()
            try await outcomes.requests()
            for (endpoint, kind) in [
                ("exchange-code", "unsupported-request"), ("exchange-code", "code-used"), ("exchange-code", "drop"),
                ("exchange-code", "drop-after-success"), ("exchange-code", "garbage-json"),
                ("exchange-code", "html-200"),
                ("exchange-code", "wrong-secret"), ("extend-token", "expired"), ("extend-token", "garbage-json"),
                ("extend-token", "unknown-code"), ("read-profile", "expired"), ("read-profile", "missing-field"),
                ("read-profile", "throttled-business"), ("read-profile", "html-502"),
            ] { try await outcomes.instagram(endpoint, kind) }
            try await outcomes.crowd()
            try await outcomes.fullDisk()
            try await outcomes.endHang(hang)

            var reports = try outcomes.scan.files() + outcomes.scan.processes()
            // The last: nothing is connected after it.
            let key = Keyring.generateLine(id: KeyID("other")!, random: .system)
            outcomes.scan.canaries.add(.key, key.split(separator: " ")[1])
            try await outcomes.lostKey(key)
            outcomes.judge()
            reports += outcomes.reports
            reports += try outcomes.scan.files() + outcomes.scan.processes()
            await stage.responder?.stop()
            reports += outcomes.scan.reports(in: Data(pipe.text.utf8), of: "the journal")
            #expect(Set(reports).sorted() == [])

            let all = Set(ErrorCode.allCases.map(\.publicCode)).subtracting(Self.elsewhere)
            #expect(outcomes.codes == all, "every code that can occur, and no other")
            #expect(pipe.text.contains("\"event\":\"request\"") && pipe.text.contains("\"during\":\"connect\""))
            // Where a secret is, it is found: the key file, and what Instagram's stand-in was told.
            let keys = try Data(contentsOf: URL(fileURLWithPath: stage.keys))
            #expect(!outcomes.scan.reports(in: keys, of: "keys").isEmpty)
            let tokens = try await stage.standIn.tokens().map(\.accessToken).joined()
            #expect(!outcomes.scan.reports(in: Data(tokens.utf8), of: "tokens").isEmpty)
        }
    }

    @Test("Beyond the limit, from hostile clients, without the program: no log and no process list has any of it")
    func limit() async throws {
        let options = Stage.Options(
            settings: ["META_APP_SECRET": Self.appSecret, "META_EXTRA_SECRETS": Self.extraSecrets],
            limitsRequests: true)
        try await Stage.run(options) { stage in
            var scan = try LeakScan(stage)
            scan.canaries.add(.code, Self.canary)
            let browser = Browser()
            let callback = try await stage.consented(browser)
            scan.canaries.add(state: try callback.value(of: "state"))
            for cookie in await browser.jar.cookies { scan.canaries.add(cookie: cookie.value) }

            var reports: [String] = []
            for request in hostile {
                reports += scan.answer(
                    try await RawHTTP.send(request, port: stage.port), to: String(request.prefix(60)))
            }
            await stage.responder?.killed()
            for request in hostile { _ = try await RawHTTP.send(request, port: stage.port) }
            try stage.startResponder()
            try await stage.ready()
            // 60 at once and 10 a second.
            let answers = try await withThrowingTaskGroup(of: Response.self) { group in
                for _ in 0..<120 { group.addTask { try await browser.fetch(callback.request) } }
                return try await group.reduce(into: [Response]()) { $0.append($1) }
            }
            for cookie in await browser.jar.cookies { scan.canaries.add(cookie: cookie.value) }
            for answer in answers { reports += scan.answer(answer, to: "one of many") }
            #expect(answers.contains { $0.error?.error == "too_many_requests" })
            reports += try scan.files() + scan.processes()
            #expect(Set(reports).sorted() == [])

            // The words by which they would be known, too.
            for name in ["journal", "responder", "nginx", "nginx-access", "nginx-error"] {
                for word in ["client_secret=", "code=", "state=", "__Host-ig", "access_token"] {
                    let line = stage.said(name).split(separator: "\n").first { $0.contains(word) }
                    #expect(line == nil, "\(name).log has \(word)")
                }
            }
            #expect(stage.said("journal").contains("\"event\":\"request\""))
            #expect(stage.said("nginx-access").contains("/auth/instagram/callback"))
            #expect(stage.said("nginx-access").contains(" 429 "))
        }
    }

    private var hostile: [String] {
        let canary = Self.canary
        let heads = [
            "GET /auth/instagram/callback?code=\(canary)&state=\(canary) HTTP/1.1",
            "GET /auth/instagram/connect?link=\(canary) HTTP/1.1",
            "POST /auth/instagram/connect?link=\(canary) HTTP/1.1",
            "GET /auth/instagram/callback?code=\(canary) HTTP/9.9", "GET /auth/instagram/callback?code=\(canary)%00",
            "GET /auth/instagram/callback%00?code=\(canary) HTTP/1.1", "TRACE /auth/instagram?code=\(canary) HTTP/1.1",
            "GET http://localhost/auth/instagram/callback?code=\(canary) HTTP/1.1",
            "GET /auth/instagram/status HTTP/1.1\r\nCookie: __Host-ig_session=\(canary)",
            "GET /auth/instagram/status HTTP/1.1\r\nReferer: http://localhost/auth/instagram/callback?code=\(canary)",
            "GET /auth/instagram/status HTTP/1.1\r\nAuthorization: Basic \(canary)",
            "GET /auth/instagram/status HTTP/1.1\r\nAuthorization: Bearer \(canary)",
            "GET /auth/instagram/status HTTP/1.1\r\nUser-Agent: \(canary)",
            "GET /auth/instagram/callback?code=\(canary) HTTP/1.1\r\nX: " + String(repeating: canary, count: 1_200),
            "GET /auth/instagram/callback?code=\(canary) HTTP/1.1\r\nHost: a/b",
            "GET /auth/instagram/callback?code=\(String(repeating: canary, count: 1_200)) HTTP/1.1",
            "POST /auth/instagram?code=\(canary) HTTP/1.1\r\nContent-Length: -1",
            "GET /?code=\(canary) HTTP/1.1",
        ]
        return heads.map { "\($0)\r\nHost: localhost\r\nConnection: close\r\n\r\n" }
    }
}
