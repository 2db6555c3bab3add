// SPDX-License-Identifier: MIT
import Synchronization

/// Counters of one name, one for each combination of what their labels may say. All are there from the start, so that a
/// first failure is an increase and not a series that nobody has seen before.
final class Counters: Sendable {
    struct Label: Sendable {
        /// Where a value counts that is none of a label's.
        static let other = "other"

        let name: String
        let values: [String]

        init(_ name: String, _ values: [String]) {
            self.name = name
            self.values = values
        }
    }

    private let name: String
    private let help: String
    /// Of each label, which place a value has.
    private let places: [[String: Int]]
    private let series: [String]
    private let counts: Mutex<[UInt64]>

    init(_ name: String, _ help: String, _ labels: Label...) {
        self.name = Metrics.prefix + name
        self.help = help
        places = labels.map { label in
            Dictionary(label.values.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
        }
        var combinations: [[(name: String, value: String)]] = [[]]
        for label in labels {
            combinations = combinations.flatMap { before in label.values.map { before + [(label.name, $0)] } }
        }
        series = combinations.map(MetricsText.labels)
        counts = Mutex([UInt64](repeating: 0, count: series.count))
    }

    /// What is not in a label's list counts as its `other`, and not at all where there is none: no text becomes a label
    /// because somebody said it.
    func count(_ values: String...) {
        var place = 0
        for (values, value) in zip(places, values) {
            guard let one = values[value] ?? values[Label.other] else { return }
            place = place * values.count + one
        }
        counts.withLock { $0[place] += 1 }
    }

    func write(to text: inout MetricsText) {
        text.family(name, .counter, help)
        for (labels, count) in zip(series, counts.withLock { $0 }) { text.sample(name, labels, count) }
    }
}
