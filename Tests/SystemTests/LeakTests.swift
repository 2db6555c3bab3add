// SPDX-License-Identifier: MIT
import Foundation
import Testing

/// No secret is written anywhere that a person or a program may read (checklist 34, 35).
@Suite(.serialized)
struct LeakTests {
    private static let appSecret = "canaryappsecret7f3a"
    private static let canary = "zqxcanary"

    @Test("After everything that can happen no log and no process list has a code, state, token, secret or cookie")
    func logs() async throws {
        let options = Stage.Options(settings: ["META_APP_SECRET": Self.appSecret], limitsRequests: true)
        try await Stage.run(options) { stage in
            var secrets = [
                Self.appSecret, Self.canary, "IGAA_", "AQBx-", "client_secret=", "code=", "state=", "__Host-ig",
            ]
            secrets += try await everything(stage)
            let processes = try await Command.succeed("ps", ["-ewwo", "pid,args", "e"]).output
            for name in ["journal", "responder", "nginx", "nginx-access", "nginx-error"] {
                let text = stage.said(name)
                for secret in secrets {
                    let line = text.split(separator: "\n").first { $0.contains(secret) }
                    #expect(line == nil, "\(name).log has \(secret)")
                }
            }
            // Of the processes' environment only the responder's may have the secret, and only root sees that.
            let arguments = try await Command.succeed("ps", ["-ewwo", "pid,args"]).output
            let shown = arguments.split(separator: "\n").filter { !$0.contains("instagram-stand-in") }
            for secret in secrets.dropFirst(2) { #expect(!shown.contains { $0.contains(secret) }, "ps has \(secret)") }
            #expect(!shown.contains { $0.contains(Self.appSecret) })
            #expect(processes.contains(Self.appSecret), "or ps did not look")
            #expect(stage.said("journal").contains("\"event\":\"request\""))
            #expect(stage.said("nginx-access").contains("/auth/instagram/callback"))
            #expect(stage.said("nginx-access").contains(" 429 "))
        }
    }

    /// Flows that succeed and fail, hostile requests, the limit, a crash. Returns states and cookies that were used.
    private func everything(_ stage: Stage) async throws -> [String] {
        let browser = Browser()
        var used: [String] = []
        let consent = try await stage.consentPage(browser)
        used.append(try consent.url.value(of: "state"))
        _ = try await browser.press("allow", on: consent)
        for kind in ["wrong-secret", "html-200", "drop", "garbage-json", "expired"] {
            try await stage.standIn.fail("exchange-code", kind)
            let callback = try await stage.consented(browser)
            used.append(try callback.value(of: "state"))
            _ = try await browser.fetch(callback.request)
        }
        try await stage.standIn.set(#"{"faults": []}"#)
        let callback = try await stage.consented(browser)
        used.append(try callback.value(of: "state"))

        for request in hostile { _ = try await RawHTTP.send(request, port: stage.port) }
        await stage.responder?.killed()
        _ = try await browser.fetch(callback.request)
        _ = try await browser.open(callback.request)
        for request in hostile { _ = try await RawHTTP.send(request, port: stage.port) }
        try stage.startResponder()
        try await stage.ready()
        // Beyond the limit: 60 at once and 10 a second.
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<120 { group.addTask { _ = try await browser.fetch(callback.request) } }
            try await group.waitForAll()
        }
        used += await browser.jar.cookies.map(\.value)
        return used
    }

    private var hostile: [String] {
        let canary = Self.canary
        let heads = [
            "GET /auth/instagram/callback?code=\(canary)&state=\(canary) HTTP/1.1",
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
