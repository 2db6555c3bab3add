// SPDX-License-Identifier: MIT
import Foundation
import Glibc

/// A real browser, driven by WebDriver (w3.org/TR/webdriver2), with a profile of its own that is gone with it.
final class Chromium: Sendable {
    private let driver: Child
    private let service: String
    private let session: String
    private let profile: String

    /// What a person sees for `size`; waits for elements are bounded.
    static func run<Value>(_ body: (Chromium) async throws -> Value) async throws -> Value {
        let chromium = try await Chromium()
        do {
            let value = try await body(chromium)
            await chromium.quit()
            return value
        } catch {
            await chromium.quit()
            throw error
        }
    }

    private init() async throws {
        var template = Array("/tmp/ig-chromium.XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw Missing("no directory") }
        let profile = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        Janitor.shared.note(.directory, profile)
        let port = try Ports.free()
        let service = "http://127.0.0.1:\(port)"
        let log = Glibc.open(profile + "/driver.log", O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        defer { close(log) }
        driver = try Child(
            "/usr/bin/chromedriver", ["--port=\(port)"], environment: ["HOME": profile, "TMPDIR": profile], output: log,
            error: log)
        self.profile = profile
        self.service = service
        _ = try await eventually("chromedriver") {
            try? await HTTPClient.shared.send(.get, service + "/status").status == 200 ? true : nil
        }
        let options: [String: Any] = [
            "args": [
                "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--window-size=800,720",
                "--user-data-dir=\(profile)/profile", "--no-first-run", "--disable-background-networking",
            ]
        ]
        let capabilities: [String: Any] = [
            "browserName": "chrome", "goog:chromeOptions": options, "goog:loggingPrefs": ["browser": "ALL"],
            "timeouts": ["implicit": 10_000, "pageLoad": 30_000],
        ]
        let answer = try await Self.post(service + "/session", ["capabilities": ["alwaysMatch": capabilities]])
        guard let started = answer as? [String: Any], let id = started["sessionId"] as? String else {
            throw Missing("a browser session")
        }
        session = "\(service)/session/\(id)"
    }

    private func quit() async {
        // The driver ends its browsers before it ends.
        _ = try? await HTTPClient.shared.send(.get, service + "/shutdown")
        await driver.stop(within: .seconds(5))
        try? FileManager.default.removeItem(atPath: profile)
        Janitor.shared.forget(.directory, profile)
    }

    func open(_ url: String) async throws { try await command("url", ["url": url]) }
    func reload() async throws { try await command("refresh") }
    func back() async throws { try await command("back") }

    var url: String {
        get async throws {
            let answer = try await HTTPClient.shared.send(.get, session + "/url")
            return try Self.value(answer) as? String ?? ""
        }
    }

    /// Clicks what the selector finds; waits for it to appear.
    func click(_ selector: String) async throws {
        try await command("element/\(try await element(selector))/click")
    }

    /// The text of an element as it is shown; waits for it to appear, also while one page gives way to the next.
    func text(_ selector: String) async throws -> String {
        try await eventually(selector) {
            guard let id = try? await element(selector) else { return nil }
            let answer = try await HTTPClient.shared.send(.get, "\(session)/element/\(id)/text")
            return try? Self.value(answer) as? String
        }
    }

    /// Waits until the address begins so.
    func arrive(at prefix: String) async throws {
        _ = try await eventually(prefix) { try await url.hasPrefix(prefix) ? true : nil }
    }

    func has(_ selector: String) async throws -> Bool {
        try await run("return document.querySelector(arguments[0]) !== null", [selector]) as? Bool ?? false
    }

    /// Runs a script on the page, as the body of a function, and gives back what it returns.
    func run(_ script: String, _ arguments: [Any] = []) async throws -> Any? {
        try await command("execute/sync", ["script": script, "args": arguments])
    }

    /// As when a person clears the browser's data while a page is open.
    func forgetCookies() async throws {
        try await command("goog/cdp/execute", ["cmd": "Network.clearBrowserCookies", "params": [String: Any]()])
    }

    /// A second tab, which becomes the current one; gives back the handle of the first.
    func newTab() async throws -> String {
        let first = try Self.value(try await HTTPClient.shared.send(.get, session + "/window")) as? String ?? ""
        let tab = try await command("window/new", ["type": "tab"]) as? [String: Any]
        try await command("window", ["handle": tab?["handle"] ?? ""])
        return first
    }

    func goTo(tab: String) async throws { try await command("window", ["handle": tab]) }

    /// What the console says: errors, refused styles, policy reports.
    func console() async throws -> [String] {
        let entries = try await command("se/log", ["type": "browser"]) as? [[String: Any]] ?? []
        return entries.filter { $0["level"] as? String == "SEVERE" }.compactMap { $0["message"] as? String }
    }

    func picture() async throws -> Data {
        let answer = try Self.value(try await HTTPClient.shared.send(.get, session + "/screenshot"))
        guard let text = answer as? String, let picture = Data(base64Encoded: text) else { throw Missing("a picture") }
        return picture
    }

    // MARK: The protocol

    /// The key of an element reference (WebDriver, section 12.1).
    private static let elementKey = "element-6066-11e4-a52e-4f735466cecf"

    private func element(_ selector: String) async throws -> String {
        let found = try await command("element", ["using": "css selector", "value": selector])
        guard let id = (found as? [String: Any])?[Self.elementKey] as? String else { throw Missing(selector) }
        return id
    }

    @discardableResult
    private func command(_ name: String, _ body: [String: Any] = [:]) async throws -> Any? {
        try await Self.post("\(session)/\(name)", body)
    }

    private static func post(_ url: String, _ body: [String: Any]) async throws -> Any? {
        let text = String(decoding: try JSONSerialization.data(withJSONObject: body), as: UTF8.self)
        return try value(
            try await HTTPClient.shared.send(.post, url, body: text, contentType: "application/json"))
    }

    private static func value(_ answer: Response) throws -> Any? {
        let whole = try JSONSerialization.jsonObject(with: Data(answer.body)) as? [String: Any]
        let value = whole?["value"]
        if answer.status != 200 {
            throw Missing("the browser: \((value as? [String: Any])?["message"] ?? answer.text)")
        }
        return value
    }
}
