// SPDX-License-Identifier: MIT
import HTTPTypes
import Synchronization

/// Requests by route, method and status, and how long they took. The one family whose combinations are not all shown: of
/// those there are thousands, and nearly none of them happens.
final class RequestNumbers: Sendable {
    /// Methods that a route may take; nobody else's becomes a label.
    private static let methods: [HTTPRequest.Method] = [.get, .head, .post]
    private static let methodNames = methods.map(\.rawValue) + ["other"]
    /// Templates, never a path; the last is for what is nobody's route.
    private static let routeNames = Endpoint.allCases.map(\.rawValue) + ["other"]
    private static let places = Dictionary(uniqueKeysWithValues: Endpoint.allCases.enumerated().map { ($1, $0) })
    private static let statuses = 1_000

    private static let name = Metrics.prefix + "requests_total"
    private let durations = Durations(
        "request_duration_seconds", "From the last byte of a request to the answer, waiting for Instagram included.",
        label: "route", values: routeNames,
        bounds: [1_000, 5_000, 25_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000, 5_000_000, 10_000_000])
    /// By route, method and status in one number.
    private let counts = Mutex<[Int: UInt64]>([:])

    func count(route: Endpoint?, method: HTTPRequest.Method, status: Int, microseconds: Int) {
        let route = route.flatMap { Self.places[$0] } ?? Self.places.count
        let method = Self.methods.firstIndex(of: method) ?? Self.methods.count
        let place = (route * Self.methodNames.count + method) * Self.statuses + min(max(status, 0), Self.statuses - 1)
        counts.withLock { $0[place, default: 0] += 1 }
        durations.observe(route, microseconds: microseconds)
    }

    func write(to text: inout MetricsText) {
        text.family(Self.name, .counter, "Requests that were answered, by route, method and status.")
        for (place, count) in counts.withLock({ $0 }).sorted(by: { $0.key < $1.key }) {
            let (rest, status) = place.quotientAndRemainder(dividingBy: Self.statuses)
            let (route, method) = rest.quotientAndRemainder(dividingBy: Self.methodNames.count)
            let labels = MetricsText.labels([
                ("route", Self.routeNames[route]), ("method", Self.methodNames[method]), ("status", String(status)),
            ])
            text.sample(Self.name, labels, count)
        }
        durations.write(to: &text)
    }
}
