// SPDX-License-Identifier: MIT
import Glibc

/// Variables of a file, as systemd reads it for a service (systemd.exec(5), EnvironmentFile=).
struct EnvironmentFile: Equatable, Sendable {
    /// What systemd would skip, cut short, or read in another way in another version. A setting that is not in force must
    /// not look as if it were, so it is told here.
    enum Fault: Error, Equatable, CustomStringConvertible {
        case noAssignment(line: Int)
        case noName(line: Int)
        case unfinished(line: Int)
        case continuedComment(line: Int)
        case notUTF8(line: Int)
        case nul(line: Int)
        case tooLarge

        var line: Int {
            switch self {
            case .noAssignment(let line), .noName(let line), .unfinished(let line), .continuedComment(let line),
                .notUTF8(let line), .nul(let line):
                line
            case .tooLarge: 1
            }
        }

        var description: String {
            switch self {
            case .noAssignment: "has no =, so systemd skips it; write NAME=VALUE, or # in front of a comment"
            case .noName: "begins with no name of A-Z a-z 0-9 _, so systemd skips it; write NAME=VALUE, without export"
            case .unfinished: "a quote or a backslash is open at the end of the file; close it"
            case .continuedComment:
                "a comment ends with a backslash, and versions of systemd differ about the next line; take it away"
            case .notUTF8: "is not UTF-8, and systemd takes nothing of the file; write it as UTF-8"
            case .nul: "has a NUL byte, and systemd takes nothing of the file; remove it"
            case .tooLarge: "is larger than 64 KiB; it is no file of settings"
            }
        }
    }

    static let limit = 64 << 10

    /// The last line of a name counts.
    private(set) var values: [String: String] = [:]

    init(parsing bytes: [UInt8]) throws(Fault) {
        guard bytes.count <= Self.limit else { throw .tooLarge }
        var reader = EnvironmentFileReader()
        for byte in bytes { try reader.take(byte) }
        for (name, value) in try reader.assignments() { values[name] = value }
    }
}

/// The states of systemd 252, which later versions kept but for comments that end with a backslash.
private struct EnvironmentFileReader {
    private enum State {
        case beforeName, name, beforeValue, value, valueEscape, singleQuotes, doubleQuotes, doubleQuotesEscape
        case comment, commentEscape
    }

    private var state = State.beforeName
    private var name: [UInt8] = []
    private var value: [UInt8] = []
    /// How much of the value counts if nothing but blanks follow.
    private var valueEnd = 0
    private var line = 1
    /// Where the assignment began.
    private var start = 1
    private var found: [(String, String)] = []

    mutating func take(_ byte: UInt8) throws(EnvironmentFile.Fault) {
        if byte == 0 { throw .nul(line: line) }
        defer { if byte == UInt8(ascii: "\n") { line += 1 } }
        switch state {
        case .beforeName:
            if byte == UInt8(ascii: "#") || byte == UInt8(ascii: ";") {
                state = .comment
            } else if !Self.isBlank(byte) {
                (state, start, name) = (.name, line, [byte])
            }
        case .name:
            if Self.isLineEnd(byte) { throw .noAssignment(line: start) }
            if byte == UInt8(ascii: "=") {
                (state, value, valueEnd) = (.beforeValue, [], 0)
            } else {
                name.append(byte)
            }
        case .beforeValue:
            switch byte {
            case UInt8(ascii: "'"): state = .singleQuotes
            case UInt8(ascii: "\""): state = .doubleQuotes
            case UInt8(ascii: "\\"): state = .valueEscape
            case _ where Self.isLineEnd(byte): try assign()
            case _ where Self.isBlank(byte): break
            default:
                state = .value
                keep(byte)
            }
        case .value:
            if Self.isLineEnd(byte) {
                value.removeLast(value.count - valueEnd)
                try assign()
            } else if byte == UInt8(ascii: "\\") {
                (state, valueEnd) = (.valueEscape, value.count)
            } else if Self.isBlank(byte) {
                value.append(byte)
            } else {
                keep(byte)
            }
        case .valueEscape:
            state = .value
            if !Self.isLineEnd(byte) { keep(byte) }
        case .singleQuotes:
            if byte == UInt8(ascii: "'") { state = .beforeValue } else { keep(byte) }
        case .doubleQuotes:
            switch byte {
            case UInt8(ascii: "\""): state = .beforeValue
            case UInt8(ascii: "\\"): state = .doubleQuotesEscape
            default: keep(byte)
            }
        case .doubleQuotesEscape:
            state = .doubleQuotes
            if "\"\\`$".utf8.contains(byte) {
                keep(byte)
            } else if byte != UInt8(ascii: "\n") {
                keep(UInt8(ascii: "\\"))
                keep(byte)
            }
        case .comment:
            if byte == UInt8(ascii: "\\") {
                state = .commentEscape
            } else if Self.isLineEnd(byte) {
                state = .beforeName
            }
        case .commentEscape:
            if Self.isLineEnd(byte) { throw .continuedComment(line: line) }
            state = .comment
        }
    }

    /// What there is at the end of the file.
    mutating func assignments() throws(EnvironmentFile.Fault) -> [(String, String)] {
        switch state {
        case .beforeName, .comment, .commentEscape: break
        case .name: throw .noAssignment(line: start)
        case .beforeValue: try assign()
        case .value:
            value.removeLast(value.count - valueEnd)
            try assign()
        case .valueEscape, .singleQuotes, .doubleQuotes, .doubleQuotesEscape: throw .unfinished(line: start)
        }
        return found
    }

    private mutating func keep(_ byte: UInt8) {
        value.append(byte)
        valueEnd = value.count
    }

    private mutating func assign() throws(EnvironmentFile.Fault) {
        state = .beforeName
        while let last = name.last, Self.isBlank(last) { name.removeLast() }
        guard !(0x30...0x39).contains(name[0]), name.allSatisfy(Self.isNameByte) else { throw .noName(line: start) }
        guard let value = String(validating: value, as: UTF8.self) else { throw .notUTF8(line: start) }
        found.append((String(decoding: name, as: UTF8.self), value))
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte) || byte == 0x5f
    }

    private static func isLineEnd(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") }

    private static func isBlank(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") || isLineEnd(byte)
    }
}
