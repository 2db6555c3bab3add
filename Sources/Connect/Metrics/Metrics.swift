// SPDX-License-Identifier: MIT
package import HTTPTypes
package import Instagram

/// What monitoring may know: numbers by route, outcome and kind, never by user. What a label may say is decided here, so
/// no text of a visitor or of Instagram can become one. Counting takes a lock that nobody holds for long.
package final class Metrics: Sendable {
    static let prefix = "ig_shop_auth_"

    private let requests = RequestNumbers()
    private let callbacks = Counters(
        "callbacks_total", "Callbacks that were answered, by outcome: connected, or an error's code.",
        .init("outcome", CallbackOutcome.all))
    private let calls = Counters(
        "instagram_calls_total", "Calls to Instagram that ended, by outcome.",
        .init("call", Call.Name.allCases.map(\.rawValue)), .init("outcome", CallOutcome.allCases.map(\.rawValue)))
    private let callDurations = Durations(
        "instagram_call_duration_seconds", "How long calls to Instagram took.",
        label: "call", values: Call.Name.allCases.map(\.rawValue),
        bounds: [50_000, 100_000, 200_000, 300_000, 500_000, 750_000, 1_000_000, 2_500_000, 5_000_000, 10_000_000])
    private let renewals = Counters(
        "renewals_total", "Renewals of tokens that ended, by outcome.",
        .init("outcome", RenewalOutcome.allCases.map(\.rawValue)))
    private let events = Counters(
        "events_total", "Events that agents can read, by type.", .init("type", Event.Kind.allCases.map(\.rawValue)))
    private let unreadableRows = Counters(
        "unreadable_rows_total", "Times that a row was met whose token does not open.")
    private let unknownAnswers = Counters(
        "unknown_answers_total", "Errors of Instagram that are in no table of ours, taken for passing ones.")
    private let version: String
    private let linesLost: @Sendable () -> Int

    /// - Parameter linesLost: Journal lines that found no room, since the process began.
    package init(version: String = "", linesLost: @escaping @Sendable () -> Int = { 0 }) {
        self.version = version
        self.linesLost = linesLost
        _ = ProcessNumbers.startTime
    }

    /// A request that was answered. nil: no route is behind its path.
    package func request(_ route: Endpoint?, method: HTTPRequest.Method, status: Int, microseconds: Int) {
        requests.count(route: route, method: method, status: status, microseconds: microseconds)
    }

    /// One call to Instagram that ended.
    package func call(_ name: Call.Name, outcome: CallOutcome, seconds: Double) {
        calls.count(name.rawValue, outcome.rawValue)
        if let place = Call.Name.allCases.firstIndex(of: name) {
            callDurations.observe(place, microseconds: Int(clamping: Int64(min(max(seconds, 0), 1e9) * 1e6)))
        }
    }

    func count(_ event: Event.Kind) { events.count(event.rawValue) }
    /// A callback's outcome: `connected` or an error's public code, `restarted` or `left`.
    func callback(_ outcome: String) { callbacks.count(outcome) }
    /// An error of Instagram that the table does not know.
    func unknownAnswer() { unknownAnswers.count() }
    /// A row whose token does not open.
    func unreadableRow() { unreadableRows.count() }
    func renewal(_ outcome: RenewalOutcome) { renewals.count(outcome.rawValue) }

    /// - Parameter census: nil where the database does not answer; everything else is told all the same.
    func text(_ census: Census?, flowsInFlight: Int, now: UnixTime) -> [UInt8] {
        var text = MetricsText()
        func gauge(_ name: String, _ help: String, _ value: some BinaryInteger) {
            text.gauge(Self.prefix + name, help, value)
        }
        requests.write(to: &text)
        for family in [callbacks, calls] { family.write(to: &text) }
        callDurations.write(to: &text)
        for family in [renewals, events, unreadableRows, unknownAnswers] { family.write(to: &text) }
        gauge("flows_in_flight", "Callbacks that are being finished now.", flowsInFlight)
        text.family(Self.prefix + "journal_lines_lost_total", .counter, "Journal lines that found no room.")
        text.sample(Self.prefix + "journal_lines_lost_total", "", linesLost())
        gauge("store_up", "Whether the database answered this question.", census == nil ? 0 : 1)
        census?.write(to: &text, now: now)
        text.family(Self.prefix + "build_info", .gauge, "Always 1; the label says which version runs.")
        text.sample(Self.prefix + "build_info", MetricsText.labels([("version", version)]), 1)
        ProcessNumbers.write(to: &text)
        return text.bytes
    }
}
