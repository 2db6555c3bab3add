// SPDX-License-Identifier: MIT
import Foundation
import Glibc

/// A real browser, driven by WebDriver (w3.org/TR/webdriver2), with a profile of its own that is gone with it.
final class Chromium: Sendable {
    private let driver: Child
    private let service: String
    private let session: String
    private let profile: String

    /// Who sits before it, and on what.
    struct Person: Sendable {
        /// `Accept-Language`, as the browser's settings list it.
        var languages = "en"
        var width = 800
        var height = 720
        /// The browser's settings block scripts everywhere.
        var isScriptOff = false
    }

    /// Waits for elements are bounded.
    static func run<Value>(
        _ person: Person = Person(), _ body: (Chromium) async throws -> Value
    ) async throws -> Value {
        let chromium = try await Chromium(person)
        do {
            let value = try await body(chromium)
            await chromium.quit()
            return value
        } catch {
            await chromium.quit()
            throw error
        }
    }

    private init(_ person: Person) async throws {
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
                "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
                "--window-size=\(person.width),\(person.height)", "--user-data-dir=\(profile)/profile",
                "--no-first-run", "--disable-background-networking", "--hide-scrollbars",
            ],
            "prefs": [
                "intl.accept_languages": person.languages,
                "profile.managed_default_content_settings.javascript": person.isScriptOff ? 2 : 1,
            ],
        ]
        let capabilities: [String: Any] = [
            "browserName": "chrome", "goog:chromeOptions": options, "goog:loggingPrefs": ["browser": "ALL"],
            "timeouts": ["implicit": 10_000, "pageLoad": 30_000, "script": 30_000],
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

    /// The same for a script that ends later: the last argument is a function that takes what comes back.
    func runAsync(_ script: String, _ arguments: [Any] = []) async throws -> Any? {
        try await command("execute/async", ["script": script, "args": arguments])
    }

    /// As when a person clears the browser's data while a page is open.
    func forgetCookies() async throws { try await developerTools("Network.clearBrowserCookies") }

    /// A command of the DevTools protocol, for what WebDriver has no word for.
    @discardableResult
    func developerTools(_ name: String, _ parameters: [String: Any] = [:]) async throws -> Any? {
        try await command("goog/cdp/execute", ["cmd": name, "params": parameters])
    }

    /// A window of so many CSS pixels; `scale` 2 with half of them is a zoom of 200 %.
    func resize(width: Int, height: Int, scale: Double = 1) async throws {
        try await developerTools(
            "Emulation.setDeviceMetricsOverride",
            ["width": width, "height": height, "deviceScaleFactor": scale, "mobile": false])
    }

    /// What the person's system prefers: `["prefers-color-scheme": "dark"]`.
    func prefer(_ features: [String: String]) async throws {
        try await developerTools(
            "Emulation.setEmulatedMedia", ["features": features.map { ["name": $0.key, "value": $0.value] }])
    }

    /// Keys one after the other, where the focus is: text, or the code points of WebDriver, section 17.4.2.
    func type(_ keys: String) async throws {
        let strokes = keys.flatMap { key in
            [["type": "keyDown", "value": String(key)], ["type": "keyUp", "value": String(key)]]
        }
        try await command("actions", ["actions": [["type": "key", "id": "keys", "actions": strokes]]])
    }

    static let (tab, enter, space) = ("\u{E004}", "\u{E007}", " ")

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
