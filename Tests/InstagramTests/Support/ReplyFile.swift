// SPDX-License-Identifier: MIT
import Foundation
import HTTPTypes
import Instagram
import Testing

/// One observed reply; see Replies/README.md.
struct ReplyFile: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let call: Call.Name
    /// The words behind `Expected:`.
    let expected: [String]
    let reply: Reply

    /// The word behind another one.
    func expected(_ name: String) -> String? {
        expected.firstIndex(of: name).map { expected[$0 + 1] }
    }

    static let all: [ReplyFile] = {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Replies")
        let names = try! FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".http") }
        return names.sorted().map { try! ReplyFile(folder.appendingPathComponent($0)) }
    }()

    private init(_ file: URL) throws {
        let text = try String(contentsOf: file, encoding: .utf8)
        let parts = try #require(text.firstRange(of: "\n\n"))
        let head = text[..<parts.lowerBound].split(separator: "\n")
        func value(_ name: String) throws -> Substring {
            try #require(head.first { $0.hasPrefix(name) }?.dropFirst(name.count))
        }
        var headers = HTTPFields()
        for line in head where !line.hasPrefix("#") && !line.hasPrefix("HTTP ") {
            let sides = line.split(separator: ": ", maxSplits: 1)
            headers[try #require(HTTPField.Name(String(sides[0])))] = String(sides[1])
        }
        testDescription = file.deletingPathExtension().lastPathComponent
        call = try #require(Call.Name(rawValue: String(value("# Call: "))))
        expected = try value("# Expected: ").split(separator: " ").map(String.init)
        reply = Reply(
            status: try #require(Int(value("HTTP "))), headers: headers,
            body: Array(text[parts.upperBound...].trimmingCharacters(in: .newlines).utf8))
    }
}
