// SPDX-License-Identifier: MIT
import Foundation
import TestSupport
import Testing

/// The element on pages that somebody else had a hand in, and under hands that are quick.
@Suite(.serialized, .stage)
struct ElementHostileTests {
    private let stage = Stage.current!
    private var page: String { stage.origin + "/examples/plain/" }

    init() async throws {
        try await stage.standIn.reset()
    }

    @Test("An image that takes the name of currentScript does not become the service")
    func clobbered() async throws {
        try await Chromium.run { browser in
            try await browser.listen()
            try await browser.developerTools(
                "Page.addScriptToEvaluateOnNewDocument",
                [
                    "source": """
                    document.addEventListener('readystatechange', () => {
                      const image = document.createElement('img')
                      image.name = 'currentScript'
                      image.src = '\(stage.standIn.url)/x.png'
                      document.body?.append(image)
                    }, { once: true })
                    """
                ])
            try await browser.open(page)
            #expect(try await browser.run("return document.currentScript?.tagName") as? String == "IMG")
            try await browser.connectElementHere()
            // The page's policy does not load the image; it is there all the same.
            let heard = try await browser.heard().filter { $0 != "img-src" }
            #expect(heard == ["connected acme_shop"])
        }
    }

    @Test("A double click on Disconnect asks and lets nobody go, whichever buttons there are")
    func doubleClick() async throws {
        try await Chromium.run { browser in
            try await browser.listen()
            try await browser.connectElement(on: page)
            for state in ["", "token_expires_at = strftime('%s', 'now') + 600000"] {
                try await PageState(name: "asked twice", row: state, says: []).set(on: stage)
                try await browser.open("about:blank")
                try await browser.open(page)
                try await browser.elementSays("@acme_shop")
                let place = try await browser.inElement(
                    """
                    const button = [...root.querySelectorAll('button')].find(one => one.innerText === 'Disconnect')
                    const { x, y, width, height } = button.getBoundingClientRect()
                    return [x + width / 2, y + height / 2]
                    """)
                let point = try #require(place as? [Double])
                for count in [1, 2] {
                    for kind in ["mousePressed", "mouseReleased"] {
                        try await browser.developerTools(
                            "Input.dispatchMouseEvent",
                            ["type": kind, "x": point[0], "y": point[1], "button": "left", "clickCount": count])
                    }
                }
                try await browser.elementSays("@acme_shop")
                #expect(try await browser.heard() == [])
            }
            #expect(try stage.kept.users().map(\.state) == ["connected"])
        }
    }

    @Test("Somebody who is signed out elsewhere is not shown the account of the one before")
    func signedOut() async throws {
        try await Chromium.run { browser in
            try await browser.listen()
            try await browser.connectElement(on: page)
            _ = try await browser.run(
                """
                window.fetch = async () =>
                  new Response(JSON.stringify({ status: 'error', error: 'login_required' }), { status: 401 })
                document.dispatchEvent(new Event('visibilitychange'))
                """)
            try await browser.elementSays("Please sign in first.")
            #expect(try await browser.inElement("return root.firstChild.innerText.includes('acme')") as? Bool == false)
            #expect(try await browser.heard() == ["connected acme_shop", "error login_required"])
        }
    }

    @Test(
        "An address that the service does not take as a way back still connects, and ends on its path",
        arguments: ["?x=\(String(repeating: "y", count: 520))", "?q=100%", "?%72equest_id=1"])
    func oddAddress(query: String) async throws {
        try await Chromium.run { browser in
            try await browser.listen()
            try await browser.open(page + query)
            try await browser.connectElementHere()
            #expect(try await browser.url == page)
            #expect(try await browser.heard() == ["connected acme_shop"])
        }
    }

    @Test("Taken away while it asks for the way to Instagram, it takes nobody there")
    func takenAway() async throws {
        try await Chromium.run { browser in
            try await browser.listen()
            try await browser.open(page)
            try await browser.elementSays("Connect Instagram")
            _ = try await browser.run("sessionStorage.setItem('held', 'yes')")
            try await browser.pressInElement("Connect Instagram")
            _ = try await browser.run(
                "document.querySelector('instagram-connect').remove(); window.before = answered; release()")
            _ = try await eventually("the answer") {
                try await browser.run("return answered > before") as? Bool == true ? () : nil
            }
            // A navigation would have begun with the answer; the next task of the page is behind it.
            _ = try await browser.runAsync("setTimeout(arguments[0])")
            #expect(try await browser.url == page)
            #expect(try await browser.run("return typeof heard") as? String == "object")
        }
    }
}

extension Chromium {
    /// As `connectElement`, on the page that is open.
    fileprivate func connectElementHere() async throws {
        try await pressInElement("Connect Instagram")
        try await click("#allow")
        try await elementSays("@acme_shop")
    }
}
