// SPDX-License-Identifier: MIT
import Foundation
import TestSupport
import Testing
import Transfer
import Vault

extension TransferTests {
    @Suite struct Trust {
        @Test("A certificate that nobody vouches for is refused (checklist 46)")
        func aSelfSignedServerIsUntrusted() async throws {
            let server = try OpenSSLServer()
            defer { server.stop() }
            let secret = get("https://127.0.0.1:\(server.port)/")
            #expect(try await withTransfer { await $0.failure(secret) } == .untrusted(code: 60))
        }

        @Test func plainTextOnATLSPortIsUntrusted() async throws {
            let server = try HostileServer { connection in
                connection.send("HTTP/1.1 400 Bad Request\r\n\r\n")
                connection.waitForClose()
            }
            let failure = try await withTransfer { await $0.failure(get("https://127.0.0.1:\(server.port)/")) }
            #expect(failure == .untrusted(code: 35))
        }

        @Test(
            "What is not https, or http to ourselves, is refused before any connection (checklist 46)",
            arguments: [
                "", "https", "https:/", "https://", "https:///path", "http://example.com/", "file:///etc/passwd",
                "ftp://127.0.0.1/", "dict://127.0.0.1:11211/stat", "gopher://127.0.0.1/", "HTTPS://example.com/",
                " https://example.com/", "https://example.com /", "https://example.com/\n", "https://example.com/\0",
                "http://localhost.evil.example/", "http://127.0.0.1@evil.example/", "http://127.0.0.1.evil.example/",
                "http://127.0.0.1:80@evil.example/", "https://user:password@example.com/",
                "https://example.com\\@evil/",
                "http://localhost./", "http://LOCALHOST/", "http://127.1/", "http://2130706433/", "http://0x7f.0.0.1/",
                "http://127.0.0.01/", "http://127.0.0.256/", "http://127.0.0.1.1/", "http://128.0.0.1/",
                "http://0.0.0.0/",
                "http://[::]/", "http://[::1", "http://[::1]x/", "http://[::1%25lo]/", "http://[::ffff:127.0.0.1]/",
                "http://169.254.169.254/", "http://127.0.0.1:/", "http://127.0.0.1:0/", "http://127.0.0.1:65536/",
                "http://127.0.0.1:8o/", "https://example.com/?q=1", "https://example.com/#f", "https://exämple.com/",
            ])
        func theRestIsRefused(url: String) async throws {
            #expect(await Transfer(limits: limits()).failure(get(url)) == .refusedURL)
        }

        @Test(arguments: ["http://localhost/", "http://127.0.0.1/", "http://127.8.9.10:8080/x", "http://[::1]:80/"])
        func plainHTTPNeedsTheSettingEvenOnLoopback(url: String) async throws {
            #expect(await Transfer(limits: TransferLimits()).failure(get(url)) == .refusedURL)
            // Accepted with it: the call then waits for a `run` that has ended already.
            let stopped = Transfer(limits: limits())
            stopped.stop()
            #expect(await stopped.failure(get(url)) == .stopped)
        }

        static let smuggled: [@Sendable (inout OutboundRequest) -> Void] = [
            { $0.query = QueryString(utf8: "a=b c") },
            { $0.query = QueryString(utf8: "a=b\r\nX: y") },
            { $0.query = QueryString(utf8: "a=b#c") },
            { $0.query = QueryString(utf8: "a=\u{e4}") },
            { $0.bearer = LongLivedToken(utf8: "x\r\nX: y") },
            { $0.bearer = LongLivedToken(utf8: "") },
            { $0.headers = [("X", "y\r\nZ: 1")] },
            { $0.headers = [("X", "y\0")] },
            { $0.headers = [("X: y", "z")] },
            { $0.headers = [("", "z")] },
            { $0.contentType = "a/b\nX: y" },
            { $0.form = FormBody(utf8: "a=b") },  // in a GET
        ]

        @Test(arguments: smuggled.indices)
        func nothingIsSmuggledIntoARequest(index: Int) async throws {
            var request = get("https://example.com/")
            Self.smuggled[index](&request)
            #expect(await Transfer(limits: limits()).failure(request) == .refusedURL)
        }
    }
}
