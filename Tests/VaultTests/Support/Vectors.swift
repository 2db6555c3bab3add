// SPDX-License-Identifier: MIT
import Foundation
import Testing

/// Published test vectors: blocks of `Name = value` lines behind an empty line; each file names its origin on top.
enum Vectors {
    /// One block.
    struct Case: Sendable, CustomTestStringConvertible {
        fileprivate(set) var values: [String: String] = [:]
        /// Words on a line of their own, such as NIST's `FAIL`.
        fileprivate(set) var flags: Set<String> = []
        fileprivate let position: Int

        var testDescription: String { "case \(position)" }

        func text(_ name: String) -> String { values[name, default: ""] }
        func bytes(_ name: String) -> [UInt8] { hex(text(name)) }
    }

    static func load(_ file: String) throws -> [Case] {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        let text = try String(contentsOf: folder.appendingPathComponent("Vectors/\(file)"), encoding: .utf8)
        return text.split(separator: "\n\n").enumerated().compactMap { position, block in
            let lines = block.split(separator: "\n").filter { !$0.hasPrefix("#") }
            return lines.isEmpty ? nil : lines.reduce(into: Case(position: position)) { $0.take($1) }
        }
    }
}

extension Vectors.Case {
    fileprivate mutating func take(_ line: Substring) {
        let sides = line.split(separator: "=", maxSplits: 1).map { $0.trimmingCharacters(in: .whitespaces) }
        switch sides.count {
        case 2: values[sides[0]] = sides[1]
        case 1 where line.contains("="): values[sides[0]] = ""
        default: flags.insert(sides[0])
        }
    }
}

func hex(_ text: String) -> [UInt8] {
    let digits = Array(text)
    return stride(from: 0, to: digits.count, by: 2).map { UInt8(String(digits[$0...$0 + 1]), radix: 16)! }
}
