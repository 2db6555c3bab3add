// SPDX-License-Identifier: MIT

/// Names and values of a query or a form, in their order.
struct Parameters: Sendable {
    private(set) var list: [(name: String, value: String)] = []

    /// `a=1&b=2`, as in a query and in `application/x-www-form-urlencoded`.
    init(encoded text: some Sequence<UInt8>) {
        for pair in Array(text).split(separator: UInt8(ascii: "&")) {
            let halves = pair.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            append(PercentCoding.decode(halves[0]), halves.count > 1 ? PercentCoding.decode(halves[1]) : "")
        }
    }

    /// `multipart/form-data` (RFC 7578), which Meta's own examples send. Files are taken for text.
    init(multipart body: [UInt8], boundary: String) {
        let parts = (Array("\r\n".utf8) + body).split(separator: Array("\r\n--\(boundary)".utf8))
        for part in parts where part.starts(with: "\r\n".utf8) {
            guard let end = part.firstRange(of: Array("\r\n\r\n".utf8)) else { continue }
            let header = String(decoding: part[..<end.lowerBound], as: UTF8.self)
            guard let name = header.firstMatch(of: /[; ]name="([^"]*)"/.ignoresCase())?.1 else { continue }
            append(String(name), String(decoding: part[end.upperBound...], as: UTF8.self))
        }
    }

    /// The first value of that name; an empty one counts as missing.
    subscript(_ name: String) -> String? {
        list.first { $0.name == name && !$0.value.isEmpty }?.value
    }

    func all(_ name: String) -> [String] {
        list.filter { $0.name == name }.map(\.value)
    }

    private mutating func append(_ name: String, _ value: String) {
        list.append((name, value))
    }
}
