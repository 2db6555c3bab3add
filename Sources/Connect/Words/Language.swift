// SPDX-License-Identifier: MIT
import HTTPTypes

/// A language that pages of ours are written in.
enum Language: String, Sendable, CaseIterable {
    case english = "en"
    case arabic = "ar"

    /// The value of `dir`.
    var direction: String { self == .arabic ? "rtl" : "ltr" }

    /// The one that a visitor ranks highest (RFC 9110, section 12.5.4), by the lookup of RFC 4647, section 3.4: `ar-EG`
    /// is Arabic. The first of those that are ranked alike, as browsers send them; English where none is named.
    init(acceptLanguage field: String?) {
        var best = (language: Self.english, quality: 0)
        for element in (field ?? "").utf8.prefix(512).split(separator: UInt8(ascii: ",")).prefix(32) {
            let parts = element.split(separator: UInt8(ascii: ";"), maxSplits: 1).map { Accept.trimmed($0) }
            guard let range = parts.first, let language = Self(range: range) else { continue }
            let quality = parts.count > 1 ? Accept.quality(parts[1]) ?? 0 : 1000
            if quality > best.quality { best = (language, quality) }
        }
        self = best.language
    }

    /// `*` is whatever we like best.
    private init?(range: String) {
        let primary = range.prefix { $0 != "-" }
        if primary == "*" {
            self = .english
        } else if let language = Self(rawValue: String(primary)) {
            self = language
        } else {
            return nil
        }
    }

    var words: Words {
        switch self {
        case .english: .english
        case .arabic: .arabic
        }
    }
}

extension Request {
    /// Of the page that answers.
    var language: Language { Language(acceptLanguage: head.headerFields[.acceptLanguage]) }
}
