// SPDX-License-Identifier: MIT
import HTTPTypes
import TestSupport
import Testing

@testable import Gateway

@Suite struct MutationTests {
    @Test(arguments: [1, 2] as [UInt64])
    func theScreenAcceptsExactlyWhatTheSpecificationCallsARequest(seed: UInt64) {
        let count = Soak.times(5_000)
        var screen = Screen(limit: 65_536)
        var whole = 0
        for bytes in Mutation(seed: seed, count: count) {
            let verdict = bytes.withUnsafeBytes { screen.judge($0) }
            if (verdict == .whole) != (Understood(bytes) != nil) {
                Issue.record("\(verdict): \(bytes)")
            }
            if verdict == .whole {
                whole += 1
                let cut = bytes.count / 2
                #expect(bytes[..<cut].withUnsafeBytes { screen.judge($0) } == .incomplete)
            }
        }
        #expect(whole > 500)
        Soak.record(
            "mutated FastCGI streams over the screen, seed \(seed)", count,
            "\(whole) requests, no crash, no disagreement")
    }
}

extension LiveGateway {
    @Suite struct Mutations {
        /// A stream that is not whole is left, as a peer that went away leaves it.
        @Test func libfcgiReadsExactlyWhatWasSentOfMutatedStreams() async throws {
            let count = Soak.times(2_000)
            let requests = Noticed<GatewayRequest>()
            try await withGateway { request in
                requests.add(request)
                return await echo(request)
            } _: { running in
                var whole = 0
                for bytes in Mutation(seed: 3, count: count) {
                    let expected = request(bytes)
                    let before = requests.all.count
                    let peer = try running.connect()
                    peer.send(bytes)
                    if verdict(bytes) == .incomplete { continue }
                    let answer = try peer.answer()
                    guard let expected else {
                        #expect(answer == nil, "\(bytes)")
                        continue
                    }
                    whole += 1
                    guard answer?.text == facts(expected), answer?.isComplete == true,
                        requests.all.count == before + 1
                    else {
                        Issue.record("\(bytes)")
                        continue
                    }
                    let read = requests.all[before]
                    #expect(read.head == expected.head && read.body == expected.body)
                    for entry in Understood(bytes)?.entries ?? [] {
                        let name = String(decoding: entry.prefix { $0 != UInt8(ascii: "=") }, as: UTF8.self)
                        #expect(read.variable(name) == expected.variable(name))
                    }
                }
                #expect(whole > 200)
                try #expect(running.ask()?.isComplete == true)
                Soak.record(
                    "mutated FastCGI streams through a running gateway", count,
                    "\(whole) answered, the rest closed, no crash")
            }
        }

        /// What the gateway should make of a stream; nil where it should close.
        private func request(_ bytes: [UInt8]) -> GatewayRequest? {
            guard let understood = Understood(bytes) else { return nil }
            return withVariables(understood.entries) { list in
                let request = try? GatewayRequest(variables: list, body: understood.body, bodyExceedsLimit: false)
                if let length = request?.head.headerFields[.contentLength], length != "\(understood.body.count)" {
                    return nil
                }
                return request
            }
        }
    }
}
