// SPDX-License-Identifier: MIT
import Foundation

/// What a page hears of the element, noted from before the first script of its own.
extension Chromium {
    /// From now on each document takes notes; and while the tab's storage says `held`, its requests wait.
    func listen() async throws {
        try await developerTools(
            "Page.addScriptToEvaluateOnNewDocument",
            [
                "source": """
                if (location.protocol === 'http:') {
                  window.heard = []
                  window.answered = 0
                  window.lengthBefore = history.length
                  history.replaceState({ shop: [1] }, '')
                  for (const name of ['connected', 'disconnected', 'error']) {
                    addEventListener('instagram-' + name, ({ detail }) => heard.push([
                      name, detail.instagram_username, detail.code, detail.requestId].filter(Boolean).join(' ')))
                  }
                  addEventListener('securitypolicyviolation', event => heard.push(event.violatedDirective))
                  addEventListener('error', event => heard.push(event.message))
                  addEventListener('unhandledrejection', event => heard.push(String(event.reason)))
                  addEventListener('pageshow', event => { window.isRestored = event.persisted })
                  const waiting = [], send = fetch
                  window.release = () => {
                    sessionStorage.removeItem('held')
                    for (const go of waiting.splice(0)) go()
                  }
                  window.fetch = async (...words) => {
                    if (sessionStorage.getItem('held')) await new Promise(go => waiting.push(go))
                    try { return await send(...words) } finally { window.answered++ }
                  }
                }
                """
            ])
    }

    func heard() async throws -> [String] { try await run("return window.heard") as? [String] ?? [] }

    /// Waits until that many events have been heard, and gives all back.
    func heard(atLeast count: Int) async throws -> [String] {
        try await eventually("\(count) events") {
            let heard = try await heard()
            return heard.count >= count ? heard : nil
        }
    }

    /// A page of the site that has no script, no policy and no language; then its elements, then the script.
    func openBlank(_ stage: Stage, elements: Int = 1) async throws {
        try await open(stage.origin + "/examples/plain/shop.css")
        _ = try await run(
            """
            document.body.replaceChildren()
            for (let i = 0; i < arguments[0]; i++) document.body.append(document.createElement('instagram-connect'))
            """, [elements])
        try await load()
    }

    func load() async throws {
        _ = try await runAsync(
            """
            const script = document.createElement('script')
            script.src = '/auth/instagram/connect.js'
            script.onload = () => arguments[0]()
            document.head.append(script)
            """)
    }

    /// Connects on the plain example as the account that Instagram's page proposes.
    func connectElement(on page: String) async throws {
        try await open(page)
        try await pressInElement("Connect Instagram")
        try await click("#allow")
        try await elementSays("@acme_shop")
    }
}
