// SPDX-License-Identifier: MIT

/// Scheme, host and port of a URL (RFC 6454, section 4), read strictly: no user, no odd host.
struct HTTPOrigin: Equatable, CustomStringConvertible {
    let scheme: String
    let host: String
    let port: Int?

    var description: String { "\(scheme)://\(host)" + (port.map { ":\($0)" } ?? "") }
    /// Names below `localhost` too (RFC 6761, section 6.3): browsers take them for loopback without asking a resolver.
    var isLoopback: Bool {
        host == "localhost" || host.hasSuffix(".localhost") || host == "[::1]"
            || (host.hasPrefix("127.") && host.split(separator: ".", omittingEmptySubsequences: false).count == 4
                && host.utf8.allSatisfy { $0 == UInt8(ascii: ".") || (0x30...0x39).contains($0) })
    }

    /// Splits a URL into its origin and the rest, which is empty or begins with `/`.
    static func split(_ url: String) -> (origin: HTTPOrigin, path: String)? {
        let scheme: String
        if url.hasPrefix("https://") {
            scheme = "https"
        } else if url.hasPrefix("http://") {
            scheme = "http"
        } else {
            return nil
        }
        guard url.utf8.allSatisfy({ (0x21...0x7e).contains($0) && $0 != UInt8(ascii: "\\") }) else { return nil }
        let rest = url.dropFirst(scheme.count + 3)
        let end = rest.firstIndex { $0 == "/" || $0 == "?" || $0 == "#" } ?? rest.endIndex
        let path = rest[end...]
        guard path.isEmpty || path.first == "/" else { return nil }
        var authority = rest[..<end]
        var port: Int?
        if let colon = authority.lastIndex(of: ":"), !authority.hasSuffix("]") {
            guard let number = Int(authority[authority.index(after: colon)...]), (1...65_535).contains(number) else {
                return nil
            }
            let isDefault = number == (scheme == "https" ? 443 : 80)
            port = isDefault ? nil : number
            authority = authority[..<colon]
        }
        let host = authority.lowercased()
        let isName = host.utf8.allSatisfy {
            (0x61...0x7a).contains($0) || (0x30...0x39).contains($0) || $0 == UInt8(ascii: ".")
                || $0 == UInt8(ascii: "-")
        }
        guard !host.isEmpty, isName || host == "[::1]" else { return nil }
        return (HTTPOrigin(scheme: scheme, host: host, port: port), String(path))
    }

    /// The name itself or one below it.
    func isBelow(_ name: String) -> Bool {
        host == name || host.hasSuffix("." + name)
    }
}
