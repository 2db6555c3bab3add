// SPDX-License-Identifier: MIT
import Gateway
import Glibc
import HTTPTypes
import Testing

extension LiveGateway {
    @Suite struct Answering {
        @Test(arguments: RequestStream.valid.filter { !$0.variables.isEmpty })
        func anyWholeRequestIsAnswered(stream: RequestStream) async throws {
            try await withGateway { running in
                let answer = try #require(try running.ask(stream))
                #expect(answer.isComplete)
                #expect(answer.id == stream.id)
                #expect(answer.head.first == "Status: 200 OK")
                #expect(Array(answer.body.suffix(stream.body.count)) == stream.body)
                #expect(running.events.all == [])
            }
        }

        @Test func headerFieldsAndBodyArrive() async throws {
            try await withGateway { running in
                let stream = RequestStream.request(
                    "POST", "/connect?a=b",
                    [
                        ("CONTENT_TYPE", "text/plain"), ("HTTP_ACCEPT", "text/html"), ("HTTP_X_Y", "z"),
                        ("HTTPS", "on"), ("HTTP_ORIGIN", ""), ("REQUEST_ID", "1"),
                    ],
                    body: [UInt8]("hello\0there".utf8))
                let expected = [
                    "POST https /connect?a=b ", "Content-Type: text/plain", "Accept: text/html", "X-Y: z",
                    "Content-Length: 11", "", "hello\0there",
                ]
                try #expect(running.ask(stream)?.text == expected.joined(separator: "\n"))
            }
        }

        @Test func theAnswerIsExactlyHeaderBlockBodyAndEnd() async throws {
            try await withGateway { _ in
                plain("hello")
            } _: { running in
                let output = "Status: 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello"
                let peer = try running.connect()
                peer.send(RequestStream(id: 258))
                let padding = UInt8((8 - output.utf8.count % 8) % 8)
                var expected = record(6, id: 258, [UInt8](output.utf8), padding: padding)
                expected.replaceSubrange((8 + output.utf8.count)..., with: [UInt8](repeating: 0, count: Int(padding)))
                expected += record(6, id: 258) + record(3, id: 258, [UInt8](repeating: 0, count: 8))
                try #expect(peer.readToEnd() == expected)
            }
        }

        @Test(arguments: [("limit", 1_000, false), ("more than the limit", 1_001, true), ("much more", 40_000, true)])
        func aBodyAboveTheLimitIsFlaggedAndDropped(name: String, count: Int, flagged: Bool) async throws {
            let requests = Noticed<GatewayRequest>()
            try await withGateway(limits { $0.bodyBytes = 1_000 }) { request in
                requests.add(request)
                return plain("")
            } _: { running in
                var stream = RequestStream.request("POST", "/", body: [UInt8](repeating: 7, count: count))
                stream.recordSize = 8_000
                try #expect(running.ask(stream)?.isComplete == true)
                #expect(requests.all.map(\.bodyExceedsLimit) == [flagged])
                #expect(requests.all.map(\.body.count) == [flagged ? 0 : count])
            }
        }

        @Test func aPeerThatReadsSlowlyGetsAnAnswerOf190Kilobytes() async throws {
            let body = String(repeating: "0123456789", count: 19_000)
            try await withGateway { _ in
                plain(body)
            } _: { running in
                let slow = try running.connect()
                slow.send(RequestStream())
                // The gateway waits for nobody: the next one is answered before the first has read a byte.
                try #expect(running.ask()?.text == body)
                try #expect(Answer(slow.readToEnd(step: 1_000))?.text == body)
            }
        }

        @Test func theConnectionIsClosedAlsoWhenThePeerWantsToKeepIt() async throws {
            try await withGateway { running in
                try #expect(running.ask(RequestStream(flags: 1))?.isComplete == true)
            }
        }

        @Test func aHandlerThatDoesNotSuspendRunsOnTheGatewaysThread() async throws {
            let threads = Noticed<pthread_t>()
            try await withGateway { _ in
                threads.add(pthread_self())
                return plain(threadName())
            } _: { running in
                for _ in 1...20 { try #expect(running.ask()?.text == "gateway") }
                #expect(Set(threads.all).count == 1)
                #expect(threads.all.first != pthread_self())
            }
        }

        @Test func aHandlerThatWaitsHoldsNobodyUpAndAnswersFromAnotherThread() async throws {
            let gate = Gate()
            let started = Noticed<Void>()
            try await withGateway { request in
                if request.head.path != "/waits" { return plain("at once") }
                started.add(())
                await gate.passed()
                return plain(threadName())
            } _: { running in
                let waiting = try (1...50).map { _ in
                    let peer = try running.connect()
                    peer.send(.request("GET", "/waits"))
                    return peer
                }
                #expect(started.wait(count: 50))
                try #expect(running.ask()?.text == "at once")
                #expect(waiting.allSatisfy { !$0.hasNews })
                gate.open()
                for peer in waiting {
                    let answer = try peer.answer()
                    #expect(answer?.isComplete == true && answer?.text != "gateway")
                }
            }
        }

        @Test func aPeerThatLeftBeforeItsAnswerIsNobodysProblem() async throws {
            let gate = Gate()
            let (started, answered) = (Noticed<Void>(), Noticed<Void>())
            try await withGateway { request in
                if request.head.path == "/" { return plain("") }
                started.add(())
                await gate.passed()
                answered.add(())
                return plain(String(repeating: "a", count: 100_000))
            } _: { running in
                for _ in 1...10 {
                    let peer = try running.connect()
                    peer.send(.request("GET", "/waits"))
                }
                #expect(started.wait(count: 10))
                gate.open()
                #expect(answered.wait(count: 10))
                try #expect(running.ask(.request("GET", "/"))?.isComplete == true)
            }
        }
    }
}

func threadName() -> String {
    let file = open("/proc/thread-self/comm", O_RDONLY)
    defer { close(file) }
    var name = [UInt8](repeating: 0, count: 32)
    let count = read(file, &name, name.count)
    return String(decoding: name.prefix(max(count - 1, 0)), as: UTF8.self)
}
