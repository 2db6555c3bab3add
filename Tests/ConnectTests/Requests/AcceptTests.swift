// SPDX-License-Identifier: MIT
import Testing

@testable import Connect

@Suite struct AcceptTests {
    @Test(
        "who ranks text/html above application/json wants a page",
        arguments: [
            "text/html", "TEXT/HTML", " text/html ", "text/html;q=0.1", "text/*", "text/html, application/json;q=0.9",
            "application/json;q=0.5,text/html;q=0.6", "*/*;q=0.8,text/html", "text/html;level=1", "text/html ; q=0.5",
            "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8",
            "application/json;q=0, */*", "text/html;q=0.001, application/json;q=0", "text/html,,", ";;,text/html",
            "application/*;q=0.1,text/*;q=0.2", "*/*;q=0.1, text/html;q=0.2",
        ])
    func page(field: String) {
        #expect(Accept(field).prefersHTML)
    }

    @Test(
        "everybody else gets JSON, also who takes anything or likes both alike",
        arguments: [
            "", "*/*", "*", "application/json", "application/*", "text/html;q=0", "text/html;q=0.0", "image/png", ",",
            ";",
            "text/html, application/json", "application/json, text/html", "text/html, */*", "text/html;q=0.5, */*",
            "text/html;q=0.5,application/json;q=0.6", "application/json, text/html;q=0.999", "text/plain", "texthtml",
            "text/html2", "x-text/html", "text/ html/x", "application/json, text/*", "q=1",
        ])
    func json(field: String) {
        #expect(!Accept(field).prefersHTML)
    }

    @Test("the most specific range decides, not the first (RFC 9110, section 12.5.1)")
    func specificity() {
        #expect(!Accept("text/*, text/html;q=0.1, application/json;q=0.2").prefersHTML)
        #expect(Accept("application/*, application/json;q=0.1, text/html;q=0.2").prefersHTML)
    }

    @Test("a field of any length costs a bounded time")
    func long() {
        #expect(!Accept(String(repeating: "a/b,", count: 100_000) + "text/html").prefersHTML)
    }
}
