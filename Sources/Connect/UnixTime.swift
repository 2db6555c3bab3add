// SPDX-License-Identifier: MIT

/// A moment as whole seconds since 1970 UTC, as the database keeps it.
package struct UnixTime: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let seconds: Int64

    package init(_ seconds: Int64) {
        self.seconds = seconds
    }

    package static func < (one: UnixTime, other: UnixTime) -> Bool { one.seconds < other.seconds }
    package static func + (time: UnixTime, seconds: Int64) -> UnixTime { UnixTime(time.seconds + seconds) }
    /// Seconds between two moments, as many as fit: no time that somebody wrote into a cookie stops the process.
    package static func - (one: UnixTime, other: UnixTime) -> Int64 {
        let (seconds, overflow) = one.seconds.subtractingReportingOverflow(other.seconds)
        return overflow ? (one < other ? .min : .max) : seconds
    }

    /// RFC 3339 in UTC, such as `2026-01-31T09:30:00Z`.
    package var description: String {
        let day = Int(seconds.quotientAndFloor(86_400))
        let (year, month, dayOfMonth) = Self.date(daysSince1970: day)
        let rest = Int(seconds) - day * 86_400
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(year)-\(two(month))-\(two(dayOfMonth))T\(two(rest / 3600)):\(two(rest / 60 % 60)):\(two(rest % 60))Z"
    }

    /// Days to a date of the Gregorian calendar, counted in years that begin in March so that a leap day comes last.
    private static func date(daysSince1970 days: Int) -> (year: Int, month: Int, day: Int) {
        let shifted = days + 719_468  // days since 0000-03-01
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let marchMonth = (5 * dayOfYear + 2) / 153
        let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * marchMonth + 2) / 5 + 1)
    }
}

extension Int64 {
    fileprivate func quotientAndFloor(_ divisor: Int64) -> Int64 {
        let quotient = self / divisor
        return self % divisor < 0 ? quotient - 1 : quotient
    }
}
