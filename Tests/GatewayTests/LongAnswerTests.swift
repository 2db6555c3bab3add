// SPDX-License-Identifier: MIT
import HTTPTypes
import Testing

@testable import Gateway

extension LiveGateway {
    /// An answer that its reader leaves lying.
    @Suite struct LongAnswers {
        /// Answers with as many bytes, header block included, as the request's path says.
        @Sendable static func long(_ request: GatewayRequest) async -> GatewayResponse {
            let bytes = request.head.path.flatMap { Int($0.dropFirst()) } ?? 0
            let head = plain("").headerBlock().count + String(bytes).utf8.count - 1
            return plain(String(repeating: "x", count: max(0, bytes - head)))
        }

        @Test("The longest answer fits unread: forty readers that stall hold nobody up")
        func theLongestFits() async throws {
            try await withGateway(handler: Self.long) { running in
                let longest = GatewayLimits().answerBytes
                let stalled = try (0..<40).map { _ in
                    let peer = try running.connect()
                    peer.send(RequestStream.request("GET", "/\(longest)"))
                    return peer
                }
                #expect(try running.ask(.request("GET", "/500"))?.head.first == "Status: 200 OK")
                for peer in stalled {
                    let answer = try #require(try peer.answer())
                    #expect(answer.isComplete && answer.head.first == "Status: 200 OK")
                    #expect(answer.output.count == longest)
                }
                #expect(running.events.all == [])
            }
        }

        @Test("One byte more, or ten million, is a 500 and an event, and never a block", arguments: [1, 10_000_000])
        func longer(more: Int) async throws {
            try await withGateway(handler: Self.long) { running in
                let length = GatewayLimits().answerBytes + more
                let stalled = try running.connect()
                stalled.send(RequestStream.request("GET", "/\(length)"))
                #expect(try running.ask(.request("GET", "/500"))?.head.first == "Status: 200 OK")
                let answer = try #require(try stalled.answer())
                #expect(answer.isComplete && answer.head.first == "Status: 500 Internal Server Error")
                #expect(answer.output.count < 500)
                #expect(running.events.all == [.oversized(length)])
            }
        }
    }
}
