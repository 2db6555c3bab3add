// SPDX-License-Identifier: MIT

/// A URL as far as a browser's rules need it. Nothing is normalised: what a server wrote is what is asked for.
struct WebURL: Equatable, Sendable, CustomStringConvertible {
    let scheme: String
    let host: String
    let port: Int
    /// Path and query; begins with `/`.
    let target: String
    var fragment: String?

    init?(_ text: String) {
        guard let colon = text.range(of: "://") else { return nil }
        scheme = String(text[..<colon.lowerBound])
        let (whole, fragment) = Self.split(text[colon.upperBound...], at: "#")
        self.fragment = fragment
        let authority = whole.prefix { $0 != "/" && $0 != "?" }
        let rest = whole[authority.endIndex...]
        target = rest.hasPrefix("/") ? String(rest) : "/" + rest
        let names = authority.split(separator: ":", maxSplits: 1)
        guard let host = names.first else { return nil }
        self.host = String(host)
        port = names.count > 1 ? Int(names[1]) ?? 0 : scheme == "https" ? 443 : 80
    }

    /// A reference inside this document: absolute, or a path, which is all that we and the stand-in write.
    func resolving(_ reference: String) -> WebURL? {
        reference.hasPrefix("/") ? WebURL(origin + reference) : WebURL(reference)
    }

    var origin: String { "\(scheme)://\(host):\(port)" }
    /// Without the fragment, which is never sent.
    var request: String { origin + target }
    var path: String { String(target.prefix { $0 != "?" }) }
    var query: String { Self.split(target[...], at: "?").1 ?? "" }
    var description: String { request + (fragment.map { "#" + $0 } ?? "") }

    /// The value of a query parameter as it is written; nothing that tests look for is escaped.
    func parameter(_ name: String) -> String? {
        query.split(separator: "&").first { $0.hasPrefix(name + "=") }.map { String($0.dropFirst(name.count + 1)) }
    }

    /// The same where a test cannot go on without it.
    func value(of name: String) throws -> String {
        guard let value = parameter(name) else { throw Missing("\(name) in \(self)") }
        return value
    }

    /// Scheme and host: names and addresses of the loopback have no registrable domain above them, and ports do not
    /// count (HTML, "schemelessly same site").
    func isSameSite(as other: WebURL) -> Bool { scheme == other.scheme && host == other.host }

    private static func split(_ text: Substring, at mark: Character) -> (Substring, String?) {
        guard let index = text.firstIndex(of: mark) else { return (text, nil) }
        return (text[..<index], String(text[text.index(after: index)...]))
    }
}

extension String {
    fileprivate func range(of text: String) -> Range<Index>? { firstRange(of: text) }
}
