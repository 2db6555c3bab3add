// SPDX-License-Identifier: MIT
import TestSupport
import Testing
import Transfer
import Vault

extension TransferTests {
    @Suite struct Answers {
        @Test func aWholeAnswerArrives() async throws {
            let server = try HostileServer(
                answering(answer("hello", headers: "X-One: 1\r\nx-one:  2 \r\nEmpty:\r\n")))
            let reply = try await withTransfer { try await $0.send(get(server.url)) }
            #expect(reply.status == 200)
            #expect(reply.body == Array("hello".utf8))
            #expect(reply.header("x-one") == "1")
            #expect(reply.headers.filter { $0.name == "x-one" }.map(\.value) == ["1", "2"])
            #expect(reply.header("empty") == "")
            #expect(reply.description == "status 200, 5 bytes")
        }

        @Test func anAnswerByteByByteArrives() async throws {
            let server = try HostileServer { connection in
                _ = connection.readRequest()
                for byte in answer("slowly", headers: "A: b\r\n").unicodeScalars { connection.send(String(byte)) }
            }
            let reply = try await withTransfer { try await $0.send(get(server.url)) }
            #expect(reply.body == Array("slowly".utf8))
            #expect(reply.header("a") == "b")
        }

        @Test func headersOfInterimAnswersAndTrailersAreNotHeaders() async throws {
            let server = try HostileServer(
                closing(
                    after: "HTTP/1.1 103 Early Hints\r\nLink: early\r\n\r\n"
                        + "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nReal: yes\r\n\r\n"
                        + "2\r\nok\r\n0\r\nTrailer: late\r\n\r\n"
                ))
            let reply = try await withTransfer { try await $0.send(get(server.url)) }
            #expect(reply.headers.map(\.name) == ["transfer-encoding", "real"])
            #expect(reply.body == Array("ok".utf8))
        }

        @Test("A redirect is an answer and is not followed (checklist 46)", arguments: [301, 302, 303, 307, 308])
        func aRedirectIsNotFollowed(status: Int) async throws {
            let elsewhere = try HostileServer(answering(answer("stolen")))
            let server = try HostileServer(
                answering(answer("", status: "\(status) Moved", headers: "Location: \(elsewhere.url)\r\n")))
            let reply = try await withTransfer { try await $0.send(post(server.url)) }
            #expect(reply.status == status)
            #expect(reply.header("location") == elsewhere.url)
            #expect(elsewhere.connections == 0)
        }

        @Test func theRequestOnTheWireIsTheOneThatWasMeant() async throws {
            let server = try HostileServer(answering(answer("")))
            let request = OutboundRequest(
                name: "wire", method: .post, url: server.url, query: QueryString(utf8: "q=1%202"),
                form: FormBody(utf8: "code=abc"), bearer: LongLivedToken(utf8: "IGAA"),
                headers: [("X-Extra", "e"), ("X-Empty", "")], replay: .never)
            _ = try await withTransfer { try await $0.send(request) }
            let lines = try #require(server.requests.first).split(separator: "\r\n", omittingEmptySubsequences: false)
            #expect(lines.first == "POST /path?q=1%202 HTTP/1.1")
            #expect(lines.last == "code=abc")
            #expect(
                lines.dropFirst().dropLast(2).sorted() == [
                    "Accept: */*", "Authorization: Bearer IGAA", "Content-Length: 8",
                    "Content-Type: application/x-www-form-urlencoded", "Host: 127.0.0.1:\(server.port)",
                    "User-Agent: ig-shop-auth", "X-Empty:", "X-Extra: e",
                ])
        }

        @Test(arguments: [OutboundRequest.Replay.safe, .never])
        func aBodyLargerThanEveryBufferArrivesWhole(replay: OutboundRequest.Replay) async throws {
            let server = try HostileServer(answering(answer("")))
            let body = [UInt8](repeating: UInt8(ascii: "x"), count: 2 << 20)
            let request = OutboundRequest(
                name: "large", method: .post, url: server.url, body: body, contentType: "text/plain", replay: replay)
            _ = try await withTransfer { try await $0.send(request) }
            let seen = try #require(server.requests.first)
            #expect(seen.contains("Content-Type: text/plain\r\n") && !seen.contains("Expect"))
            #expect(seen.utf8.suffix(body.count).elementsEqual(body))
        }

        @Test("A DELETE goes as one, and has no body")
        func aDeleteHasNoBody() async throws {
            let server = try HostileServer(answering(answer("gone")))
            let request = OutboundRequest(
                name: "delete", method: .delete, url: server.url, query: QueryString(utf8: "q=1"), replay: .safe)
            let reply = try await withTransfer { try await $0.send(request) }
            #expect(reply.body == Array("gone".utf8))
            let lines = try #require(server.requests.first).split(separator: "\r\n")
            #expect(
                lines.sorted() == [
                    "Accept: */*", "DELETE /path?q=1 HTTP/1.1", "Host: 127.0.0.1:\(server.port)",
                    "User-Agent: ig-shop-auth",
                ])
            #expect(request.description == "delete: DELETE \(server.url)")
            var withBody = request
            withBody.body = Array("x".utf8)
            let refused = try await withTransfer { [withBody] in await $0.failure(withBody) }
            #expect(refused == .refusedURL)
            #expect(server.requests.count == 1)
        }

        @Test func aPostWithoutABodySaysSo() async throws {
            let server = try HostileServer(answering(answer("")))
            let request = OutboundRequest(
                name: "empty", method: .post, url: server.url, query: QueryString(utf8: "q=a%2Cb"), replay: .safe)
            _ = try await withTransfer { try await $0.send(request) }
            let lines = try #require(server.requests.first).split(separator: "\r\n")
            #expect(lines.first == "POST /path?q=a%2Cb HTTP/1.1")
            #expect(lines.contains("Content-Length: 0"))
            #expect(!lines.contains { $0.hasPrefix("Expect") || $0.hasPrefix("Transfer-Encoding") })
        }
    }
}
