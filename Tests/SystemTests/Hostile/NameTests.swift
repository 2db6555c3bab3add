// SPDX-License-Identifier: MIT
import TestSupport
import Testing

/// Names that do not exist, and names that nobody answers for. Reading the profile asks for no name: extending the
/// token, at the same host, has just done so.
@Suite(.enabled(if: Seclusion.isPossible, "a mount namespace needs root"))
struct NameTests {
    private func options(_ resolver: Resolver, _ settings: [String: String]) throws -> (Stage.Options, Seclusion) {
        let seclusion = try Seclusion([
            Seclusion.resolver: resolver.configuration, Seclusion.hosts: "127.0.0.1 localhost\n",
        ])
        return (Stage.Options(settings: settings, wrapper: seclusion.wrapper), seclusion)
    }

    @Test("No such name at the exchange: the right code at once, nothing kept, and the code is good still")
    func exchange() async throws {
        let resolver = try Resolver(isSilent: false)
        let (options, seclusion) = try options(resolver, HostileInstagram.settings("https://api.instagram.com"))
        try await Stage.run(options) { stage in
            let browser = Browser()
            let callback = try await stage.callback(browser, code: HostileInstagram.code())
            for asked in 1...2 {
                let before = resolver.queries
                let answer = try await browser.fetch(callback.request)
                #expect(answer.status == 503 && answer.error?.error == "provider_unavailable")
                #expect(resolver.queries > before, "tried \(asked) times")
            }
            let state = try callback.value(of: "state")
            #expect(try stage.kept.users().isEmpty)
            #expect(try stage.kept.flow(state)?.phase == "claimed")
        }
        withExtendedLifetime(seclusion) {}
    }

    @Test("A lookup that nobody answers ends at the connect deadline and delays no other call, then or afterwards")
    func slow() async throws {
        let resolver = try Resolver(isSilent: false)
        let instagram = try HostileInstagram(["closes": { _ in }])
        let settings = ["META_API_URL": instagram.url, "META_GRAPH_URL": "https://graph.instagram.com"]
        let (options, seclusion) = try options(resolver, settings)
        try await Stage.run(options) { stage in
            func answer(_ code: String) async throws -> Response {
                let browser = Browser()
                return try await browser.fetch(stage.callback(browser, code: code).request)
            }
            let unknown = try await answer(HostileInstagram.code())
            #expect(unknown.status == 503 && unknown.error?.error == "provider_unavailable", "no such name, extending")

            resolver.silence()
            let before = resolver.queries
            let began = ContinuousClock.now
            async let hanging = answer(HostileInstagram.code())
            _ = try await eventually("the lookup") { resolver.queries > before ? () : nil }
            // Calls to the other host come and go meanwhile.
            for _ in 0..<5 { #expect(try await answer(HostileInstagram.code("closes")).status == 503) }
            try await stage.otherRoutes(50)
            let others = ContinuousClock.now - began
            let answered = try await hanging
            let took = ContinuousClock.now - began
            #expect(answered.status == 504 && answered.error?.error == "provider_unavailable")
            #expect(others < took, "they did not wait")

            // The resolver's thread is still there, for half a minute.
            #expect(try await answer(HostileInstagram.code("closes")).status == 503)
            #expect(await stage.responder?.stop() == .exit(0))
            #expect(ContinuousClock.now - began < .seconds(25), "nobody has waited for it")
            #expect(try stage.kept.users().isEmpty)
            #expect(instagram.seen.codes.count == 8 && instagram.seen.codes.values.allSatisfy { $0 == 1 })
        }
        withExtendedLifetime(seclusion) {}
    }
}
