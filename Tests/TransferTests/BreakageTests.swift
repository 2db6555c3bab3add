// SPDX-License-Identifier: MIT
import TestSupport
import Testing
import Transfer

extension TransferTests {
    @Suite struct Breakage {
        /// The numbers are libcurl's: 52 nothing, 56 receive, 18 partial, 8 weird reply, 1 no HTTP.
        static let breaks: [(claim: String, sent: String, reset: Bool)] = [
            ("no answer", "", false),
            ("no answer, reset", "", true),
            ("end in the status line", "HTTP/1.1 2", false),
            ("end in the headers", "HTTP/1.1 200 OK\r\nContent-Le", false),
            ("reset in the headers", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n", true),
            ("end in the body", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nfive!", false),
            ("reset in the body", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nfive!", true),
            ("end in a chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\nfive!", false),
            ("no last chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n", false),
            ("chunks that are none", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nnonsense\r\n", false),
            ("garbage", "\u{1}\u{2}\u{3} no protocol at all\r\n\r\n", false),
            ("another protocol", "220 smtp.example ESMTP\r\n", false),
            ("a length below zero", "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nfive!", false),
            ("a length that lies", "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nshort", false),
        ]

        @Test("What breaks after the request was sent is interrupted", arguments: breaks)
        func whatBreaksAfterSendingIsInterrupted(claim: String, sent: String, reset: Bool) async throws {
            let server = try HostileServer { connection in
                _ = connection.readRequest()
                connection.send(sent)
                if reset { connection.reset() }
            }
            let failure = try await withTransfer { await $0.failure(post(server.url)) }
            guard case .interrupted = failure else {
                Issue.record("\(claim): \(String(describing: failure))")
                return
            }
            #expect(server.requests.count == 1)
        }

        @Test func aLengthShorterThanTheBodyEndsTheBody() async throws {
            let answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK"
            let server = try HostileServer(closing(after: answer))
            let reply = try await withTransfer { try await $0.send(get(server.url)) }
            #expect(reply.body == Array("ok".utf8))
        }

        @Test func aRefusedConnectionIsUnreachable() async throws {
            var server: HostileServer? = try HostileServer({ _ in })
            let url = try #require(server).url
            // A port that was ours a moment ago and that nobody listens on: bound, but closed by the deinit.
            server = nil
            let failure = try await withTransfer { transfer in
                var failure = await transfer.failure(get(url))
                // Until the accepting thread has closed the listener a connection may still be taken and dropped.
                while case .interrupted = failure { failure = await transfer.failure(get(url)) }
                return failure
            }
            #expect(failure == .unreachable(code: 7))
        }

        @Test func aNameThatDoesNotExistIsUnreachable() async throws {
            let failure = try await withTransfer { await $0.failure(get("https://nowhere.invalid/")) }
            // Without a network the resolver may not even have time to say so.
            #expect(failure == .unreachable(code: 6) || failure == .deadline(.connect))
        }

        @Test(
            "Too much is refused while it arrives (checklist 47)",
            arguments: [
                ("a body with an honest length", "HTTP/1.1 200 OK\r\nContent-Length: 10485760\r\n\r\n", "x"),
                ("a length beyond reason", "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n", ""),
                ("a body until the end", "HTTP/1.1 200 OK\r\n\r\n", "x"),
                ("chunks", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "1\r\nx\r\n"),
                ("header lines", "HTTP/1.1 200 OK\r\n", "X-Endless: 1\r\n"),
                ("interim answers", "", "HTTP/1.1 103 Early Hints\r\nA: b\r\n\r\n"),
            ])
        func tooMuchIsRefused(claim: String, start: String, then: String) async throws {
            let server = try HostileServer { connection in
                _ = connection.readRequest()
                connection.send(start)
                if then.isEmpty { return connection.waitForClose() }
                connection.sendForever(String(repeating: then, count: 1_000))
            }
            let failure = try await withTransfer { await $0.failure(get(server.url)) }
            #expect(failure == .tooLarge, "\(claim)")
        }

        @Test func oneEndlessHeaderLineEndsTheCall() async throws {
            let server = try HostileServer { connection in
                _ = connection.readRequest()
                connection.send("HTTP/1.1 200 OK\r\nX: ")
                connection.sendForever(String(repeating: "x", count: 1_000))
            }
            let failure = try await withTransfer { await $0.failure(get(server.url)) }
            #expect(failure != nil && failure != .deadline(.total))
        }

        @Test(arguments: [1_000, 1_001])
        func theCapIsExact(size: Int) async throws {
            let server = try HostileServer(answering(answer(String(repeating: "x", count: size))))
            let failure = try await withTransfer(limits(replyBytes: 1_000)) { await $0.failure(get(server.url)) }
            #expect(failure == (size > 1_000 ? .tooLarge : nil))
        }
    }
}
