// SPDX-License-Identifier: MIT
import Foundation
import TestSupport
import Testing

/// Whom the program trusts, by name: `graph.instagram.com` is this machine, and the system's bundle is a throw-away
/// authority's (checklist 46).
@Suite(.enabled(if: Seclusion.isPossible, "a mount namespace needs root"))
struct CertificateTests {
    @Test("Expired, self-signed, another host's, TLS 1.0, or reset: given up at each call before a byte of it has left")
    func untrusted() async throws {
        let instagram = try HostileInstagram(keepsConnections: false)
        let authority = try await Authority()
        let tls = try await TLSFront(authority, before: instagram.port)
        let front = try Front(.pass(tls.port(.good)))
        let seclusion = try Seclusion([
            Seclusion.trusted: try authority.bundle(), Seclusion.hosts: Authority.hosts,
        ])
        let url = "https://\(Authority.name):\(front.port)"
        let options = Stage.Options(settings: HostileInstagram.settings(url), wrapper: seclusion.wrapper)
        try await Stage.run(options) { stage in
            #expect(try await connected(stage, HostileInstagram.code()), "the good one is trusted")
            let bad = [TLSFront.Door.expired, .selfSigned, .wrongHost, .oldVersion].map {
                Front.Turn.pass(tls.port($0))
            }
            for door in bad + [.reset] {
                for (good, step) in HostileInstagram.Step.allCases.enumerated() {
                    let before = instagram.seen
                    try front.plan(Array(repeating: .pass(tls.port(.good)), count: good) + [door])
                    let browser = Browser()
                    let code = HostileInstagram.code()
                    let callback = try await stage.callback(browser, code: code)
                    let answer = try await browser.fetch(callback.request)
                    #expect(answer.status == 503 && answer.error?.error == "provider_unavailable", "\(door) \(step)")
                    #expect(front.connections > good, "it was that door")
                    #expect(instagram.seen.calls.count == before.calls.count + good, "\(door) \(step)")
                    #expect(instagram.seen.codes[code] == (step == .exchange ? nil : 1))
                    try front.plan(.pass(tls.port(.good)))
                    let again = try await browser.fetch(callback.request)
                    #expect(again.status == (step == .exchange ? 200 : 503), "\(door) \(step): \(again.text)")
                }
            }
            #expect(instagram.seen.codes.values.allSatisfy { $0 == 1 })
            #expect(try stage.kept.users().count == 6, "the good one, and those whose code was good still")
            let causes = try stage.journal().filter { $0["event"] == "flow failed" }.compactMap { $0["cause"] }
            #expect(causes.count == 15)
            #expect(causes.prefix(12).allSatisfy { $0.contains("untrusted") }, "\(causes)")
            // A reset may come before libcurl has seen that there is a connection.
            let nothingSent = ["untrusted", "unreachable"]
            #expect(causes.suffix(3).allSatisfy { cause in nothingSent.contains { cause.contains($0) } }, "\(causes)")
        }
        await tls.stop()
    }

    private func connected(_ stage: Stage, _ code: String) async throws -> Bool {
        let browser = Browser()
        return try await browser.fetch(stage.callback(browser, code: code).request).status == 200
    }
}
