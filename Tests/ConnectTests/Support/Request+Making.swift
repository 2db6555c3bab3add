// SPDX-License-Identifier: MIT
import Connect
import HTTPTypes

extension Request {
    static let id = "0123456789abcdef0123456789abcdef"

    static func making(
        _ method: HTTPRequest.Method, _ path: String, _ browser: Browser = Browser(), _ headers: [String: String] = [:],
        body: [UInt8] = [], surface: Surface = .public
    ) -> Request {
        var head = HTTPRequest(method: method, scheme: "https", authority: "attacker.example", path: path)
        if let cookies = browser.header { head.headerFields[.cookie] = cookies }
        for (name, value) in headers { head.headerFields[HTTPField.Name(name)!] = value }
        return Request(head: head, body: body, id: id, surface: surface)
    }

    /// As a browser navigates.
    static func page(
        _ method: HTTPRequest.Method, _ path: String, _ browser: Browser = Browser(), _ headers: [String: String] = [:]
    ) -> Request {
        let accept = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
        return making(method, path, browser, headers.merging(["Accept": accept]) { one, _ in one })
    }

    /// As a program asks.
    static func json(
        _ method: HTTPRequest.Method, _ path: String, _ browser: Browser = Browser(), _ headers: [String: String] = [:]
    ) -> Request {
        making(method, path, browser, headers.merging(["Accept": "application/json"]) { one, _ in one })
    }
}
