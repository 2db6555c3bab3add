// SPDX-License-Identifier: MIT
import Instagram

/// Where a visitor ends: a path on our own origin that no browser can read as another place.
///
/// One `/` first and never two in a row; no backslash (browsers read it as `/`), no dot segments, visible ASCII only,
/// and all of that again after the escapes are undone once. No fragment: the answer puts its own there.
package struct ReturnTo: Sendable, Equatable {
    package static let maximumBytes = 512
    package let path: String

    package init(_ text: String) throws(ErrorCode) {
        let bytes = Array(text.utf8)
        let path = bytes.prefix { $0 != UInt8(ascii: "?") }
        guard bytes.count <= Self.maximumBytes, bytes.first == UInt8(ascii: "/"),
            bytes.allSatisfy({ (0x21...0x7e).contains($0) && $0 != UInt8(ascii: "#") }),
            let decoded = PercentEncoding.decode(bytes), Self.hasNothingOdd(bytes), Self.hasNothingOdd(decoded),
            let decodedPath = PercentEncoding.decode(path), Self.isPlain(path), Self.isPlain(decodedPath),
            !Self.namesOurs(bytes.dropFirst(path.count + 1))
        else { throw .invalidRequest }
        self.path = text
    }

    /// A route of ours, which needs no checks.
    package init(endpoint: Endpoint) {
        path = endpoint.rawValue
    }

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

    /// The path with one more query parameter.
    func adding(_ name: String, _ value: String) -> String {
        path + (path.utf8.contains(UInt8(ascii: "?")) ? "&" : "?") + name + "=" + PercentEncoding.encode(value)
    }
}
