// SPDX-License-Identifier: MIT
import Connect

/// Columns for a terminal, two spaces apart. Rows come twice, to be measured and to be written, so that none is kept.
struct Table {
    struct Column {
        let title: String
        var isNumber = false
    }

    /// Where there is nothing.
    static let nothing = "-"

    private let columns: [Column]
    private var widths: [Int]

    init(_ columns: [Column]) {
        self.columns = columns
        widths = columns.map { Shown.width($0.title) }
    }

    /// - Parameter cells: As they are shown: what is foreign has gone through `Shown.text`.
    mutating func measure(_ cells: [String]) {
        for (place, cell) in cells.enumerated() { widths[place] = max(widths[place], Shown.width(cell)) }
    }

    var heading: String { line(columns.map(\.title)) }

    /// Numbers end together, everything else begins together; no line ends with blanks.
    func line(_ cells: [String]) -> String {
        var line = ""
        for (place, cell) in cells.enumerated() {
            let blanks = String(repeating: " ", count: max(widths[place] - Shown.width(cell), 0))
            line += (place == 0 ? "" : "  ") + (columns[place].isNumber ? blanks + cell : cell + blanks)
        }
        let end = line.utf8.lastIndex { $0 != UInt8(ascii: " ") }.map { line.utf8.index(after: $0) }
        return String(line[..<(end ?? line.startIndex)])
    }
}

/// Text of others on an operator's terminal.
enum Shown {
    /// The text with everything escaped that a terminal might obey, that nobody would see, that turns the writing round,
    /// or that looks like the end of a column.
    static func text(_ text: String?) -> String {
        guard let text else { return Table.nothing }
        let isPlain = text.utf8.allSatisfy { (0x21...0x7e).contains($0) && $0 != UInt8(ascii: "\\") }
        if isPlain, text != Table.nothing, text != "" { return text }
        if text == "" { return "\"\"" }
        var shown = ""
        let last = text.unicodeScalars.index(before: text.unicodeScalars.endIndex)
        var before: Unicode.Scalar = " "  // one at the start or the end, or after another, could be a column's
        for place in text.unicodeScalars.indices {
            let scalar = text.unicodeScalars[place]
            let isEscaped =
                scalar == " " ? before == " " || place == last : !isVisible(scalar) || text == Table.nothing
            if scalar == "\\" {
                shown += "\\\\"
            } else if isEscaped {
                shown += "\\u{\(String(scalar.value, radix: 16))}"
            } else {
                shown.unicodeScalars.append(scalar)
            }
            before = scalar
        }
        return shown
    }

    private static func isVisible(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator,
            .spaceSeparator:
            false
        default: !scalar.properties.isDefaultIgnorableCodePoint
        }
    }

    /// Cells of a terminal, about: a mark that stands on another letter takes none, most of East Asia takes two.
    static func width(_ text: String) -> Int {
        if text.utf8.allSatisfy({ $0 < 0x80 }) { return text.utf8.count }
        return text.unicodeScalars.reduce(0) { width, scalar in
            switch scalar.properties.generalCategory {
            case .nonspacingMark, .enclosingMark: width
            default: width + (isWide(scalar.value) ? 2 : 1)
            }
        }
    }

    private static func isWide(_ value: UInt32) -> Bool {
        switch value {
        case 0x1100...0x115f, 0x2e80...0xa4cf, 0xac00...0xd7a3, 0xf900...0xfaff, 0xfe30...0xfe6f, 0xff00...0xff60,
            0xffe0...0xffe6, 0x1f300...0x1faff, 0x20000...0x3fffd:
            true
        default: false
        }
    }
}
