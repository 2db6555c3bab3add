// SPDX-License-Identifier: MIT
import Testing

/// The original design's API, end to end. Meta has switched it off; the stand-in remembers it.
@Suite(.serialized)
struct BasicDisplayTests {
    private static let options = Stage.Options(settings: ["META_API": "basic-display"])

    @Test("An account is connected by the original design's calls, a personal one as well, and the start warns")
    func connects() async throws {
        try await Stage.run(Self.options) { stage in
            try await stage.standIn.set(#"{"product": "basic-display"}"#)
            for account in ["acme_shop", "private.person"] {
                let answer = try await stage.connect(Browser(), account: account)
                #expect(answer.status == 200 && answer.text.contains("\"\(account)\""))
            }
            let users = try stage.kept.users()
            #expect(users.compactMap(\.account) == ["27640875392278831", "26419385520174863"], "the one id there is")
            #expect(users.allSatisfy { $0.scopes == nil }, "an answer without permissions means unknown")
            let warned = try stage.journal().contains { $0["level"] == "warning" && $0["event"] == "META_API" }
            #expect(warned)
        }
    }
}
