// SPDX-License-Identifier: MIT
import TestSupport

/// Looking into the element's shadow tree, which selectors do not reach.
extension Chromium {
    /// Runs a script that knows `root`, the shadow root of the first element.
    func inElement(_ script: String, _ arguments: [Any] = []) async throws -> Any? {
        try await run(
            "const root = document.querySelector('instagram-connect')?.shadowRoot; if (!root) return null; " + script,
            arguments)
    }

    /// Waits until its visible text holds this, and it waits for nothing itself.
    func elementSays(_ text: String) async throws {
        _ = try await eventually(text) {
            try await inElement(
                """
                return root.firstElementChild.innerText.includes(arguments[0]) &&
                  !root.querySelector('[aria-disabled=true]:not([hidden])')
                """, [text]) as? Bool ?? false ? () : nil
        }
    }

    /// Puts the focus on the button with this label and presses Enter, as somebody without a mouse does.
    func pressInElement(_ label: String) async throws {
        try await elementSays(label)
        let found = try await inElement(
            """
            const found = [...root.querySelectorAll('button')].find(each => !each.hidden && each.innerText === arguments[0])
            found?.focus()
            return root.activeElement === found
            """, [label])
        guard found as? Bool == true else { throw Missing(label) }
        try await type(Self.enter)
    }

    func focusInElement() async throws -> String {
        try await inElement("return root.activeElement?.innerText ?? ''") as? String ?? ""
    }

    /// What the page of the plain example has heard.
    func activity() async throws -> [String] {
        try await run("return [...document.querySelectorAll('#activity li')].map(line => line.innerText)") as? [String]
            ?? []
    }
}
