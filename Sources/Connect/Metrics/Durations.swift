// SPDX-License-Identifier: MIT
import Synchronization

/// Histograms of one name, one for each value of their label: how many took no longer than each of some bounds.
final class Durations: Sendable {
    /// What is too slow for all bounds has a place of its own.
    private struct Counts {
        var buckets: [UInt64]
        /// Whole microseconds, so that a sum of many small numbers stays exact.
        var microseconds: [UInt64]
    }

    private let name: String
    private let help: String
    /// In microseconds, ascending.
    private let bounds: [Int]
    /// For each value of the label: the labels of its buckets, and of its sum and count.
    private let series: [(buckets: [String], sum: String)]
    private let counts: Mutex<Counts>

    init(_ name: String, _ help: String, label: String, values: [String], bounds: [Int]) {
        self.name = Metrics.prefix + name
        self.help = help
        self.bounds = bounds
        let bucketNames = bounds.map { "\(Double($0) / 1e6)" } + ["+Inf"]
        series = values.map { value in
            (
                bucketNames.map { MetricsText.labels([(label, value), ("le", $0)]) },
                MetricsText.labels([(label, value)])
            )
        }
        counts = Mutex(
            Counts(
                buckets: [UInt64](repeating: 0, count: values.count * bucketNames.count),
                microseconds: [UInt64](repeating: 0, count: values.count)))
    }

    /// - Parameter place: Of the label's value in the list.
    func observe(_ place: Int, microseconds: Int) {
        let bucket = bounds.firstIndex { microseconds <= $0 } ?? bounds.count
        counts.withLock { counts in
            counts.buckets[place * (bounds.count + 1) + bucket] += 1
            counts.microseconds[place] += UInt64(max(microseconds, 0))
        }
    }

    func write(to text: inout MetricsText) {
        let (buckets, microseconds) = counts.withLock { ($0.buckets, $0.microseconds) }
        text.family(name, .histogram, help)
        for (place, labels) in series.enumerated() {
            var count: UInt64 = 0
            for (bucket, bucketLabels) in labels.buckets.enumerated() {
                count += buckets[place * labels.buckets.count + bucket]
                text.sample(name + "_bucket", bucketLabels, count)
            }
            text.sample(name + "_sum", labels.sum, Double(microseconds[place]) / 1e6)
            text.sample(name + "_count", labels.sum, count)
        }
    }
}
