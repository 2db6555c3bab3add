// SPDX-License-Identifier: MIT
import TestSupport
import Testing

/// Genuine cookies that are not this browser's, not this flow's, or not there any more: nothing reaches Instagram.
@Suite(.serialized, .stage)
struct ForeignCookieTests {
    private let stage = Stage.current!

    init() async throws {
        try await stage.standIn.reset()
    }

    /// Two people with a flow each, of which Instagram's answer is known to both; one of them has a session.
    private struct Two {
        let (mine, theirs): (WebURL, WebURL)
        let (myFlow, theirFlow): (CookieJar.Cookie, CookieJar.Cookie)
        /// Of theirs, too: somebody who is signed in.
        let session: CookieJar.Cookie
    }

    private func two() async throws -> Two {
        let (me, them) = (Browser(), Browser())
        _ = try await stage.connect(them, account: "bloom.ceramics")
        let session = try #require(await them.jar["__Host-ig_session"])
        let old = await Set(them.jar.named(prefix: "__Host-ig_flow_").map(\.name))
        let (mine, theirs) = (try await stage.consented(me), try await stage.consented(them))
        return Two(
            mine: mine, theirs: theirs, myFlow: try #require(await me.jar.named(prefix: "__Host-ig_flow_").first),
            theirFlow: try #require(
                await them.jar.named(prefix: "__Host-ig_flow_").first { !old.contains($0.name) }),
            session: session)
    }

    /// A callback and the `Cookie` field it is sent with. What a second user of the same browser brings belongs here.
    private static func cases(_ two: Two) -> [(what: String, callback: WebURL, cookies: String)] {
        let (mine, theirs, session) = (two.myFlow, two.theirFlow, two.session)
        return [
            ("another browser's callback", two.theirs, mine.pair),
            ("another browser's callback, signed in", two.theirs, "\(session.pair); \(mine.pair)"),
            ("mine, with another browser's cookie", two.mine, theirs.pair),
            ("mine, with another's value under my name", two.mine, "\(mine.name)=\(theirs.value)"),
            ("mine, with my value under another's name", two.mine, "\(theirs.name)=\(mine.value)"),
            (
                "values exchanged between two flows", two.mine,
                "\(mine.name)=\(theirs.value); \(theirs.name)=\(mine.value)"
            ),
            ("a session as a flow", two.mine, "\(mine.name)=\(session.value)"),
            ("a flow under the session's name", two.mine, "\(session.name)=\(mine.value)"),
            ("doubled", two.mine, "\(mine.pair); \(mine.pair)"),
            ("doubled, with another's value", two.mine, "\(mine.pair); \(mine.name)=\(theirs.value)"),
            ("doubled, the other first", two.mine, "\(mine.name)=\(theirs.value); a=b; \(mine.pair)"),
            ("quoted", two.mine, "\(mine.name)=\"\(mine.value)\""),
            ("behind a version", two.mine, "$Version=1, \(mine.pair)"),
            ("a name of another case", two.mine, mine.pair.replacing("__Host-", with: "__host-")),
            ("behind a control byte", two.mine, "a=b;\u{1}\(mine.pair)"),
            ("behind a blank that is none", two.mine, "a=b;\u{a0}\(mine.pair)"),
            ("no cookie", two.mine, "a=b"),
        ]
    }

    @Test("Another browser's, swapped, exchanged, doubled, renamed: 0 exchanges (checklist 3, 10, 26)")
    func foreign() async throws {
        var count = 0
        for _ in 0..<Soak.times(2, full: 200) {
            let two = try await two()
            let before = try await stage.standIn.calls().exchanges
            for (what, callback, cookies) in Self.cases(two) {
                for accept in ["application/json", Browser.acceptPage] {
                    // Byte by byte: no client sends some of these.
                    let answer = try await RawHTTP.send(
                        "GET \(callback.target) HTTP/1.1\r\nHost: localhost\r\nCookie: \(cookies)\r\n"
                            + "Accept: \(accept)\r\nConnection: close\r\n\r\n", port: stage.port)
                    let error = answer.header("location").flatMap { WebURL($0)?.parameter("instagram_error") }
                    #expect((error ?? answer.error?.error) == "invalid_state", "\(what)")
                    #expect(answer.header("set-cookie") == nil, "\(what)")
                    count += 1
                }
            }
            #expect(try await stage.standIn.calls().exchanges == before)
            // Neither flow was spent by that.
            for (callback, cookie) in [(two.mine, two.myFlow), (two.theirs, two.theirFlow)] {
                let answer = try await HTTPClient.shared.send(
                    .get, callback.request, headers: [(name: "Cookie", value: cookie.pair)])
                #expect(answer.status == 200)
            }
            #expect(try await stage.standIn.calls().exchanges == before + 2)
        }
        #expect(try await stage.standIn.calls().repeatedCodes == 0)
        Soak.record("callbacks with another browser's, swapped or doubled cookies", count, "0 exchanges")
    }

    @Test("Flows that more than five others drove out: 0 exchanges, and one for each that is left (checklist 11)")
    func evicted() async throws {
        var count = 0
        for _ in 0..<Soak.times(1, full: 50) {
            try await stage.standIn.reset()
            let browser = Browser()
            var callbacks: [WebURL] = []
            for _ in 0..<12 { callbacks.append(try await stage.consented(browser)) }
            let (evicted, left) = (callbacks.dropLast(5), callbacks.suffix(5))
            for callback in evicted {
                #expect(try await browser.fetch(callback.request).error?.error == "invalid_state")
                #expect(try await browser.open(callback.request).instagramError == "invalid_state")
                count += 2
            }
            #expect(try await stage.standIn.calls().exchanges == 0)
            for callback in left { #expect(try await browser.fetch(callback.request).status == 200) }
            #expect(try await stage.standIn.calls().exchanges == left.count)
        }
        Soak.record("callbacks of evicted flows", count, "0 exchanges")
    }
}

extension CookieJar.Cookie {
    fileprivate var pair: String { "\(name)=\(value)" }
}
