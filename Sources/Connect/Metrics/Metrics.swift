// SPDX-License-Identifier: MIT
import Instagram

/// What monitoring may know: numbers by route, outcome and kind, never by user.
package final class Metrics: Sendable {
    package init() {}

    func count(_ event: Event.Kind) {}
    /// A callback's outcome: `connected` or an error's public code.
    func callback(_ outcome: String) {}
    /// One call to Instagram that ended.
    func call(_ name: Call.Name, outcome: String, seconds: Double) {}
    /// An error of Instagram that the table does not know.
    func unknownAnswer() {}
    /// A row whose token does not open.
    func unreadableRow() {}
    /// What became of a renewal.
    func renewal(_ outcome: String) {}
}
