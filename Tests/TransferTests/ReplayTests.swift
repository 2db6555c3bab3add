// SPDX-License-Identifier: MIT
import TestSupport
import Testing
import Transfer

extension TransferTests {
    @Suite struct Replays {
        /// Answers once, keeps the connection, and goes away without a byte when it is used again.
        static let diesOnTheSecond: HostileServer.Script = { connection in
            _ = connection.readRequest()
            connection.send(answer("first"))
            _ = connection.readRequest()
        }

        @Test("A request that must not be repeated leaves once, also on a dead kept connection (checklist 47)")
        func neverIsSentOnce() async throws {
            let server = try HostileServer(Self.diesOnTheSecond, closing(after: ""))
            let second = try await withTransfer { transfer in
                _ = try await transfer.send(get(server.url))
                return await transfer.failure(post(server.url, form: "code=once"))
            }
            #expect(second == .interrupted(code: 52))
            #expect(server.requests.filter { $0.hasPrefix("POST") }.count == 1)
        }

        @Test("After it no connection is kept", arguments: [200, 500])
        func neverLeavesNoConnectionBehind(status: Int) async throws {
            let server = try HostileServer(answering(answer("ok", status: "\(status) Whatever")))
            try await withTransfer { transfer in
                for _ in 1...3 { _ = try await transfer.send(post(server.url)) }
            }
            #expect(server.connections == 3)
            #expect(server.requests.count == 3)
        }

        @Test(
            "A 417, a 401 and a 408 do not make libcurl send again",
            arguments: [
                "417 Expectation Failed", "401 Unauthorized", "408 Request Timeout",
            ])
        func noStatusCausesASecondRequest(status: String) async throws {
            let headers = "WWW-Authenticate: Basic realm=x, Digest realm=x, nonce=y, NTLM, Negotiate\r\n"
            let server = try HostileServer(answering(answer("", status: status, headers: headers)))
            let reply = try await withTransfer { try await $0.send(post(server.url)) }
            #expect(reply.status == Int(status.prefix(3)))
            #expect(server.requests.count == 1)
        }

        @Test func aSafeGetSurvivesADeadKeptConnection() async throws {
            let server = try HostileServer(Self.diesOnTheSecond, answering(answer("second")))
            let reply = try await withTransfer { transfer in
                _ = try await transfer.send(get(server.url))
                return try await transfer.send(get(server.url))
            }
            #expect(reply.body == Array("second".utf8))
            #expect(server.connections == 2)
            #expect(server.requests.count == 3)
        }

        @Test("A safe DELETE survives a dead kept connection, and what comes after it is a GET again")
        func aSafeDeleteSurvives() async throws {
            let server = try HostileServer(Self.diesOnTheSecond, answering(answer("second")))
            let reply = try await withTransfer { transfer in
                _ = try await transfer.send(get(server.url))
                let reply = try await transfer.send(
                    OutboundRequest(name: "test-delete", method: .delete, url: server.url, replay: .safe))
                _ = try await transfer.send(get(server.url))
                return reply
            }
            #expect(reply.body == Array("second".utf8))
            #expect(server.requests.map { $0.prefix { $0 != " " } } == ["GET", "DELETE", "DELETE", "GET"])
        }

        @Test func aSafePostSurvivesADeadKeptConnectionWithItsBody() async throws {
            let server = try HostileServer(Self.diesOnTheSecond, answering(answer("second")))
            let reply = try await withTransfer { transfer in
                _ = try await transfer.send(get(server.url))
                return try await transfer.send(post(server.url, form: "again=1", replay: .safe))
            }
            #expect(reply.body == Array("second".utf8))
            #expect(server.requests.filter { $0.hasSuffix("\r\n\r\nagain=1") }.count == 2)
        }

        @Test func safeCallsShareAConnection() async throws {
            let server = try HostileServer(answering(answer("ok")))
            try await withTransfer { transfer in
                for _ in 1...10 { _ = try await transfer.send(get(server.url)) }
            }
            #expect(server.connections == 1)
        }
    }
}
