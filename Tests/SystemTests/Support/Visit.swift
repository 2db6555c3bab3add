// SPDX-License-Identifier: MIT

/// What a navigation led to, with every step on the way.
struct Visit: Sendable {
    struct Step: Sendable {
        let method: String
        let url: WebURL
        /// As it was sent.
        let fetchSite: String
        let cookies: String?
        let response: Response
    }

    var steps: [Step] = []
    /// Where the address bar is: of the last answer, or, if the navigation was held, of the step that was not taken.
    var url: WebURL
    /// The navigation was held before this step; `Browser.go` takes it.
    var isHeld = false

    /// The last answer; status 0 where nothing was asked yet.
    var response: Response { steps.last?.response ?? Response(status: 0, headers: [], body: []) }
    var status: Int { response.status }
    var text: String { response.text }
    /// The code that a failed connection shows.
    var instagramError: String? { url.parameter("instagram_error") }

    func steps(to path: String) -> [Step] { steps.filter { $0.url.path == path } }
}

/// A form of a page, as far as ours and the stand-in's have any.
struct Form: Sendable {
    let action: String
    var fields: [(name: String, value: String)]

    /// The form around the button of that id, with the fields that would be sent: hidden ones, those that are checked,
    /// and the button itself. `choosing` replaces the value of a field, or takes all of its values out.
    init?(button id: String, in html: String, choosing: [String: [String]] = [:]) {
        let forms = html.matches(of: /<form\b([^>]*)>(.*?)<\/form>/.dotMatchesNewlines())
        guard
            let form = forms.first(where: { $0.2.contains("id=\"\(id)\"") }),
            let action = Self.attribute("action", form.1)
        else { return nil }
        self.action = action
        fields = []
        for tag in form.2.matches(of: /<(input|button)\b([^>]*)>/) {
            guard let name = Self.attribute("name", tag.2), let value = Self.attribute("value", tag.2) else { continue }
            let isSent =
                switch (tag.1, Self.attribute("type", tag.2)) {
                case ("button", _): Self.attribute("id", tag.2) == id
                case (_, "radio"), (_, "checkbox"): tag.2.contains(" checked")
                default: true
                }
            if isSent, choosing[name] == nil { fields.append((name, value)) }
        }
        for (name, values) in choosing { fields += values.map { (name, $0) } }
    }

    /// `application/x-www-form-urlencoded`.
    var body: String {
        fields.map { "\(Self.encoded($0.name))=\(Self.encoded($0.value))" }.joined(separator: "&")
    }

    private static func attribute(_ name: String, _ tag: Substring) -> String? {
        guard let range = tag.firstRange(of: " \(name)=\"") else { return nil }
        return String(tag[range.upperBound...].prefix { $0 != "\"" })
            .replacing("&lt;", with: "<").replacing("&gt;", with: ">").replacing("&quot;", with: "\"")
            .replacing("&#39;", with: "'").replacing("&amp;", with: "&")
    }

    private static func encoded(_ text: String) -> String {
        text.utf8.map { byte in
            let character = Character(UnicodeScalar(byte))
            return character.isASCII && (character.isLetter || character.isNumber || "-._~".contains(character))
                ? String(character) : "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
        }.joined()
    }
}
