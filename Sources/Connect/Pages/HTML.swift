// SPDX-License-Identifier: MIT

/// A piece of a page. What a literal says is markup; what is put into it is text and stays text, whatever it says, in an
/// element or in a quoted attribute.
struct HTML: ExpressibleByStringInterpolation, Sendable {
    private(set) var markup: String

    init(stringLiteral markup: String) { self.markup = markup }
    init(stringInterpolation: StringInterpolation) { markup = stringInterpolation.markup }

    init(text: String) { markup = Self.escaped(text) }

    /// Pieces one below the other.
    init(_ pieces: [HTML?]) { markup = pieces.compactMap { $0?.markup }.joined(separator: "\n") }

    struct StringInterpolation: StringInterpolationProtocol {
        fileprivate var markup = ""

        init(literalCapacity: Int, interpolationCount: Int) { markup.reserveCapacity(literalCapacity * 2) }

        mutating func appendLiteral(_ literal: String) { markup += literal }
        mutating func appendInterpolation(_ text: String) { markup += HTML.escaped(text) }
        mutating func appendInterpolation(_ piece: HTML) { markup += piece.markup }
        mutating func appendInterpolation(_ piece: HTML?) { markup += piece?.markup ?? "" }
        mutating func appendInterpolation(_ pieces: [HTML?]) { markup += HTML(pieces).markup }
        /// Style and script of ours, which have to arrive byte for byte: their hashes are in the policy.
        mutating func appendInterpolation(verbatim ours: String) { markup += ours }
    }

    /// A name of somebody else's: its writing direction ends with it. Characters that only turn the direction round are
    /// left out; they could close what isolates the name (Unicode, UAX 9, section 2).
    static func name(_ text: String) -> HTML {
        let kept = text.unicodeScalars.filter {
            !(0x202a...0x202e).contains($0.value) && !(0x2066...0x2069).contains($0.value)
        }
        return "<bdi>\(String(String.UnicodeScalarView(kept)))</bdi>"
    }

    /// By code points: to HTML a quote is a quote, also below an accent, where it is another character to Swift.
    static func escaped(_ text: String) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            case "'": escaped += "&#39;"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}
