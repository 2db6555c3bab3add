// SPDX-License-Identifier: MIT
import Connect
import Foundation

/// A walk through everything that the table of errors lists, with all that came back.
struct Outcomes: Sendable {
    let stage: Stage
    var scan: LeakScan
    /// The codes that were heard.
    private(set) var codes: Set<String> = []
    private(set) var reports: [String] = []
    private var answers: [(what: String, answer: Response)] = []
    /// Of one person who comes again and again.
    private let browser = Browser()

    init(_ stage: Stage) throws {
        self.stage = stage
        scan = try LeakScan(stage)
    }

    /// An answer, its code if it is a failure, and all cookies that are known by now.
    private mutating func heard(_ what: String, _ answer: Response) async {
        answers.append((what, answer))
        let shown = answer.header("location").flatMap { WebURL($0)?.parameter("instagram_error") }
        if let code = answer.error?.error ?? shown { codes.insert(code) }
        for cookie in await browser.jar.named(prefix: "__Host-ig") { scan.canaries.add(cookie: cookie.value) }
    }

    private mutating func heard(_ what: String, _ visit: Visit) async {
        for step in visit.steps where step.url.origin == stage.origin { await heard(what, step.response) }
    }

    /// A callback that is ready to be called, its state and code known.
    private mutating func flow(granted: String? = nil) async throws -> WebURL {
        let callback = try await stage.consented(browser, granted: granted)
        scan.canaries.add(state: try callback.value(of: "state"))
        scan.canaries.add(.code, try callback.value(of: "code"))
        for cookie in await browser.jar.named(prefix: "__Host-ig") { scan.canaries.add(cookie: cookie.value) }
        return callback
    }

    /// As JSON, as a page, and again.
    private mutating func finish(_ callback: WebURL, _ what: String) async throws {
        await heard(what, try await browser.fetch(callback.request))
        await heard(what, try await browser.open(callback.request, by: .page(callback)))
    }

    /// Instagram fails at one call.
    mutating func instagram(_ endpoint: String, _ kind: String) async throws {
        try await stage.standIn.fail(endpoint, kind)
        try await finish(try await flow(), "\(endpoint) \(kind)")
        try await stage.standIn.set(#"{"faults": []}"#)
    }

    mutating func success() async throws {
        let consent = try await stage.consentPage(browser)
        scan.canaries.add(state: try consent.url.value(of: "state"))
        await heard("a connection", try await browser.press("allow", on: consent))
        try await finish(try await flow(), "a callback")
        for url in [stage.status, stage.settingsPage, stage.start, stage.origin + "/auth/instagram/openapi.yaml"] {
            await heard(url, try await browser.fetch(url))
        }
        await heard("sign-out", try await browser.fetch(stage.start + "/sign-out", .post))
    }

    /// What a request can do wrong, with a state and a code that are good.
    mutating func requests() async throws {
        let callback = try await flow()
        let state = try callback.value(of: "state")
        for query in ["?state=\(state)", "?\(callback.query)&state=\(state)", "?code=a%zz&state=\(state)"] {
            await heard(query, try await browser.fetch(stage.callback + query))
            await heard(query, try await browser.open(stage.callback + query))
        }
        await heard("another browser", try await Browser().fetch(callback.request))
        await heard("another browser's page", try await Browser().open(callback.request))
        let elsewhere = try WebURL("https://evil.example/") ?? { throw Missing("a URL") }()
        await heard("another site", try await browser.fetch(stage.start + "?" + callback.query, .post, from: elsewhere))
        await heard("a return_to", try await browser.fetch(stage.start + "?return_to=//" + callback.query))
        let denied = try await flow()
        await heard(
            "a person who says no",
            try await browser.fetch(stage.callback + "?error=access_denied&state=" + denied.value(of: "state")))
        let cookie = await browser.jar.field(for: callback, isLaxAllowed: true) ?? ""
        for head in [
            "GET /auth/instagram/nothing?\(callback.query) HTTP/1.1", "PUT \(callback.target) HTTP/1.1",
            "POST /auth/instagram?\(callback.query) HTTP/1.1\r\nSec-Fetch-Site: same-origin\r\nContent-Length: 1",
            "GET \(callback.target) HTTP/9.9",
            "GET \(callback.target) HTTP/1.1\r\nX: " + String(repeating: "a", count: 9_000),
        ] {
            let request = "\(head)\r\nHost: localhost\r\nCookie: \(cookie)\r\nConnection: close\r\n\r\na"
            await heard(head, try await RawHTTP.send(request, port: stage.port))
        }
        try await finish(try await flow(granted: "instagram_business_basic"), "a permission that is missing")
    }

    /// More that wait for one flow than may.
    mutating func crowd() async throws {
        try await stage.standIn.fail("extend-token", nil, latency: 500)
        let callback = try await flow()
        let together = try await withThrowingTaskGroup(of: Response.self) { [browser] group in
            for _ in 0..<80 { group.addTask { try await browser.fetch(callback.request) } }
            return try await group.reduce(into: [Response]()) { $0.append($1) }
        }
        for answer in together { await heard("a crowd", answer) }
        try await stage.standIn.set(#"{"faults": []}"#)
    }

    /// The program dies after it has sent the code; nginx answers alone, with the socket there and without it.
    mutating func crash() async throws {
        try await stage.standIn.fail("exchange-code", "hang", count: 1)
        let before = try await stage.standIn.calls().exchanges
        let callback = try await flow()
        let cut = Task { [browser] in try await browser.fetch(callback.request) }
        try await stage.standIn.wait(for: "exchange-code", count: before + 1)
        await stage.responder?.killed()
        await heard("a program that died", try await cut.value)
        try await finish(callback, "a dead socket")
        unlink(stage.socketPath)
        try await finish(callback, "no socket")
        try stage.startResponder()
        try await stage.ready()
        try await finish(callback, "what a dead process left")
    }

    /// No file takes a byte, from the start or when the token is there: the process has a wrapper that ignores the
    /// signal.
    mutating func fullDisk() async throws {
        let pid = "\(try stage.responder.map(\.pid) ?? { throw Missing("the program") }())"
        for isLate in [false, true] {
            let callback = try await flow()
            let profiles = try await stage.standIn.calls().profiles
            if isLate { try await stage.standIn.fail("read-profile", nil, latency: 500) }
            let full = { try await Command.succeed("prlimit", ["--pid", pid, "--fsize=0:"]) }
            if !isLate { _ = try await full() }
            let answer = Task { [browser] in try await browser.fetch(callback.request) }
            if isLate {
                try await stage.standIn.wait(for: "read-profile", count: profiles + 1)
                _ = try await full()
            }
            let result = await answer.result
            try await Command.succeed("prlimit", ["--pid", pid, "--fsize=unlimited:"])
            try await stage.standIn.set(#"{"faults": []}"#)
            await heard("a disk that is full", try result.get())
            try await finish(callback, "a disk with room again")
        }
    }

    /// A call that hangs to its deadline, begun now; the answer is waited for later.
    mutating func beginHang() async throws -> Task<Response, any Error> {
        try await stage.standIn.fail("exchange-code", "hang", count: 1)
        let before = try await stage.standIn.calls().exchanges
        let callback = try await flow()
        let answer = Task { [browser] in try await browser.fetch(callback.request) }
        try await stage.standIn.wait(for: "exchange-code", count: before + 1)
        return answer
    }

    mutating func endHang(_ answer: Task<Response, any Error>) async throws {
        await heard("a deadline", try await answer.value)
    }

    /// The key of the newest token is gone from the keyring.
    mutating func lostKey(_ other: String) async throws {
        try other.write(toFile: stage.keys, atomically: false, encoding: .utf8)
        await stage.responder?.stop()
        try stage.startResponder()
        let answer = try await eventually("a program without the key") { [stage] in
            let answer = try? await HTTPClient.shared.send(.get, stage.readyz)
            return answer?.status == 500 ? answer : nil
        }
        await heard("a lost key", answer)
        await heard("a lost key", try await browser.fetch(stage.status))
    }

    /// All that was heard, now that every canary is known.
    mutating func judge() {
        for (what, answer) in answers { reports += scan.answer(answer, to: what) }
    }
}
