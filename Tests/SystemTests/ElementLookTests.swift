// SPDX-License-Identifier: MIT
import Foundation
import TestSupport
import Testing

/// What a page can say about the element's look and language.
@Suite(.serialized, .stage)
struct ElementLookTests {
    private let stage = Stage.current!
    private var page: String { stage.origin + "/examples/plain/" }

    init() async throws {
        try await stage.standIn.reset()
    }

    private func style(_ selector: String, _ property: String, _ browser: Chromium) async throws -> String {
        try await browser.inElement(
            "return getComputedStyle(root.querySelector(arguments[0])).getPropertyValue(arguments[1])",
            [selector, property]) as? String ?? ""
    }

    @Test("Each custom property and each part changes what it is for")
    func styles() async throws {
        try await Chromium.run { browser in
            try await browser.connectElement(on: page)
            _ = try await browser.run(
                """
                const sheet = new CSSStyleSheet()
                sheet.replaceSync(`
                  instagram-connect { --instagram-connect-accent: rgb(1 2 3); --instagram-connect-on-accent: rgb(4 5 6);
                    --instagram-connect-error: rgb(7 8 9); --instagram-connect-radius: 3px;
                    --instagram-connect-font: 20px monospace }
                  ${['account', 'message', 'alert', 'actions', 'button', 'primary', 'secondary'].map((part, place) =>
                    `instagram-connect::part(${part}) { margin-top: ${place + 1}px }`).join('')}`)
                document.adoptedStyleSheets = [sheet]
                document.querySelector('instagram-connect').setAttribute('return-to', '//elsewhere')
                """)
            let tops = [
                "[part=account]": "1px", "[part=message]": "2px", "[part=alert]": "3px", "[part=actions]": "4px",
                "[part~=primary]": "6px", "[part~=secondary]": "7px",
            ]
            for (selector, top) in tops {
                #expect(try await style(selector, "margin-top", browser) == top, "\(selector)")
            }
            try await browser.pressInElement("Disconnect")
            try await browser.pressInElement("Disconnect")
            try await browser.elementSays("Instagram is no longer connected here.")
            try await browser.pressInElement("Connect Instagram")
            try await browser.elementSays("That did not work")
            let values = [
                ("button", "background-color", "rgb(1, 2, 3)"), ("button", "color", "rgb(4, 5, 6)"),
                ("button", "border-top-left-radius", "3px"), ("[role=alert]", "border-left-color", "rgb(7, 8, 9)"),
                ("[role=alert]", "font-size", "20px"), ("button", "font-family", "monospace"),
            ]
            for (selector, property, value) in values {
                #expect(try await style(selector, property, browser) == value, "\(property)")
            }
        }
    }

    @Test("Dark, in forced colours and narrow there is no barrier, whatever is shown")
    func schemes() async throws {
        try await Chromium.run { browser in
            try await browser.connectElement(on: page)
            let views = [
                ("dark", ["prefers-color-scheme": "dark"]),
                ("forced", ["forced-colors": "active", "prefers-color-scheme": "dark"]),
            ]
            for (name, features) in views {
                try await browser.prefer(features)
                try await browser.open(page + "?\(name)&instagram_error=account_mismatch#instagram=failed")
                try await browser.elementSays("Another account")
                #expect(try await browser.barriers() == [], "\(name)")
                try await browser.keep("element-\(name)-failed")
                try await browser.pressInElement("Disconnect")
                try await browser.elementSays("are then not answered")
                #expect(try await browser.barriers() == [], "\(name)")
                try await browser.resize(width: 320, height: 640)
                #expect(try await !browser.isWiderThanWindow())
                try await browser.keep("element-\(name)-asks")
            }
        }
    }

    @Test("The nearest language counts: its own, the page's, the browser's; others are English")
    func languages() async throws {
        try await Chromium.run(.init(languages: "fr,ar-EG,en")) { browser in
            let connect = ["ar": "ربط إنستغرام", "en": "Connect Instagram"]
            try await browser.openBlank(stage)
            try await browser.elementSays(connect["ar"]!)
            for (own, pages, shown) in [
                ("", "en-GB", "en"), ("ar", "en", "ar"), ("", "ar-SA", "ar"), ("de", "ar", "en"), ("AR-eg", "", "ar"),
            ] {
                _ = try await browser.run(
                    """
                    document.documentElement.lang = arguments[1]
                    const one = document.querySelector('instagram-connect')
                    one.removeAttribute('lang')
                    if (arguments[0]) one.lang = arguments[0]
                    one.remove()
                    document.body.append(one)
                    """, [own, pages])
                try await browser.elementSays(connect[shown]!)
                let box = try await browser.inElement("const { lang, dir } = root.firstChild; return lang + dir")
                #expect(box as? String == (shown == "ar" ? "arrtl" : "enltr"))
            }
            _ = try await browser.run(
                """
                const host = document.createElement('div')
                document.documentElement.lang = 'en'
                document.querySelector('instagram-connect').remove()
                document.body.append(host)
                window.inner = host.attachShadow({ mode: 'open' }).appendChild(document.createElement('instagram-connect'))
                """)
            _ = try await eventually("English in a shadow tree") {
                try await browser.run("return inner.shadowRoot.firstChild.innerText") as? String == connect["en"]!
                    ? () : nil
            }
        }
    }
}
