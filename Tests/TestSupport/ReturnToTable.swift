// SPDX-License-Identifier: MIT
import Foundation

/// The values of `return_to` in `Payloads/return-to.txt`, as bytes: some are no UTF-8.
package struct ReturnToTable: Sendable {
    package private(set) var refused: [[UInt8]] = []
    package private(set) var accepted: [[UInt8]] = []

    package static let shared: ReturnToTable = {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
            "Payloads/return-to.txt")
        return ReturnToTable(try! String(contentsOf: file, encoding: .utf8))
    }()

    package var acceptedTexts: [String] { accepted.map { String(decoding: $0, as: UTF8.self) } }

    private init(_ text: String) {
        for line in text.utf8.split(separator: UInt8(ascii: "\n")) {
            let value = Self.unescaped(line.dropFirst(2))
            switch line.first {
            case UInt8(ascii: "-"): refused.append(value)
            case UInt8(ascii: "+"): accepted.append(value)
            case UInt8(ascii: "#"): break
            default: preconditionFailure("a line of the table begins with - or + or #: \(line)")
            }
        }
    }

    /// `{0a}` and `{61*512}`.
    private static func unescaped(_ text: Substring.UTF8View) -> [UInt8] {
        var bytes: [UInt8] = []
        var rest = text
        while let first = rest.popFirst() {
            guard first == UInt8(ascii: "{"), let end = rest.firstIndex(of: UInt8(ascii: "}")) else {
                bytes.append(first)
                continue
            }
            let parts = rest[..<end].split(separator: UInt8(ascii: "*")).map { String($0)! }
            let digits = Array(parts[0])
            let unit = stride(from: 0, to: digits.count, by: 2).map { UInt8(String(digits[$0...$0 + 1]), radix: 16)! }
            for _ in 0..<(parts.count > 1 ? Int(parts[1])! : 1) { bytes += unit }
            rest = rest[rest.index(after: end)...]
        }
        return bytes
    }
}
