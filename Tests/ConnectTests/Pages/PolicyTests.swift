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
            func hash(_ element: String) throws -> String {
                let from = try #require(page.text.firstRange(of: "<\(element)>"))
                let to = try #require(page.text.firstRange(of: "</\(element)>"))
                #expect(page.text.components(separatedBy: "<\(element)").count == 2)
                let text = page.text[from.upperBound..<to.lowerBound]
                return "'sha256-\(Data(Digest.sha256(text.utf8)).base64EncodedString())'"
            }
            try #expect(
                page.fields[.contentSecurityPolicy]
                    == "default-src 'none'; script-src \(hash("script")); style-src \(hash("style")); connect-src 'self'; "
                    + "base-uri 'none'; frame-ancestors 'none'; form-action 'self' https://www.instagram.com")
            #expect(!page.text.contains(" style=") && !page.text.contains(" onclick="))
            #expect(page.fields[HTTPField.Name("Referrer-Policy")!] == "same-origin")
            #expect(page.contentType == "text/html; charset=utf-8")
        }
    }

    @Test("a page loads nothing from elsewhere (checklist 37)")
    func nothingExternal() async throws {
        for page in await Self.pages(try Shop()) {
            for part in ["http:", "https:", "src=", "@import", "url(", "<link", "<iframe", "<script "] {
                #expect(!page.text.contains(part), "\(part)")
            }
        }
    }

    @Test("a page is small: it arrives in the first ten packets of a connection, in any language")
    func size() async throws {
        let shop = try Shop()
        var browser = Browser()
        await shop.connect(&browser)
        for language in ["en", "ar"] {
            let page = await shop.answer(.page(.get, Route.settings, browser, ["Accept-Language": language]))
            #expect(page.body.count < 10 * 1_460 - 1_000, "\(language): \(page.body.count)")
        }
    }
}
