// SPDX-License-Identifier: MIT
import Connect
import HTTPTypes
import Testing

/// The samples of Prometheus' text, by name and labels as they are written.
struct Samples {
    private(set) var values: [String: Double] = [:]

    init(_ bytes: [UInt8]) {
        for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") where !line.hasPrefix("#") {
            guard let space = line.lastIndex(of: " "), let value = Double(line[line.index(after: space)...]) else {
                Issue.record("no sample: \(line)")
                continue
            }
            let name = String(line[..<space])
            if values.updateValue(value, forKey: name) != nil { Issue.record("twice: \(name)") }
        }
    }

    subscript(name: String) -> Double? { values[name] }
}

extension Shop {
    /// What monitoring is told now.
    func samples() async -> Samples {
        let answer = await answer(.making(.get, "/metrics", surface: .private))
        #expect(answer.status == .ok && answer.contentType == "text/plain; version=0.0.4; charset=utf-8")
        return Samples(answer.body)
    }
}
