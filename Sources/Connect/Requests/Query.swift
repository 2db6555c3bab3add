// SPDX-License-Identifier: MIT
import Instagram

/// A query string, parsed strictly: escapes are whole, text is UTF-8 without control characters, and no parameter of
/// ours comes twice (RFC 6749, section 3.1). Parameters that nobody knows are ignored, as section 4.1.2 says.
struct Query {
    static let maximumBytes = 4096
    private var values: [String: String] = [:]

    init(
        _ text: String, knowing names: Set<String>, maximumBytes: Int = maximumBytes
    ) throws(ErrorCode) {
        guard text.utf8.count <= maximumBytes else { throw .invalidRequest }
        guard text.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) else { throw .invalidRequest }
        for pair in text.utf8.split(separator: UInt8(ascii: "&")) {
            let equals = pair.firstIndex(of: UInt8(ascii: "="))
            let name = try Self.decode(pair[..<(equals ?? pair.endIndex)])
            let value = try equals.map { index throws(ErrorCode) in try Self.decode(pair[pair.index(after: index)...]) }
            guard names.contains(name) else { continue }
            guard values.updateValue(value ?? "", forKey: name) == nil else { throw .invalidRequest }
        }
    }

    subscript(_ name: String) -> String? { values[name] }

    private static func decode(_ text: Substring.UTF8View) throws(ErrorCode) -> String {
        guard let bytes = PercentEncoding.decode(text, plusIsSpace: true),
            let decoded = String(validating: bytes, as: UTF8.self),
            bytes.allSatisfy({ $0 >= 0x20 && $0 != 0x7f })
        else { throw .invalidRequest }
        return decoded
    }
}
