// SPDX-License-Identifier: MIT
import Connect
import Foundation
import TestSupport
import Testing

/// The element beside what else there is on a page: its address, its other scripts, its policy, another element.
@Suite(.serialized, .stage)
struct ElementPageTests {
    private let stage = Stage.current!
    private var page: String { stage.origin + "/examples/plain/" }

    init() async throws {
        try await stage.standIn.reset()
    }

    private static let other = "That did not work"
    private static let sentences = [
        "access_denied": "not allowed", "account_in_use": "somebody else", "account_mismatch": "Another account",
        "account_not_eligible": "Business or Creator", "permission_missing": "permission is missing",
        "login_required": "sign in first", "provider_unavailable": "cannot be reached", "busy": "Busy",
        "invalid_state": "attempt is over", "too_many_requests": "Busy", "storage_unavailable": "Busy",
        "missing_code": other, "token_exchange_failed": other, "user_info_failed": other, "interrupted": other,
        "invalid_request": other, "forbidden": other, "not_found": other, "method_not_allowed": other,
        "payload_too_large": other, "internal_error": other,
    ]

    @Test("Each code of the address has its sentence and is told once, with the request's id; the address is clean")
    func everyCode() async throws {
        let met = Set(ErrorCode.allCases.map(\.publicCode)).subtracting([
            "unauthorized", "reconnect_required", "gone", "token_refused",
        ])
        #expect(met == Set(Self.sentences.keys))
        try await Chromium.run { browser in
            try await browser.listen()
            for (code, sentence) in Self.sentences.sorted(by: { $0.key < $1.key }) {
                try await browser.open(
                    "\(page)?for=\(code)&instagram_error=\(code)&request_id=ab-12_\(code)#instagram=failed")
                try await browser.elementSays(sentence)
                #expect(try await browser.heard() == ["error \(code) ab-12_\(code)"])
                #expect(try await browser.url == "\(page)?for=\(code)")
            }
        }
    }

    @Test("The rest of the address stays as it is byte for byte, and so does the history")
    func address() async throws {
        let addresses = [
            ("?a=%20+&&b&c=%2f&instagram_error=busy#/settings?tab=1", "?a=%20+&&b&c=%2f#/settings?tab=1"),
            ("?request_id=mine&instagram_error=busy&request_id=0#instagram=failed", "?request_id=mine"),
            ("?instagram_error=busy&instagram_permission=profile&request_id=0&z=%ff#top", "?z=%ff#top"),
            ("?instagram_error=busy&instagram_error=busy", ""),
            ("?my_instagram_error=1&request_id=2#/x", "?my_instagram_error=1&request_id=2#/x"),
        ]
        try await Chromium.run { browser in
            try await browser.listen()
            for (written, left) in addresses {
                try await browser.open(page + written)
                try await browser.elementSays("Connect Instagram")
                #expect(try await browser.url == page + left)
                #expect(try await browser.run("return JSON.stringify(history.state)") as? String == #"{"shop":[1]}"#)
                #expect(try await browser.run("return history.length === lengthBefore") as? Bool == true)
            }
        }
    }

    @Test("Two elements are one connection: both show it, each event comes once, and either ends it for both")
    func two() async throws {
        try await Chromium.run { browser in
            try await browser.listen()
            try await browser.connectElement(on: page)
            _ = try await browser.run(
                "document.querySelector('main').append(document.createElement('instagram-connect'))")
            let texts = """
                return [...document.querySelectorAll('instagram-connect')].map(one => one.shadowRoot.firstChild.innerText)
                """
            let both = try await browser.run(texts) as? [String] ?? []
            #expect(both.count == 2 && both[0] == both[1] && both[0].contains("@acme_shop"))
            try await browser.keep("element-two")
            // The question in both; the answer in one.
            _ = try await browser.run(
                "document.querySelectorAll('instagram-connect')[1].shadowRoot.querySelectorAll('button')[1].click()")
            try await browser.pressInElement("Disconnect")
            #expect(try await browser.heard() == ["connected acme_shop"])
            try await browser.pressInElement("Disconnect")
            try await browser.elementSays("Instagram is no longer connected here.")
            let after = try await browser.run(texts) as? [String] ?? []
            #expect(after.count == 2 && after[0] == after[1])
            #expect(try await browser.heard() == ["connected acme_shop", "disconnected"])
            #expect(
                try await browser.run("return document.querySelector('instagram-connect').status.webhooks") as? String
                    == "unsubscribed")
        }
    }

    @Test("Taken away while its answer is on the way: no event and no fault; put back, it reads anew")
    func removed() async throws {
        try await Chromium.run { browser in
            try await browser.listen()
            try await browser.openBlank(stage, elements: 0)
            _ = try await browser.run(
                """
                sessionStorage.setItem('held', 'yes')
                window.one = document.createElement('instagram-connect')
                document.body.append(one)
                one.remove()
                release()
                """)
            _ = try await eventually("the answer") {
                try await browser.run("return answered") as? Int == 1 ? () : nil
            }
            #expect(try await browser.run("return one.status") is NSNull?)
            #expect(try await browser.heard() == [])
            _ = try await browser.run("document.body.append(one)")
            try await browser.elementSays("Connect Instagram")
            #expect(try await browser.heard() == [])
        }
    }

    @Test(
        "Loaded after its elements, twice, as a module, and where types are to be trusted: it defines one element once")
    func loading() async throws {
        try await Chromium.run { browser in
            try await browser.listen()
            try await browser.openBlank(stage)
            try await browser.load()
            try await browser.elementSays("Connect Instagram")
            try await browser.open("about:blank")
            try await browser.openBlank(stage, elements: 0)
            _ = try await browser.run(
                """
                const policy = document.createElement('meta')
                policy.httpEquiv = 'Content-Security-Policy'
                policy.content = "require-trusted-types-for 'script'"
                document.head.append(policy)
                try { document.body.innerHTML = '<p>' } catch (error) { document.title = error.name }
                """)
            _ = try await browser.runAsync("import('/auth/instagram/connect.js').then(arguments[0])")
            #expect(try await browser.run("return document.title") as? String == "TypeError", "the policy is in force")
            _ = try await browser.run("document.body.append(document.createElement('instagram-connect'))")
            try await browser.elementSays("Connect Instagram")
            try await browser.pressInElement("Connect Instagram")
            try await browser.arrive(at: stage.standIn.url)
            try await browser.open(page)
            _ = try await browser.runAsync("import('/auth/instagram/connect.js').then(arguments[0])")
            try await browser.elementSays("Connect Instagram")
            #expect(try await browser.heard() == [])
        }
    }

    @Test("A round trip under a strict policy breaks none of it, and ends where return-to says")
    func policyAndReturn() async throws {
        try await Chromium.run { browser in
            try await browser.listen()
            try await browser.open(page)
            _ = try await browser.run(
                "document.querySelector('instagram-connect').setAttribute('return-to', arguments[0])",
                ["/examples/plain/index.html?a=1&b=%20c"])
            try await browser.pressInElement("Connect Instagram")
            #expect(try await browser.heard() == [])
            try await browser.click("#allow")
            try await browser.elementSays("@acme_shop")
            #expect(try await browser.url == page + "index.html?a=1&b=%20c")
            try await browser.pressInElement("Disconnect")
            try await browser.pressInElement("Disconnect")
            try await browser.elementSays("Instagram is no longer connected here.")
            #expect(try await browser.heard() == ["connected acme_shop", "disconnected"])
            #expect(try await browser.console() == [])
        }
    }
}
