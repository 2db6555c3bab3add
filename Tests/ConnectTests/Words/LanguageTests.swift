// SPDX-License-Identifier: MIT
import HTTPTypes
import Testing

@testable import Connect

@Suite struct LanguageTests {
    @Test(
        "the language that a browser ranks highest, of those that there are; English otherwise",
        arguments: [
            (nil, Language.english), ("", .english), ("en", .english), ("ar", .arabic), ("AR", .arabic),
            ("ar-EG,ar;q=0.9,en-US;q=0.8", .arabic), ("en-US,en;q=0.9,ar;q=0.8", .english),
            ("de-DE,de;q=0.9,ar;q=0.8,en;q=0.7", .arabic), ("de,fr", .english), ("en;q=0.3, ar;q=0.7", .arabic),
            ("ar;q=0", .english), ("ar;q=0, en;q=0", .english), ("ar;q=2", .english), ("*", .english),
            ("*;q=0.1, ar;q=0.2", .arabic), ("arc", .english), ("arabic", .english), ("ar_EG", .english),
            ("en,ar", .english), ("ar,en", .arabic), (" ar ; q=1 ", .arabic), (",,;,ar", .arabic),
        ] as [(String?, Language)])
    func negotiated(field: String?, language: Language) {
        #expect(Language(acceptLanguage: field) == language, "\(field ?? "none")")
    }

    @Test("a field without an end costs what a short one costs")
    func bounded() {
        #expect(Language(acceptLanguage: String(repeating: "xx,", count: 100_000) + "ar") == .english)
        #expect(Language(acceptLanguage: "ar," + String(repeating: "a", count: 1_000_000)) == .arabic)
    }

    @Test("every page says its language and its direction, and JSON stays English")
    func pages() async throws {
        let shop = try Shop()
        var browser = Browser()
        await shop.connect(&browser)
        for path in [
            Route.settings, Route.settings + "?instagram_error=busy", "/nowhere", Route.start + "?return_to=x",
        ] {
            let arabic = await shop.answer(.page(.get, path, browser, ["Accept-Language": "ar-SA,ar"]))
            #expect(arabic.text.contains(#"<html lang="ar" dir="rtl">"#), "\(path)")
            let english = await shop.answer(.page(.get, path, browser, ["Accept-Language": "fr"]))
            #expect(english.text.contains(#"<html lang="en" dir="ltr">"#), "\(path)")
        }
        for path in [Route.status, "/nowhere", Route.start + "?return_to=x"] {
            let json = await shop.answer(.json(.get, path, browser, ["Accept-Language": "ar"]))
            #expect(json.text.utf8.allSatisfy { $0 < 0x80 }, "\(path)")
        }
    }
}
