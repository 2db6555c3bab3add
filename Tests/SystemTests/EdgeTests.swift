// SPDX-License-Identifier: MIT
import Testing

/// What nginx and the program make of requests that no client of ours sends.
@Suite(.serialized, .stage)
struct EdgeTests {
    private let stage = Stage.current!
    private static let canary = "zqxcanary"

    struct Odd: Sendable, CustomTestStringConvertible {
        let what: String
        /// The request line and what follows; `Host`, `Connection` and the end are added.
        let head: String
        let status: Int
        /// nil: no error of ours, a success or an answer of the site around us.
        var code: String?
        var body = ""
        var addsHost = true
        var testDescription: String { what }

        var request: String {
            let lines = [head, addsHost ? "Host: localhost" : "", "Connection: close", "X-Canary: \(canary)"]
            return lines.filter { !$0.isEmpty }.joined(separator: "\r\n") + "\r\n\r\n" + body
        }
    }

    private static func get(_ what: String, _ target: String, _ status: Int, _ code: String? = nil) -> Odd {
        Odd(what: what, head: "GET \(target) HTTP/1.1", status: status, code: code)
    }

    private static func verb(_ verb: String, _ path: String, _ status: Int) -> Odd {
        Odd(what: "\(verb) \(path)", head: "\(verb) \(path) HTTP/1.1", status: status, code: "method_not_allowed")
    }

    private static let status = "/auth/instagram/status"

    @Test(
        "Only the declared paths answer (checklist 40)",
        arguments: [
            get("as it is", status, 200), get("with a query", "\(status)?\(canary)=1", 200),
            get("a segment decoded once", "/auth/instagram/%73tatus", 200),
            get("absolute form", "http://localhost\(status)", 200),
            get("absolute form, elsewhere", "http://\(canary).example\(status)", 200),
            get("decoded twice", "/auth/instagram/%2573tatus", 404, "not_found"),
            get("two slashes first", "/\(status)", 404, "not_found"),
            get("two slashes inside", "/auth//instagram/status", 404, "not_found"),
            get("a dot", "/auth/./instagram/status", 404, "not_found"),
            get("two dots", "/auth/\(canary)/../instagram/status", 404, "not_found"),
            get("an encoded dot", "/auth/instagram/%2e/status", 404, "not_found"),
            get("encoded dots", "/auth/instagram/\(canary)/%2e%2e/status", 404, "not_found"),
            get("an encoded slash", "/auth%2finstagram/status", 404, "not_found"),
            get("an encoded slash at the end", "/auth/instagram%2Fstatus", 404, "not_found"),
            get("a slash at the end", "\(status)/", 404, "not_found"),
            get("another case", "/auth/instagram/STATUS", 404, "not_found"),
            get("unknown below us", "/auth/instagram/\(canary)", 404, "not_found"),
            get("a parameter of a segment", "\(status);\(canary)", 404, "not_found"),
            get("bytes above ASCII", "/auth/instagram/%c3%bc\(canary)", 404, "not_found"),
            get("a name that begins like ours", "/auth/instagram\(canary)", 404),
            get("a zero byte", "\(status)%00\(canary)", 400, "invalid_request"),
            get("a zero byte elsewhere", "/%00\(canary)", 400, "invalid_request"),
            get("half an escape", "\(status)%4\(canary)", 400, "invalid_request"),
            get("a query of 5 KB", "/auth/instagram/callback?code=\(long.prefix(5_000))", 400, "invalid_request"),
            get("above the root", "/../../etc/\(canary)", 400, "invalid_request"),
        ])
    func paths(_ odd: Odd) async throws {
        try await expect(odd)
    }

    @Test(
        "Only the declared methods answer (checklist 40)",
        arguments: [
            verb("HEAD", "/auth/instagram", 405), verb("HEAD", "/auth/instagram/callback", 405),
            verb("POST", status, 405), verb("POST", "/auth/instagram/callback", 405),
            verb("GET", "/auth/instagram/sign-out", 405), verb("OPTIONS", "/auth/instagram", 405),
            verb("OPTIONS", status, 405), verb("PUT", "/auth/instagram", 405), verb("DELETE", status, 405),
            verb("PATCH", status, 405), verb("TRACE", status, 405), verb("TRACE", "/auth/instagram", 405),
            verb("PROPFIND", status, 405),
        ])
    func methods(_ odd: Odd) async throws {
        try await expect(odd)
    }

    @Test("HEAD says what GET says, without its body")
    func head() async throws {
        for path in [Self.status, "/auth/instagram/settings", "/auth/instagram/openapi.yaml"] {
            let odd = Odd(what: path, head: "HEAD \(path) HTTP/1.1", status: 200)
            let answer = try await RawHTTP.send(odd.request, port: stage.port)
            #expect(answer.status == 200)
            #expect(answer.body.isEmpty)
        }
    }

    private static let long = String(repeating: "a", count: 20_000)

    @Test(
        "What is malformed or too large is refused in our shape, also when nginx refuses it",
        arguments: [
            Odd(
                what: "20 KB of body",
                head: "POST /auth/instagram HTTP/1.1\r\nSec-Fetch-Site: same-origin\r\nContent-Length: 20000",
                status: 413,
                code: "payload_too_large", body: long),
            Odd(
                what: "20 KB of body in chunks",
                head: "POST /auth/instagram HTTP/1.1\r\nSec-Fetch-Site: same-origin\r\nTransfer-Encoding: chunked",
                status: 413, code: "payload_too_large", body: "4e20\r\n\(long)\r\n0\r\n\r\n"),
            Odd(
                what: "a body where none belongs",
                head: "POST /auth/instagram HTTP/1.1\r\nSec-Fetch-Site: same-origin\r\nContent-Length: 5", status: 413,
                code: "payload_too_large", body: "a=b&c"),
            Odd(
                what: "72 KB of header lines",
                head: "GET \(status) HTTP/1.1\r\n"
                    + (0..<12).map { "X-\($0): " + String(repeating: canary, count: 667) }.joined(separator: "\r\n"),
                status: 400, code: "invalid_request"),
            Odd(
                what: "a header line of 10 KB",
                head: "GET \(status) HTTP/1.1\r\nCookie: a=\(long.prefix(10_000))", status: 400, code: "invalid_request"
            ),
            get("a URL of 10 KB", "/auth/instagram/callback?code=\(long.prefix(10_000))", 414, "invalid_request"),
            Odd(what: "no request line", head: canary, status: 400, code: "invalid_request"),
            Odd(what: "a lower-case method", head: "get \(status) HTTP/1.1", status: 400, code: "invalid_request"),
            Odd(
                what: "a version of the future", head: "GET \(status)?code=\(canary) HTTP/9.9", status: 505,
                code: "invalid_request"),
            Odd(what: "a bad version", head: "GET \(status) HTTP/x", status: 400, code: "invalid_request"),
            Odd(what: "no host", head: "GET \(status) HTTP/1.1", status: 400, code: "invalid_request", addsHost: false),
            Odd(
                what: "two hosts", head: "GET \(status) HTTP/1.1\r\nHost: \(canary)", status: 400,
                code: "invalid_request"),
            Odd(
                what: "a host that is none", head: "GET \(status) HTTP/1.1\r\nHost: a/\(canary)", status: 400,
                code: "invalid_request", addsHost: false),
            Odd(
                what: "a zero byte in a header", head: "GET \(status) HTTP/1.1\r\nX-A: a\0\(canary)", status: 400,
                code: "invalid_request"),
            Odd(
                what: "two lengths",
                head: "POST /auth/instagram HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked", status: 400,
                code: "invalid_request", body: "0\r\n\r\n"),
            Odd(
                what: "an unknown transfer coding",
                head: "POST /auth/instagram HTTP/1.1\r\nTransfer-Encoding: \(canary)",
                status: 501, code: "invalid_request"),
            Odd(
                what: "a length that is none", head: "POST /auth/instagram HTTP/1.1\r\nContent-Length: -1", status: 400,
                code: "invalid_request"),
        ])
    func malformed(_ odd: Odd) async throws {
        try await expect(odd)
        // The same for somebody who wants a page, where the request gets as far as saying so.
        let page = Odd(
            what: odd.what, head: odd.head + "\r\nAccept: text/html", status: odd.status, body: odd.body,
            addsHost: odd.addsHost)
        let answer = try await RawHTTP.send(page.request, port: stage.port)
        #expect(answer.status == odd.status)
        #expect(!answer.text.contains(Self.canary))
    }

    @Test("Private routes do not exist on the public port, whatever a client says")
    func privateRoutes() async throws {
        for path in ["/healthz", "/readyz", "/metrics", "/agent/v1/users", "/auth/instagram/../../readyz"] {
            for extra in ["IG_SURFACE: private", "Ig-Surface: private", "X-Forwarded-For: 127.0.0.1"] {
                let odd = Odd(what: path, head: "GET \(path) HTTP/1.1\r\n\(extra)", status: 404)
                #expect(try await RawHTTP.send(odd.request, port: stage.port).status == 404)
            }
        }
        let there = try await RawHTTP.send(Self.get("", Self.status, 404).request, port: stage.privatePort)
        #expect(there.status == 404)
        #expect(there.error?.error == "not_found")
        for path in ["/readyz", "/metrics"] {
            #expect(try await RawHTTP.send(Self.get("", path, 200).request, port: stage.privatePort).status == 200)
        }
    }

    private func expect(_ odd: Odd) async throws {
        let answer = try await RawHTTP.send(odd.request, port: stage.port)
        #expect(answer.status == odd.status)
        #expect(!answer.text.contains(Self.canary), "nothing is reflected (checklist 38)")
        #expect(!answer.headers.contains { $0.value.contains(Self.canary) })
        guard odd.code != nil || odd.status == 200 else { return }
        #expect(answer.header("cache-control") == "no-store", "checklist 36")
        #expect(answer.header("x-content-type-options") == "nosniff")
        #expect(answer.header("referrer-policy") == "no-referrer")
        guard let code = odd.code, !odd.head.hasPrefix("HEAD") else { return }
        #expect(answer.error?.error == code)
        #expect(answer.error?.requestId.wholeMatch(of: /[0-9a-f]{32}/) != nil)
    }

    @Test("A length with leading zeros is a length", arguments: ["0", "00", "000"])
    func leadingZeros(_ length: String) async throws {
        let answer = try await HTTPClient.shared.send(
            .get, stage.status, headers: [(name: "Content-Length", value: length)])
        #expect(answer.status == 200)
    }
}
