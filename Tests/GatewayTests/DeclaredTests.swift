// SPDX-License-Identifier: MIT
import HTTPTypes
import TestSupport
import Testing

@testable import Gateway

/// Every length and every record type in every place, over the screen and through a running gateway.
struct Placed: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let streams: [[UInt8]]
    /// So many of them are requests, up to the gateway's own limit and with room for the longest records.
    let requests: [Int: Int]

    static let all = [
        Placed(
            testDescription: "a length in each pair", streams: Declared.inPairs, requests: [usual: 390, roomy: 450]),
        Placed(
            testDescription: "a content length in each header", streams: Declared.inHeaders,
            requests: [usual: 3, roomy: 3]),
        Placed(
            testDescription: "a content of each length", streams: Declared.inRecords, requests: [usual: 38, roomy: 53]),
        Placed(
            testDescription: "a record type instead of each", streams: Typed.instead, requests: [usual: 5, roomy: 5]),
        Placed(testDescription: "a record type beside each", streams: Typed.beside, requests: [usual: 2, roomy: 2]),
    ]

    static let usual = 65_536
    static let roomy = 200_000
}

@Suite struct DeclaredTests {
    @Test(arguments: Placed.all, [Placed.usual, Placed.roomy])
    func theScreenAndTheSpecificationAgree(placed: Placed, limit: Int) {
        var screen = Screen(limit: limit)
        var whole = 0
        for bytes in placed.streams {
            let verdict = bytes.withUnsafeBytes { screen.judge($0) }
            if (verdict == .whole) != (Understood(bytes, limit: limit) != nil) {
                Issue.record("\(verdict): \(bytes.prefix(500))")
            }
            if verdict == .whole { whole += 1 }
        }
        #expect(whole == placed.requests[limit])
    }
}

extension LiveGateway {
    @Suite struct Places {
        @Test(arguments: Placed.all, [Placed.usual, Placed.roomy])
        func onlyRequestsReachTheHandler(placed: Placed, limit: Int) async throws {
            try await Crossing.through(
                limits {
                    $0.requestBytes = limit
                    $0.bodyBytes = limit
                }
            ) { crossing in
                try crossing.send(placed.streams)
                let count = placed.streams.count
                #expect(crossing.answered > 0 && crossing.answered + crossing.closed == count)
                if limit == Placed.usual {
                    Soak.record(
                        "FastCGI streams with \(placed.testDescription)", count,
                        "\(crossing.answered) answered as sent, the rest closed")
                }
            }
        }

        /// The gateway's own limit is below that.
        @Test(arguments: [0, 1, 255] as [UInt8])
        func aContentOf65535BytesIsReadWholeWhateverItsPadding(padding: UInt8) async throws {
            let fitting = pair("HTTP_X", letters(65_535 - getRoot.count - 11))
            let body = bytes(65_535)
            let read = Noticed<GatewayRequest>()
            try await withGateway(
                limits {
                    $0.requestBytes = Placed.roomy
                    $0.bodyBytes = Placed.roomy
                }
            ) {
                read.add($0)
                return plain("")
            } _: { running in
                let wire =
                    begin() + params(getRoot + fitting, padding: padding) + params() + stdin(body, padding: padding)
                    + stdin()
                #expect(getRoot.count + fitting.count == 65_535)
                try #expect(running.ask(wire)?.isComplete == true)
                #expect(read.all.count == 1 && read.all.first?.body == body)
                #expect(read.all.first?.head.headerFields.first?.value.utf8.count == fitting.count - 11)
            }
        }
    }
}
