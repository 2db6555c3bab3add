// SPDX-License-Identifier: MIT

/// A `Cookie` field (RFC 6265bis, section 5.8.3): names are compared byte for byte, values are taken as they stand.
/// No quoting, no trimming of anything but the one blank that separates pairs, no `$Version`.
struct CookieHeader {
    /// In the order of the field.
    private(set) var pairs: [(name: Substring.UTF8View, value: Substring.UTF8View)] = []

    init(_ field: String?) {
        guard let field else { return }
        for part in field.utf8.split(separator: UInt8(ascii: ";")) {
            let pair = part.first == UInt8(ascii: " ") ? part.dropFirst() : part
            guard let equals = pair.firstIndex(of: UInt8(ascii: "=")) else { continue }
            pairs.append((pair[..<equals], pair[pair.index(after: equals)...]))
        }
    }

    /// The value of a cookie of ours. Two of one name are refused: one of them was planted, and nothing says which.
    func value(_ name: String) -> Substring.UTF8View? {
        let found = pairs.filter { $0.name.elementsEqual(name.utf8) }
        return found.count == 1 ? found[0].value : nil
    }
}
