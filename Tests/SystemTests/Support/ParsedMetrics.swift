// SPDX-License-Identifier: MIT
import Foundation

/// `/metrics` as Prometheus' own client reads it.
struct ParsedMetrics {
    struct Sample: Decodable {
        let name: String
        let labels: [String: String]
        let value: Double
    }

    struct Family: Decodable {
        let name: String
        let type: String
        let help: String
        let samples: [Sample]
    }

    let families: [Family]

    /// `.ci/install --test` puts it there.
    private static let python = Programs.repository + "/.build/tests-python/bin/python"

    init(_ text: String, in directory: String) async throws {
        guard access(Self.python, X_OK) == 0 else {
            throw Missing("prometheus_client is not installed: .ci/install --test")
        }
        let file = directory + "/metrics.txt"
        try text.write(toFile: file, atomically: true, encoding: .utf8)
        let script = Programs.repository + "/Tests/SystemTests/Metrics/parse.py"
        let parsed = try await Command.succeed(Self.python, [script, file])
        families = try JSONDecoder().decode([Family].self, from: Data(parsed.output.utf8))
    }

    subscript(family: String) -> Family? { families.first { $0.name == family } }

    /// The sum of what has these labels; nil where nothing has.
    func value(_ name: String, _ labels: [String: String] = [:]) -> Double? {
        let found = families.flatMap(\.samples).filter { sample in
            sample.name == name && labels.allSatisfy { sample.labels[$0.key] == $0.value }
        }
        return found.isEmpty ? nil : found.map(\.value).reduce(0, +)
    }
}
