// SPDX-License-Identifier: MIT
import Glibc
import HTTPTypes
import Testing

@testable import Gateway

/// Lends `NAME=value` entries as libfcgi hands them out.
func withVariables<Result>(
    _ entries: [[UInt8]], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) throws -> Result
) rethrows -> Result {
    let strings = entries.map { entry in
        (entry + [0]).withUnsafeBufferPointer { $0.withMemoryRebound(to: CChar.self) { strdup($0.baseAddress!) } }
    }
    defer { for string in strings { free(string) } }
    return try (strings + [nil]).withUnsafeBufferPointer { try body($0.baseAddress!) }
}

@Suite struct GatewayRequestTests {
    private func request(_ more: [String], method: String = "GET", target: String = "/") throws -> GatewayRequest {
        try bare(["REQUEST_METHOD=\(method)", "REQUEST_URI=\(target)"] + more)
    }

    private func bare(_ entries: [String]) throws -> GatewayRequest {
        try withVariables(entries.map { [UInt8]($0.utf8) }) {
            try GatewayRequest(variables: $0, body: [], bodyExceedsLimit: false)
        }
    }

    @Test(arguments: [
        ("HTTP_ACCEPT", "Accept"), ("HTTP_COOKIE", "Cookie"), ("HTTP_ORIGIN", "Origin"),
        ("HTTP_SEC_FETCH_SITE", "Sec-Fetch-Site"), ("HTTP_SEC_PURPOSE", "Sec-Purpose"),
        ("HTTP_AUTHORIZATION", "Authorization"), ("HTTP_ACCEPT_LANGUAGE", "Accept-Language"),
        ("HTTP_USER_AGENT", "User-Agent"), ("HTTP_HOST", "Host"),
        ("CONTENT_TYPE", "Content-Type"), ("CONTENT_LENGTH", "Content-Length"), ("HTTP_X_Y", "X-Y"),
        ("HTTP_X", "X"),
    ])
    func aVariableIsItsHeaderField(variable: String, field: String) throws {
        let request = try request(["\(variable)=a value"])
        #expect(request.head.headerFields == [HTTPField.Name(field)!: "a value"])
        #expect(request.variable(variable) == nil)
    }

    @Test(arguments: [
        "REQUEST_ID", "REMOTE_USER", "HTTP_", "HTTP", "http_accept", "HTTP_A B", "HTTP_Ä", "HTTP_:PATH", "X",
    ])
    func whatIsNoHeaderFieldIsAVariable(name: String) throws {
        let request = try request(["\(name)=a=value"])
        #expect(request.head.headerFields.isEmpty)
        #expect(request.variable(name) == "a=value")
    }

    @Test func methodAndTargetAreAsTheClientWroteThem() throws {
        let request = try request([], method: "PROPFIND", target: "/a%2Fb//c?d=e&f")
        #expect(request.head.method.rawValue == "PROPFIND")
        #expect(request.head.path == "/a%2Fb//c?d=e&f")
        #expect(request.head.authority == nil)
    }

    @Test(arguments: [("HTTPS=on", "https"), ("HTTPS=", "http"), ("HTTPS=off", "http"), ("X=on", "http")])
    func theSchemeIsWhatNginxSays(entry: String, scheme: String) throws {
        try #expect(request([entry]).head.scheme == scheme)
    }

    @Test func anEmptyHeaderFieldIsNone() throws {
        try #expect(request(["HTTP_ACCEPT=", "CONTENT_LENGTH=", "HTTP_X="]).head.headerFields.isEmpty)
    }

    @Test func anEmptyVariableIsThere() throws {
        let request = try request(["REMOTE_USER="])
        #expect(request.variable("REMOTE_USER") == "")
        #expect(request.variable("ANOTHER") == nil)
    }

    @Test func theRoleIsLibfcgisOwn() throws {
        try #expect(request(["FCGI_ROLE=RESPONDER"]).variable("FCGI_ROLE") == nil)
    }

    @Test(arguments: [
        "REQUEST_METHOD", "REQUEST_URI", "HTTP_COOKIE", "CONTENT_LENGTH", "HTTP_X_UNKNOWN", "REQUEST_ID", "HTTPS",
    ])
    func aVariableGivenTwiceIsRefused(name: String) {
        let entries = ["REQUEST_METHOD=GET", "REQUEST_URI=/"].filter { !$0.hasPrefix(name) }
        #expect(throws: VariableFault.repeated(name)) { try bare(entries + ["\(name)=on", "\(name)=on"]) }
    }

    @Test func oneFieldUnderTwoSpellingsIsRefused() {
        #expect(throws: VariableFault.repeated("HTTP_CONTENT_TYPE")) {
            try request(["CONTENT_TYPE=a", "HTTP_CONTENT_TYPE=b"])
        }
    }

    @Test(arguments: ["REQUEST_METHOD", "REQUEST_URI"])
    func aRequestWithoutItIsRefused(name: String) {
        let entries = ["REQUEST_METHOD=GET", "REQUEST_URI=/"].filter { !$0.hasPrefix(name) }
        #expect(throws: VariableFault.missing(name)) { try bare(entries) }
    }

    @Test(arguments: ["", "GET /", "G\u{e9}T", "GET\r\n"])
    func aMethodThatIsNoTokenIsRefused(method: String) {
        #expect(throws: VariableFault.malformed("REQUEST_METHOD")) { try request([], method: method) }
    }

    @Test(arguments: [1, 8, 10, 11, 12, 13, 27, 31, 127] as [UInt8])
    func aFieldWithAControlByteIsNone(byte: UInt8) throws {
        let control = String(UnicodeScalar(byte))
        let request = try request(["HTTP_COOKIE=a=b;\(control)__Host-x=1", "HTTP_ACCEPT=\(control)", "HTTP_X=\ta b\t"])
        #expect(request.head.headerFields == [HTTPField.Name("X")!: "a b"])
    }

    @Test func bytesThatAreNoTextAreRepairedAndHarmless() throws {
        let entries = ["REQUEST_METHOD=GET", "REQUEST_URI=/", "HTTP_COOKIE=a", "REQUEST_ID="].map {
            [UInt8]($0.utf8)
        }
        let broken = [entries[0], entries[1] + [0xff], entries[2] + [0xc3], entries[3] + [0xff, 0xfe]]
        let request = try withVariables(broken) {
            try GatewayRequest(variables: $0, body: [], bodyExceedsLimit: false)
        }
        #expect(request.head.path == "/\u{fffd}")
        #expect(request.head.headerFields[.cookie] == "a\u{fffd}")
        #expect(request.variable("REQUEST_ID") == "\u{fffd}\u{fffd}")
    }
}
