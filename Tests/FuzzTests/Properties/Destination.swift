// SPDX-License-Identifier: MIT

/// Where a browser on a page of ours goes with a `Location` field: the URL standard's basic parser (4.4), as far as it
/// decides about origin and path.
struct Destination {
    static let origin = "https://shop.example"
    /// Of the page that redirects.
    private static let base = Array("/auth/instagram/callback".utf8)

    /// `https://shop.example` in one spelling; of any other origin, a text that is not that one.
    private(set) var origin = Self.origin
    /// Without dot segments.
    private(set) var path: [UInt8] = []

    /// nil: no URL at all.
    init?(of location: String) {
        // C0 controls and blanks go at both ends, tabs and line ends everywhere.
        let inner = location.utf8.drop { $0 <= 0x20 }.reversed().drop { $0 <= 0x20 }.reversed()
        var rest = inner.filter { $0 != 0x09 && $0 != 0x0a && $0 != 0x0d }[...]
        let scheme = Self.scheme(of: rest)
        if let scheme {
            rest = rest.dropFirst(scheme.utf8.count + 1)
            guard ["http", "https", "ws", "wss", "ftp", "file"].contains(scheme) else {
                origin = scheme + ":"
                return
            }
        }
        // Of our own scheme, or of none, only two slashes begin a host; after any other scheme there is one in any case.
        if (scheme ?? "https") == "https", rest.prefix(while: Self.isSlash).count < 2 {
            if rest.first.map(Self.isSlash) ?? false {
                path = Self.normalised(rest)
            } else if rest.first.map(Self.endsPath) ?? true {
                path = Self.base
            } else {
                path = Self.normalised(Self.base + Array("/../".utf8) + rest)
            }
            return
        }
        rest = rest.drop(while: Self.isSlash)
        let authority = rest.prefix { !Self.isSlash($0) && !Self.endsPath($0) }
        rest = rest.dropFirst(authority.count)
        let host = authority.lastIndex(of: UInt8(ascii: "@")).map { authority[($0 + 1)...] } ?? authority
        guard !host.isEmpty else { return nil }
        var name = String(decoding: host, as: UTF8.self).lowercased()
        if name.hasSuffix(":443"), scheme ?? "https" == "https" { name.removeLast(4) }
        origin = "\(scheme ?? "https")://\(name)"
        path = Self.normalised(rest)
    }

    private static func isSlash(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "/") || byte == UInt8(ascii: "\\") }
    private static func endsPath(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "?") || byte == UInt8(ascii: "#") }

    private static func scheme(of text: ArraySlice<UInt8>) -> String? {
        guard let colon = text.firstIndex(of: UInt8(ascii: ":")) else { return nil }
        let name = String(decoding: text[..<colon], as: UTF8.self).lowercased()
        guard let first = name.utf8.first, (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(first),
            name.utf8.allSatisfy({ (0x61...0x7a).contains($0) || (0x30...0x39).contains($0) || "+-.".utf8.contains($0) }
            )
        else { return nil }
        return name
    }

    private static func normalised(_ text: some Collection<UInt8>) -> [UInt8] {
        let path = text.prefix { !endsPath($0) }.map { isSlash($0) ? UInt8(ascii: "/") : $0 }
        let segments = path.dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        var kept: [ArraySlice<UInt8>] = []
        for (index, segment) in segments.enumerated() {
            let isLast = index == segments.count - 1
            switch String(decoding: segment, as: UTF8.self).lowercased().replacing("%2e", with: ".") {
            case ".": if isLast { kept.append([]) }
            case "..":
                _ = kept.popLast()
                if isLast { kept.append([]) }
            default: kept.append(segment)
            }
        }
        return [UInt8(ascii: "/")] + kept.joined(separator: [UInt8(ascii: "/")])
    }
}
