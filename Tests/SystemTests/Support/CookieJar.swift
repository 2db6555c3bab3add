// SPDX-License-Identifier: MIT

/// Cookies by the rules of RFC 6265bis, as far as ours need them: host only, Max-Age, Path, Secure, `__Host-`, Lax.
struct CookieJar: Sendable {
    struct Cookie: Equatable, Sendable {
        let name: String
        let value: String
        let host: String
        let path: String
        let isHTTPOnly: Bool
        let sameSite: String?
        let expires: ContinuousClock.Instant?
        /// Cookies are sent in the order of their first setting.
        let number: Int
    }

    private(set) var cookies: [Cookie] = []
    /// `Set-Cookie` lines that a browser would not have taken.
    private(set) var refused: [String] = []
    private var next = 0

    subscript(name: String) -> Cookie? { cookies.first { $0.name == name } }

    func named(prefix: String) -> [Cookie] { cookies.filter { $0.name.hasPrefix(prefix) } }

    mutating func remove(_ name: String) { cookies.removeAll { $0.name == name } }

    mutating func removeAll() { cookies = [] }

    /// Stores a `Set-Cookie` line, or ends the cookie that it names.
    mutating func store(_ line: String, from url: WebURL) {
        let parts = line.split(separator: ";").map { $0.drop { $0 == " " } }
        guard let pair = parts.first, let equals = pair.firstIndex(of: "=") else { return refused.append(line) }
        let name = String(pair[..<equals])
        let value = String(pair[pair.index(after: equals)...])
        var attributes: [String: String] = [:]
        for part in parts.dropFirst() {
            let halves = part.split(separator: "=", maxSplits: 1).map(String.init)
            attributes[halves[0].lowercased()] = halves.count > 1 ? halves[1] : ""
        }
        let isSecure = attributes["secure"] != nil
        let path = attributes["path"] ?? "/"
        // Section 5.7: Secure needs a trustworthy origin (a loopback is one), `__Host-` is Secure, of "/" and of no
        // domain; names and values of more than 4,096 bytes are dropped. No cookie of ours has a Domain at all.
        guard !isSecure || url.scheme == "https" || url.isLoopback, attributes["domain"] == nil,
            !name.hasPrefix("__Host-") || (isSecure && attributes["path"] == "/"),
            name.utf8.count + value.utf8.count <= 4_096
        else { return refused.append(line) }

        let lifetime = attributes["max-age"].flatMap { Int($0) }
        let older = cookies.firstIndex { $0.name == name && $0.host == url.host && $0.path == path }
        let number = older.map { cookies.remove(at: $0).number } ?? next
        guard lifetime ?? 1 > 0 else { return }
        next += 1
        cookies.append(
            Cookie(
                name: name, value: value, host: url.host, path: path, isHTTPOnly: attributes["httponly"] != nil,
                sameSite: attributes["samesite"], expires: lifetime.map { .now + .seconds($0) }, number: number))
    }

    /// The `Cookie` field of a request; nil where there is nothing to send.
    ///
    /// - Parameter isLaxAllowed: Same-site, or a top-level navigation by a safe method (section 5.6.7.1).
    func field(for url: WebURL, isLaxAllowed: Bool) -> String? {
        let sent = cookies.filter { cookie in
            cookie.host == url.host && url.path.hasPrefix(cookie.path) && (cookie.expires.map { $0 > .now } ?? true)
                && isLaxAllowed
        }
        guard !sent.isEmpty else { return nil }
        return sent.sorted { $0.number < $1.number }.map { "\($0.name)=\($0.value)" }.joined(separator: "; ")
    }
}

extension WebURL {
    fileprivate var isLoopback: Bool { host == "localhost" || host.hasPrefix("127.") }
}
