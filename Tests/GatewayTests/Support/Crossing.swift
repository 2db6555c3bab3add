// SPDX-License-Identifier: MIT
import HTTPTypes
import TestSupport
import Testing

@testable import Gateway

/// Streams through a running gateway, each on a connection of its own, held against what the specification calls a
/// request: that and nothing else reaches the handler, as it was sent, and is answered; the rest is closed.
final class Crossing {
    private let running: RunningGateway
    private let limits: GatewayLimits
    private let read: Noticed<GatewayRequest>
    private(set) var answered = 0
    private(set) var closed = 0

    private init(_ running: RunningGateway, _ limits: GatewayLimits, _ read: Noticed<GatewayRequest>) {
        self.running = running
        self.limits = limits
        self.read = read
    }

    static func through(
        _ limits: GatewayLimits = GatewayLimits(), _ body: (Crossing) async throws -> Void
    ) async throws {
        let read = Noticed<GatewayRequest>()
        // The answer is the place where the request was kept.
        try await withGateway(limits) {
            plain("\(read.add($0))")
        } _: { running in
            try await body(Crossing(running, limits, read))
        }
    }

    /// A few at a time, so that the gateway finds several whenever it looks.
    func send(_ streams: some Sequence<[UInt8]>) throws {
        var batch: [[UInt8]] = []
        for bytes in streams {
            batch.append(bytes)
            if batch.count < 32 { continue }
            try cross(batch)
            batch = []
        }
        try cross(batch)
    }

    /// As peers leave that were killed: nobody waits for what comes of it.
    func sendAndLeave(_ streams: some Sequence<[UInt8]>) throws {
        for bytes in streams { try running.connect().send(bytes) }
        try cross([RequestStream().bytes])
    }

    private func cross(_ batch: [[UInt8]]) throws {
        let expected = batch.map(request)
        let peers = try zip(batch, expected).map { bytes, expected in
            let peer = try running.connect()
            peer.send(bytes)
            // What is not whole would be waited for until its deadline.
            if expected == nil { peer.endSending() }
            return peer
        }
        let answers = try peers.map { try $0.answer() }
        let requests = read.take()
        for (index, expected) in expected.enumerated() {
            let answer = answers[index]
            guard let expected else {
                closed += 1
                if answer != nil { Issue.record("answered: \(batch[index])") }
                continue
            }
            answered += 1
            guard answer?.isComplete == true, let place = answer.flatMap({ Int($0.text) }),
                requests.indices.contains(place), isSame(requests[place], expected, batch[index])
            else {
                Issue.record("not read as it was sent: \(batch[index])")
                continue
            }
        }
        #expect(requests.count == expected.count { $0 != nil })
        for event in running.events.take() {
            switch event {
            case .refused, .unreadable: break
            default: Issue.record("\(event)")
            }
        }
    }

    /// What the gateway should make of a stream; nil where it should close.
    private func request(_ bytes: [UInt8]) -> GatewayRequest? {
        guard let understood = Understood(bytes, limit: limits.requestBytes) else { return nil }
        let tooLong = understood.body.count > limits.bodyBytes
        return withVariables(understood.entries) { list in
            let request = try? GatewayRequest(
                variables: list, body: tooLong ? [] : understood.body, bodyExceedsLimit: tooLong)
            if let length = request?.head.headerFields[.contentLength],
                !length.utf8.allSatisfy({ (48...57).contains($0) }) || Int(length) != understood.body.count
            {
                return nil
            }
            return request
        }
    }

    private func isSame(_ read: GatewayRequest, _ expected: GatewayRequest, _ bytes: [UInt8]) -> Bool {
        guard read.head == expected.head, read.body == expected.body,
            read.bodyExceedsLimit == expected.bodyExceedsLimit
        else { return false }
        return Understood(bytes, limit: limits.requestBytes)!.entries.allSatisfy { entry in
            let name = String(decoding: entry.prefix { $0 != UInt8(ascii: "=") }, as: UTF8.self)
            return read.variable(name) == expected.variable(name)
        }
    }
}
