// SPDX-License-Identifier: MIT
import Connect
import Glibc
import Transfer

/// How far this machine's clock is from the one of a server, by its `Date` field (RFC 9110, section 6.6.1).
struct ClockSkew: Equatable {
    /// Seconds that nobody minds: tokens live for days, `signed_request` has a minute.
    static let tolerance: Int64 = 60

    /// Positive: this machine is ahead.
    let seconds: Int64

    var beyondTolerance: Int64? { abs(seconds) > Self.tolerance ? seconds : nil }

    /// - Parameter around: The time here before the call and after it; the server's is somewhere between.
    /// - Returns: nil if the server does not say what time it is.
    init?(_ reply: OutboundReply, _ around: ClosedRange<UnixTime>) {
        guard let date = reply.header("date").flatMap(Self.time) else { return nil }
        // What a cache kept is so much older.
        let age = reply.header("age").flatMap { Int64($0) } ?? 0
        let there = date + min(max(age, 0), 10 * 365 * 86_400)
        seconds =
            there < around.lowerBound
            ? around.lowerBound - there : there > around.upperBound ? around.upperBound - there : 0
    }

    /// `Sun, 06 Nov 1994 08:49:37 GMT` (section 5.6.7); the older forms are sent by nobody any more.
    static func time(_ text: String) -> UnixTime? {
        let words = text.split { $0 == " " || $0 == ":" || $0 == "," }
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        guard words.count == 8, words[7] == "GMT", let month = months.firstIndex(of: String(words[2])) else {
            return nil
        }
        let numbers = [1, 3, 4, 5, 6].compactMap { Int32(words[$0]) }
        guard numbers.count == 5, (1970...9999).contains(numbers[1]) else { return nil }
        var fields = tm()
        (fields.tm_mday, fields.tm_mon, fields.tm_year) = (numbers[0], Int32(month), numbers[1] - 1900)
        (fields.tm_hour, fields.tm_min, fields.tm_sec) = (numbers[2], numbers[3], numbers[4])
        return UnixTime(Int64(timegm(&fields)))
    }
}
