// SPDX-License-Identifier: MIT
import Gateway
import Testing

extension LiveGateway {
    @Suite struct Refusing {
        @Test func aRefusedStreamIsClosedWithoutAnAnswerAndReported() async throws {
            try await withGateway { running in
                let streams =
                    ScreenFaultTests.records + ScreenFaultTests.order + ScreenFaultTests.identifiers
                    + ScreenFaultTests.lengths + ScreenFaultTests.paddings + ScreenFaultTests.pairs
                for stream in streams {
                    let seen = running.events.all.count
                    try #expect(running.ask(stream.bytes) == nil, "\(stream.testDescription)")
                    #expect(running.events.all.dropFirst(seen) == [.refused(stream.fault)], "\(stream.testDescription)")
                }
                try #expect(running.ask()?.isComplete == true)
            }
        }

        @Test(
            arguments: [
                ([("REQUEST_URI", "/")], [], "missing(\"REQUEST_METHOD\")"),
                ([("REQUEST_METHOD", "GET")], [], "missing(\"REQUEST_URI\")"),
                ([], [], "missing(\"REQUEST_METHOD\")"),
                (get + [("HTTP_COOKIE", "a"), ("HTTP_COOKIE", "b")], [], "repeated(\"HTTP_COOKIE\")"),
                (get + [("CONTENT_LENGTH", "2")], [1], "malformed(\"CONTENT_LENGTH\")"),
                (get + [("CONTENT_LENGTH", "1")], [], "malformed(\"CONTENT_LENGTH\")"),
                (get + [("CONTENT_LENGTH", "02")], [1], "malformed(\"CONTENT_LENGTH\")"),
                (get + [("CONTENT_LENGTH", "+1")], [1], "malformed(\"CONTENT_LENGTH\")"),
                (get + [("CONTENT_LENGTH", "99999999999999999999")], [1], "malformed(\"CONTENT_LENGTH\")"),
            ] as [([(String, String)], [UInt8], String)])
        func variablesThatAreNoRequestAreClosedWithoutAnAnswer(
            variables: [(String, String)], body: [UInt8], fault: String
        ) async throws {
            try await withGateway { running in
                try #expect(running.ask(RequestStream(variables: variables, body: body)) == nil)
                #expect(running.events.wait())
                #expect(running.events.all.map { "\($0)" }.allSatisfy { $0.contains("unreadable") })
                #expect(running.events.all == [.unreadable("variables(Gateway.VariableFault.\(fault))")])
                try #expect(running.ask()?.isComplete == true)
            }
        }

        private static let get = [("REQUEST_METHOD", "GET"), ("REQUEST_URI", "/")]

        /// The gateway's thread serves everybody: nobody may keep it busy for long.
        @Test(arguments: ["X_", "HTTP_X_"])
        func asManyVariablesAsMayBeAreReadAtOnce(prefix: String) async throws {
            try await withGateway { running in
                let variables = (100..<226).map { ("\(prefix)\($0)", String(repeating: "v", count: 400)) }
                let stream = RequestStream(variables: Self.get + variables)
                let took = try ContinuousClock().measure {
                    try #expect(running.ask(stream)?.isComplete == true)
                }
                #expect(took < .seconds(1))
            }
        }
    }
}
