// SPDX-License-Identifier: MIT
import Testing

/// What a visitor sees when nginx has nobody to ask.
@Suite struct ErrorPageTests {
    @Test(
        "While the program is away a visitor reads so, in their language, and has one way on",
        arguments: [
            ("en-GB,en", "ltr", "Something went wrong here"), ("ar-EG,ar;q=0.9,en;q=0.8", "rtl", "حدث خطأ هنا"),
        ])
    func away(languages: String, direction: String, words: String) async throws {
        try await Stage.run { stage in
            await stage.responder?.stop()
            try await Chromium.run(.init(languages: languages, width: 500)) { browser in
                try await browser.open(stage.callback + "?code=canary&state=canary")
                let text = try await browser.text("main")
                #expect(text.contains(words) && !text.contains("canary"))
                #expect(
                    text.contains("That did not work") == (direction == "ltr")
                        && text.contains("لم ينجح ذلك") == (direction == "rtl"))
                #expect(try await browser.run("return document.dir") as? String == direction)
                let barriers = try await browser.barriers()
                #expect(barriers == [])
                // The policy lets the style in: its hash is right.
                let ground = try await browser.run(
                    "return getComputedStyle(document.querySelector('a')).backgroundColor")
                #expect(ground as? String == "rgb(20, 96, 74)")
                let refused = try await browser.console().filter { $0.contains("Content Security Policy") }
                #expect(refused == [])
                try await browser.keep("away-" + direction)
                try stage.startResponder()
                try await stage.ready()
                try await browser.click("a")
                _ = try await browser.text("#connect")
            }
        }
    }
}
