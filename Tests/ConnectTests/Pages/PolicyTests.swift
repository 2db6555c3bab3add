// SPDX-License-Identifier: MIT
import Connect
import Foundation
import HTTPTypes
import Testing
import Vault

@Suite struct PolicyTests {
    private static func pages(_ shop: Shop) async -> [Answer] {
        var browser = Browser()
        await shop.connect(&browser)
        return [
            await shop.answer(.page(.get, Route.settings)), await shop.answer(.page(.get, Route.settings, browser)),
            await shop.answer(.page(.get, "/nowhere")), await shop.answer(.page(.post, Route.start)),
            await shop.answer(.page(.get, Route.start + "?switch_account=7")),
            await shop.answer(.page(.put, Route.settings)),
        ]
    }

    @Test("the policy of a page is exact, and its hash is that of the style in it (checklist 38)")
    func contentSecurityPolicy() async throws {
        for page in await Self.pages(try Shop()) {
            let from = try #require(page.text.firstRange(of: "<style>"))
            let to = try #require(page.text.firstRange(of: "</style>"))
            let style = page.text[from.upperBound..<to.lowerBound]
            let hash = Data(Digest.sha256(style.utf8)).base64EncodedString()
            #expect(
                page.fields[.contentSecurityPolicy]
                    == "default-src 'none'; style-src 'sha256-\(hash)'; base-uri 'none'; frame-ancestors 'none'; "
                    + "form-action 'self' https://www.instagram.com")
            #expect(page.text.components(separatedBy: "<style").count == 2 && !page.text.contains(" style="))
            #expect(page.fields[HTTPField.Name("Referrer-Policy")!] == "same-origin")
            #expect(page.contentType == "text/html; charset=utf-8")
        }
    }

    @Test("a page loads nothing from elsewhere (checklist 37)")
    func nothingExternal() async throws {
        for page in await Self.pages(try Shop()) {
            for part in ["http:", "https:", "src=", "@import", "url(", "<link", "<iframe", "<script"] {
                #expect(!page.text.contains(part), "\(part)")
            }
        }
    }
}
