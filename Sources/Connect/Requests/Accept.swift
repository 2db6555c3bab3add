// SPDX-License-Identifier: MIT

/// An `Accept` field, as far as the question "page or JSON" needs it.
struct Accept {
    private(set) var prefersHTML = false

    init(_ field: String) {
        var html = Range()
        var json = Range()
        for element in field.utf8.prefix(1024).split(separator: UInt8(ascii: ",")) {
            let parts = element.split(separator: UInt8(ascii: ";")).map { Self.trimmed($0) }
            guard let type = parts.first else { continue }
            let quality = parts.dropFirst().compactMap(Self.quality).first ?? 1000
            html.consider(type, "text/html", "text/*", quality)
            json.consider(type, "application/json", "application/*", quality)
        }
        prefersHTML = html.quality > json.quality
    }

    /// The most specific range that matches decides (RFC 9110, section 12.5.1).
    private struct Range {
        private var specificity = 0
        private(set) var quality = 0

        mutating func consider(_ type: String, _ exact: String, _ family: String, _ quality: Int) {
            let found = type == exact ? 3 : type == family ? 2 : type == "*/*" ? 1 : 0
            guard found > specificity else { return }
            specificity = found
            self.quality = quality
        }
    }

    static func trimmed(_ part: Substring.UTF8View.SubSequence) -> String {
        String(decoding: part.filter { $0 != 0x20 && $0 != 0x09 }, as: UTF8.self).lowercased()
    }

    /// `q=0.8` in thousandths; nil for another parameter.
    static func quality(_ parameter: String) -> Int? {
        guard parameter.hasPrefix("q="), let value = Double(parameter.dropFirst(2)), (0...1).contains(value) else {
            return nil
        }
        return Int(value * 1000)
    }
}
