// SPDX-License-Identifier: MIT

/// The strict shape of a URL that may be called. libcurl parses it again; what two parsers could read differently
/// (user names, backslashes, blanks, fragments) is refused here, before any name is looked up.
enum Address {
    /// `https://host[:port][/path]`; `http` only on a loopback host, and only where `allowsPlainHTTP` says so.
    static func isAllowed(_ url: String, allowsPlainHTTP: Bool) -> Bool {
        let bytes = Array(url.utf8)
        if bytes.starts(with: "https://".utf8) {
            return host(ofRest: bytes.dropFirst(8)) != nil
        }
        guard allowsPlainHTTP, bytes.starts(with: "http://".utf8) else { return false }
        return host(ofRest: bytes.dropFirst(7)).map(isLoopback) ?? false
    }

    /// The host of what follows `scheme://`, or nil when anything of it is not in order.
    private static func host(ofRest rest: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        let authority = rest.prefix { $0 != UInt8(ascii: "/") }
        guard rest[authority.endIndex...].allSatisfy(isPathByte) else { return nil }
        let host: ArraySlice<UInt8>
        if authority.first == UInt8(ascii: "[") {
            guard let end = authority.firstIndex(of: UInt8(ascii: "]")) else { return nil }
            host = authority[...end]
            let inside = host.dropFirst().dropLast()
            guard !inside.isEmpty, inside.allSatisfy({ isHex($0) || $0 == UInt8(ascii: ":") }) else { return nil }
        } else {
            host = authority.prefix { $0 != UInt8(ascii: ":") }
            guard !host.isEmpty, host.allSatisfy(isNameByte) else { return nil }
        }
        return isPort(authority[host.endIndex...]) ? host : nil
    }

    /// Names and notations that no resolver can turn into anything else; `2130706433` and `127.1` are not among them.
    private static func isLoopback(_ host: ArraySlice<UInt8>) -> Bool {
        if host.elementsEqual("localhost".utf8) || host.elementsEqual("[::1]".utf8) { return true }
        let parts = host.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 4, parts[0].elementsEqual("127".utf8) else { return false }
        return parts.allSatisfy { part in
            guard 1...3 ~= part.count, part.allSatisfy(isDigit), part.count == 1 || part.first != UInt8(ascii: "0")
            else { return false }
            return number(part) <= 255
        }
    }

    /// Nothing, or a colon and 1 to 65535.
    private static func isPort(_ port: ArraySlice<UInt8>) -> Bool {
        guard port.first == UInt8(ascii: ":") else { return port.isEmpty }
        let digits = port.dropFirst()
        return 1...5 ~= digits.count && digits.allSatisfy(isDigit) && 1...65_535 ~= number(digits)
    }

    private static func number(_ digits: ArraySlice<UInt8>) -> Int {
        digits.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte }
    private static func isLetter(_ byte: UInt8) -> Bool { UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte | 0x20 }
    private static func isHex(_ byte: UInt8) -> Bool {
        isDigit(byte) || UInt8(ascii: "a")...UInt8(ascii: "f") ~= byte | 0x20
    }
    private static func isNameByte(_ byte: UInt8) -> Bool {
        isLetter(byte) || isDigit(byte) || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".")
    }
    /// RFC 3986, unreserved, and what Instagram's paths need.
    private static func isPathByte(_ byte: UInt8) -> Bool {
        isNameByte(byte) || "/_~%:".utf8.contains(byte)
    }
}
