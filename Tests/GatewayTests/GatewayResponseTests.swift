// SPDX-License-Identifier: MIT
import HTTPTypes
import Testing

@testable import Gateway

@Suite struct GatewayResponseTests {
    private func block(_ head: HTTPResponse, body: String = "") -> String {
        String(decoding: GatewayResponse(head: head, body: [UInt8](body.utf8)).headerBlock(), as: UTF8.self)
    }

    @Test func statusComesFirstThenTheFieldsInOrderThenTheLength() {
        var head = HTTPResponse(status: .seeOther)
        head.headerFields.append(HTTPField(name: .location, value: "/done"))
        head.headerFields.append(HTTPField(name: .setCookie, value: "a=1"))
        head.headerFields.append(HTTPField(name: .cacheControl, value: "no-store"))
        head.headerFields.append(HTTPField(name: .setCookie, value: "b=2"))
        let expected = [
            "Status: 303 See Other", "Location: /done", "Set-Cookie: a=1", "Cache-Control: no-store",
            "Set-Cookie: b=2", "Content-Length: 5", "", "hello",
        ]
        #expect(block(head, body: "hello") + "hello" == expected.joined(separator: "\r\n"))
    }

    @Test(arguments: ["", "é", "four"])
    func theLengthIsInBytes(body: String) {
        #expect(
            block(HTTPResponse(status: .ok), body: body).hasSuffix("\r\nContent-Length: \(body.utf8.count)\r\n\r\n"))
    }

    @Test func aLengthThatTheHandlerGivesIsNotSentTwice() {
        let head = HTTPResponse(status: .ok, headerFields: [.contentLength: "999"])
        #expect(block(head, body: "abc") == "Status: 200 OK\r\nContent-Length: 3\r\n\r\n")
    }

    @Test(arguments: ["a\r\nSet-Cookie: b=c", "a\nb", "a\rb", "\r\n\r\n<script>", "a\u{0}b"])
    func aValueBeginsNoLineOfItsOwn(value: String) {
        let lines = block(HTTPResponse(status: .ok, headerFields: [.location: value])).split(
            omittingEmptySubsequences: false
        ) { $0.isNewline }
        #expect(lines.count == 5)
        #expect(lines[1].hasPrefix("Location: "))
    }

    @Test func aReasonBeginsNoLineOfItsOwn() {
        let status = HTTPResponse.Status(code: 200, reasonPhrase: "fine\r\nSet-Cookie: a=b\r\n\r\nbody")
        let lines = block(HTTPResponse(status: status)).split(omittingEmptySubsequences: false) { $0.isNewline }
        #expect(lines.count == 4)
    }
}
