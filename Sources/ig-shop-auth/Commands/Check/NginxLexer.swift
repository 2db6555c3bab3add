// SPDX-License-Identifier: MIT

/// Words and marks of nginx's configuration language, as `ngx_conf_read_token` separates them.
struct NginxLexer {
    enum Token: Equatable {
        case word(String)
        case open, close, semicolon
    }

    /// A quotation that does not end.
    struct Unfinished: Error {
        let line: Int
    }

    private let bytes: [UInt8]
    private var at = 0
    private(set) var line = 1

    init(_ text: some StringProtocol) {
        bytes = Array(text.utf8)
    }

    /// The next token and the line it begins on; nil at the end.
    mutating func next() throws(Unfinished) -> (token: Token, line: Int)? {
        while at < bytes.count {
            let start = line
            switch bytes[at] {
            case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"), UInt8(ascii: "\n"): step()
            case UInt8(ascii: "#"): while at < bytes.count, bytes[at] != UInt8(ascii: "\n") { step() }
            case UInt8(ascii: ";"):
                step()
                return (.semicolon, start)
            case UInt8(ascii: "{"):
                step()
                return (.open, start)
            case UInt8(ascii: "}"):
                step()
                return (.close, start)
            case let quote where quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'"):
                step()
                return (.word(try word { $0 == quote }), start)
            default:
                return (.word(try word(until: nil)), start)
            }
        }
        return nil
    }

    /// Another language inside braces (Lua): skipped to the brace that closes what was opened.
    mutating func skipBlock() {
        var depth = 1
        while at < bytes.count, depth > 0 {
            if bytes[at] == UInt8(ascii: "{") { depth += 1 }
            if bytes[at] == UInt8(ascii: "}") { depth -= 1 }
            step()
        }
    }

    /// A quoted word ends with its quote, which is read too; any other before a space or a mark. `${` opens no block.
    private mutating func word(until ends: ((UInt8) -> Bool)?) throws(Unfinished) -> String {
        let start = line
        var word: [UInt8] = []
        while at < bytes.count {
            let byte = bytes[at]
            if let ends, ends(byte) {
                step()
                return String(decoding: word, as: UTF8.self)
            }
            if ends == nil, Self.isEnd(byte), !(byte == UInt8(ascii: "{") && word.last == UInt8(ascii: "$")) { break }
            step()
            guard byte == UInt8(ascii: "\\"), at < bytes.count else {
                word.append(byte)
                continue
            }
            // A backslash before a quote, itself, t, r and n means one byte; before anything else it stays.
            switch bytes[at] {
            case UInt8(ascii: "\""), UInt8(ascii: "'"), UInt8(ascii: "\\"): word.append(bytes[at])
            case UInt8(ascii: "t"): word.append(UInt8(ascii: "\t"))
            case UInt8(ascii: "r"): word.append(UInt8(ascii: "\r"))
            case UInt8(ascii: "n"): word.append(UInt8(ascii: "\n"))
            default: word += [byte, bytes[at]]
            }
            step()
        }
        if ends != nil { throw Unfinished(line: start) }
        return String(decoding: word, as: UTF8.self)
    }

    private static func isEnd(_ byte: UInt8) -> Bool { " \t\r\n;{".utf8.contains(byte) }

    private mutating func step() {
        if bytes[at] == UInt8(ascii: "\n") { line += 1 }
        at += 1
    }
}
