// SPDX-License-Identifier: MIT
import Foundation
import HTTPTypes
import Instagram
import Testing

/// One line of Replies/errors.tsv; see Replies/README.md.
struct ErrorLine: Sendable, CustomTestStringConvertible {
    let number: Int
    let reply: Reply
    let calls: [Call.Name]
    let verdict: Verdict
    /// What the answer is, whatever is made of it.
    let isOfTheMoment: Bool
    let mark: String
    let body: String

    var testDescription: String { "line \(number): \(reply.status) \(body.prefix(120)) -> \(verdict)" }

    static let all: [ErrorLine] = {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Replies/errors.tsv")
        let lines = try! String(contentsOf: file, encoding: .utf8).split(
            separator: "\n", omittingEmptySubsequences: false)
        return lines.enumerated().compactMap { index, line in
            if line.isEmpty || line.hasPrefix("#") { return nil }
            guard let read = ErrorLine(number: index + 1, line) else { fatalError("errors.tsv, line \(index + 1)") }
            return read
        }
    }()

    private init?(number: Int, _ line: Substring) {
        let columns = line.split(separator: "\t", maxSplits: 7, omittingEmptySubsequences: false).map(String.init)
        guard columns.count == 8, let status = Int(columns[0]), let calls = Self.calls(columns[2]),
            let verdict = Verdict(words: columns[3].split(separator: " ").map(String.init)),
            ["yes", "no"].contains(columns[4])
        else { return nil }
        var headers = HTTPFields()
        if columns[1] != "-" {
            let sides = columns[1].split(separator: ": ", maxSplits: 1)
            guard sides.count == 2, let name = HTTPField.Name(String(sides[0])) else { return nil }
            headers[name] = String(sides[1])
        }
        self.number = number
        self.calls = calls
        self.verdict = verdict
        isOfTheMoment = columns[4] == "yes"
        mark = columns[5]
        body = columns[7] == "(empty)" ? "" : columns[7]
        reply = Reply(status: status, headers: headers, body: Array(body.utf8))
    }

    private static func calls(_ words: String) -> [Call.Name]? {
        var calls: [Call.Name] = []
        for word in words.split(separator: ",") {
            switch word {
            case "all": calls += Call.Name.allCases
            case "with-secret": calls += Call.Name.secretive
            case "without-secret": calls += Call.Name.secretless
            default:
                guard let call = Call.Name(rawValue: String(word)) else { return nil }
                calls.append(call)
            }
        }
        return calls
    }
}
