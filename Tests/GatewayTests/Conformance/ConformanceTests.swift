// SPDX-License-Identifier: MIT
import HTTPTypes
import TestSupport
import Testing

@testable import Gateway

extension LiveGateway {
    /// FastCGI 1.0, from the responder's side of a connection.
    @Suite struct Conformance {
        @Test(arguments: ConformanceCase.all)
        func responder(given: ConformanceCase) async throws {
            let (read, gate) = (Noticed<GatewayRequest>(), Gate())
            if given.late == nil { gate.open() }
            try await withGateway(
                limits { limits in
                    if case .stalled = given.outcome { limits.completeWithin = .milliseconds(100) }
                }
            ) { request in
                if request.head.path != "/" { return plain("") }
                read.add(request)
                await gate.passed()
                return plain(letters(given.answer, "a"))
            } _: { running in
                let whole = given.pieces.flatMap(\.self)
                let wires =
                    given.cutEverywhere
                    ? (1..<whole.count).map { [Array(whole[..<$0]), Array(whole[$0...])] } : [given.pieces]
                for wire in wires {
                    let peer = try running.connect()
                    for (index, piece) in wire.enumerated() {
                        // The answer to another, with the same request id, shows that the gateway looked.
                        if index > 0 { try #expect(running.ask(.request("GET", "/other"))?.isComplete == true) }
                        peer.send(piece)
                    }
                    if let late = given.late {
                        #expect(read.wait())
                        peer.send(late)
                        gate.open()
                    }
                    if case .left = given.outcome { peer.endSending() }
                    let answer = try peer.readToEnd()
                    try hold(given, answer, read.take(), running.events)
                }
            }
        }

        private func hold(
            _ given: ConformanceCase, _ answer: [UInt8], _ read: [GatewayRequest], _ events: Noticed<GatewayEvent>
        ) throws {
            var expected: [GatewayEvent] = []
            switch given.outcome {
            case .answered(let wanted):
                try #require(read.count == 1, "\(given.why)")
                #expect(read[0].head.method.rawValue == wanted.method && read[0].head.path == "/")
                #expect(
                    read[0].head.headerFields.map { "\($0.name): \($0.value)" }
                        == wanted.fields.map { "\($0.name): \($0.value)" })
                for variable in wanted.variables { #expect(read[0].variable(variable.name) == variable.value) }
                #expect(read[0].body == wanted.body && read[0].bodyExceedsLimit == wanted.bodyExceedsLimit)
                let id = UInt16(given.pieces.joined().dropFirst(2).prefix(2).reduce(0) { $0 * 256 + Int($1) })
                let output = try #require(responderOutput(answer, id: id))
                #expect(output.suffix(given.answer) == ArraySlice([UInt8](letters(given.answer, "a").utf8)))
                #expect(try Answer(answer)?.head.contains("Content-Length: \(given.answer)") == true)
            case .refused(let fault): expected = [.refused(fault)]
            case .unreadable(let fault): expected = [.unreadable("\(Exchange.Unreadable.variables(fault))")]
            case .stalled: expected = [.stalled]
            case .left: break
            }
            if case .answered = given.outcome {} else { #expect(answer == [] && read.isEmpty, "\(given.why)") }
            #expect(events.wait(count: expected.count))
            #expect(events.all == expected, "\(given.why)")
        }

        @Test func theSuiteHasAHundredCasesAndMoreEachWithANameOfItsOwn() {
            let names = ConformanceCase.all.map(\.testDescription)
            #expect(names.count >= 100)
            #expect(Set(names).count == names.count)
            Soak.record("cases of the FastCGI responder suite", names.count, "as the specification or stricter")
        }
    }
}

/// The bytes of STDOUT, where an answer is exactly what a responder sends (3.3, 5.3, 5.5, 6.2): records of this request
/// only, STDOUT with its end, then `END_REQUEST` with status 0 and "request complete". Each record ends at a multiple
/// of eight bytes, as is recommended.
func responderOutput(_ answer: [UInt8], id: UInt16) -> [UInt8]? {
    var output: [UInt8] = []
    var rest = answer[...]
    var types: [UInt8] = []
    while !rest.isEmpty {
        let header = [UInt8](rest.prefix(8))
        guard header.count == 8, header[0] == 1, header[2] == UInt8(id >> 8), header[3] == UInt8(id & 0xff),
            header[7] == 0
        else { return nil }
        let (length, padding) = (Int(header[4]) * 256 + Int(header[5]), Int(header[6]))
        guard rest.count >= 8 + length + padding, (length + padding) % 8 == 0 else { return nil }
        let content = rest.dropFirst(8).prefix(length)
        if header[1] == 6 { output += content }
        if header[1] == 3, [UInt8](content) != [UInt8](repeating: 0, count: 8) { return nil }
        types.append(header[1] == 6 && length == 0 ? 0 : header[1])
        rest = rest.dropFirst(8 + length + padding)
    }
    return types.count > 2 && types.suffix(2) == [0, 3] && types.dropLast(2).allSatisfy({ $0 == 6 }) ? output : nil
}
