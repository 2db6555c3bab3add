// SPDX-License-Identifier: MIT
import Instagram

/// Where a visitor ends: a path on our own origin, or on one that the operator allows, that no browser can read as
/// another place.
///
/// An origin is one of the list byte for byte, and the path or the end comes right behind it. Of the path: one `/` first
/// and never two in a row; no backslash (browsers read it as `/`), no dot segments, visible ASCII only, and all of that
/// again after the escapes are undone once. No fragment: the answer puts its own there.
package struct ReturnTo: Sendable, Equatable {
    package static let maximumBytes = 512
    /// nil: our own.
    package let origin: String?
    /// From its first slash, with the query.
    package let path: String

    /// - Parameters:
    ///   - origins: Those that may stand before the path, as browsers write them (RFC 6454, section 6.2).
    ///   - own: Ours, if it may stand there too. It is left away.
    package init(_ text: String, origins: [String] = [], own: String? = nil) throws(ErrorCode) {
        guard text.utf8.count <= Self.maximumBytes else { throw .invalidRequest }
        // What follows an origin other than a slash would make it another one: a port, a user, a longer name.
        let origin = (origins + (own.map { [$0] } ?? [])).first {
            text.utf8.starts(with: $0.utf8)
                && [nil, UInt8(ascii: "/")].contains(text.utf8.dropFirst($0.utf8.count).first)
        }
        let bytes = origin.map { Array(text.utf8.dropFirst($0.utf8.count)) } ?? Array(text.utf8)
        self.origin = origin == own ? nil : origin
        path = origin != nil && bytes.isEmpty ? "/" : String(decoding: bytes, as: UTF8.self)
        try Self.check(Array(path.utf8))
    }

    private static func check(_ bytes: [UInt8]) throws(ErrorCode) {
        let path = bytes.prefix { $0 != UInt8(ascii: "?") }
        guard bytes.first == UInt8(ascii: "/"),
            bytes.allSatisfy({ (0x21...0x7e).contains($0) && $0 != UInt8(ascii: "#") }),
            let decoded = PercentEncoding.decode(bytes), hasNothingOdd(bytes), hasNothingOdd(decoded),
            let decodedPath = PercentEncoding.decode(path), isPlain(path), isPlain(decodedPath),
            !namesOurs(bytes.dropFirst(path.count + 1))
        else { throw .invalidRequest }
    }

    /// A route of ours, which needs no checks.
    package init(endpoint: Endpoint) {
        (origin, path) = (nil, endpoint.rawValue)
    }

    private init(origin: String?, path: String) {
        self.origin = origin
        self.path = path
    }

    /// As parameters and cookies carry it.
    package var text: String { (origin ?? "") + path }

    /// - Parameter own: Our own origin.
    func url(own: String) -> String { (origin ?? own) + path }

    private static func hasNothingOdd(_ bytes: [UInt8]) -> Bool {
        bytes.allSatisfy { $0 >= 0x20 && $0 != 0x7f && $0 != UInt8(ascii: "\\") }
    }

    /// A path that stays the same when a browser normalises it.
    private static func isPlain(_ path: some Sequence<UInt8>) -> Bool {
        let segments = Array(path).dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        return segments.enumerated().allSatisfy { index, segment in
            // An empty last segment is a trailing slash; any other is `//`.
            if segment.isEmpty { return index == segments.count - 1 }
            return !segment.elementsEqual(".".utf8) && !segment.elementsEqual("..".utf8)
                && !segment.contains(UInt8(ascii: "#"))
        }
    }

    private static let ours = ["instagram", "instagram_error", "instagram_permission", "request_id"]

    /// The answer to a failure adds these; given twice they would contradict each other.
    private static func namesOurs(_ query: ArraySlice<UInt8>) -> Bool {
        query.split(separator: UInt8(ascii: "&")).contains { pair in
            let name = PercentEncoding.decode(pair.prefix { $0 != UInt8(ascii: "=") }) ?? []
            return ours.contains { name.elementsEqual($0.utf8) }
        }
    }

    /// The same place with one more query parameter.
    func adding(_ name: String, _ value: String) -> ReturnTo {
        let mark = path.utf8.contains(UInt8(ascii: "?")) ? "&" : "?"
        return ReturnTo(origin: origin, path: path + mark + name + "=" + PercentEncoding.encode(value))
    }
}
