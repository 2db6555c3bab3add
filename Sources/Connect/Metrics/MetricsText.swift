// SPDX-License-Identifier: MIT

/// Prometheus' text format, version 0.0.4, under construction.
struct MetricsText {
    enum Kind: String {
        case counter, gauge, histogram
    }

    static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    private(set) var bytes: [UInt8] = []

    init() {
        bytes.reserveCapacity(32 * 1_024)
    }

    /// The two lines before a family's samples, which follow all together.
    mutating func family(_ name: String, _ kind: Kind, _ help: String) {
        let help = help.replacing("\\", with: "\\\\").replacing("\n", with: "\\n")
        bytes += "# HELP \(name) \(help)\n# TYPE \(name) \(kind.rawValue)\n".utf8
    }

    /// - Parameter labels: What `labels(_:)` gives, or nothing.
    mutating func sample(_ name: String, _ labels: String, _ value: some BinaryInteger) {
        bytes += name.utf8
        bytes += labels.utf8
        bytes.append(UInt8(ascii: " "))
        bytes += String(value).utf8
        bytes.append(UInt8(ascii: "\n"))
    }

    mutating func sample(_ name: String, _ labels: String, _ value: Double) {
        let text = value.isNaN ? "NaN" : value == .infinity ? "+Inf" : value == -.infinity ? "-Inf" : "\(value)"
        bytes += "\(name)\(labels) \(text)\n".utf8
    }

    /// A family of one number.
    mutating func gauge(_ name: String, _ help: String, _ value: some BinaryInteger) {
        family(name, .gauge, help)
        sample(name, "", value)
    }

    /// `{name="value",...}`, nothing where there are none.
    static func labels(_ pairs: [(name: String, value: String)]) -> String {
        if pairs.isEmpty { return "" }
        let texts = pairs.map { pair in
            let value = pair.value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
                .replacing("\n", with: "\\n")
            return "\(pair.name)=\"\(value)\""
        }
        return "{\(texts.joined(separator: ","))}"
    }
}
