// SPDX-License-Identifier: MIT
import Foundation

/// A line of the responder's journal: a flat object whose values are texts or numbers.
struct JournalLine: Decodable, Sendable {
    let fields: [String: String]

    subscript(name: String) -> String? { fields[name] }

    init(from decoder: any Decoder) throws {
        let object = try decoder.singleValueContainer().decode([String: Value].self)
        fields = object.mapValues(\.text)
    }

    private struct Value: Decodable {
        let text: String

        init(from decoder: any Decoder) throws {
            let value = try decoder.singleValueContainer()
            text = try (try? value.decode(String.self)) ?? String(value.decode(Int.self))
        }
    }

    static func read(_ path: String) throws -> [JournalLine] {
        try parse(String(contentsOfFile: path, encoding: .utf8))
    }

    /// All lines; one that is no JSON object is an error.
    static func parse(_ text: String) throws -> [JournalLine] {
        try text.split(separator: "\n").map { line in
            guard let read = try? JSONDecoder().decode(JournalLine.self, from: Data(line.utf8)) else {
                throw Missing("no journal line: \(line)")
            }
            return read
        }
    }
}

/// Asks again every few milliseconds, where nothing tells: a file that grows, a server that is not there yet.
func eventually<Value>(
    _ what: String, within limit: Duration = .seconds(60), _ look: () async throws -> Value?
) async throws -> Value {
    let deadline = ContinuousClock.now + limit
    while true {
        if let found = try await look() { return found }
        guard .now < deadline else { throw Missing("still waiting for \(what)") }
        try await Task.sleep(for: .milliseconds(10))
    }
}
