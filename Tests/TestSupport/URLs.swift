// SPDX-License-Identifier: MIT

/// Where a browser goes from `https://shop.example` with a `Location`, or elsewhere where it is in doubt: the part of the WHATWG URL parser that matters
/// here (url.spec.whatwg.org, "basic URL parser"), written from the states relative, relative slash, authority, path.
package enum URLs {
    package static let origin = "https://shop.example"

    private static func cleaned(_ location: String) -> [Character] {
        // Leading and trailing C0 control or space go; tab and newline go wherever they are.
        var scalars = Array(location.unicodeScalars)
        while let first = scalars.first, first.value <= 0x20 { scalars.removeFirst() }
        while let last = scalars.last, last.value <= 0x20 { scalars.removeLast() }
        return scalars.filter { $0 != "\t" && $0 != "\n" && $0 != "\r" }.map(Character.init)
    }

    /// The origin, or another text that is none of ours.
    package static func origin(of location: String) -> String {
        let text = cleaned(location)
        if let colon = text.firstIndex(of: ":"), text.first?.isLetter == true,
            text[..<colon].allSatisfy({ $0.isLetter || $0.isNumber || "+-.".contains($0) })
        {
            return "scheme " + String(text[..<colon])
        }
        guard let first = text.first, first == "/" || first == "\\" else { return origin }
        guard text.count > 1, text[1] == "/" || text[1] == "\\" else { return origin }
        let authority = text.dropFirst(2).drop { $0 == "/" || $0 == "\\" }.prefix { !"/\\?#".contains($0) }
        return "https://" + String(authority.split(separator: "@").last ?? [])
    }

    /// The path with dot segments gone, as the browser asks for it.
    package static func path(of location: String) -> Substring {
        let path = cleaned(location).prefix { $0 != "?" && $0 != "#" }.map { $0 == "\\" ? "/" : $0 }
        var segments: [String] = []
        let parts = path.dropFirst().split(separator: "/", omittingEmptySubsequences: false).map { String($0) }
        for (index, part) in parts.enumerated() {
            let isLast = index == parts.count - 1
            switch part.lowercased().replacing("%2e", with: ".") {
            case ".": if isLast { segments.append("") }
            case "..":
                _ = segments.popLast()
                if isLast { segments.append("") }
            default: segments.append(part)
            }
        }
        return Substring("/" + segments.joined(separator: "/"))
    }
}
