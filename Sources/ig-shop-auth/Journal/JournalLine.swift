// SPDX-License-Identifier: MIT
import Connect
import Glibc
import Logging

/// One JSON object under construction. Control bytes are escaped, so that a line stays a line (checklist 41).
struct JournalLine {
    /// The queue that the line is added to.
    var bytes: [UInt8]

    mutating func begin(_ time: (second: [UInt8], milliseconds: Int), _ level: Logger.Level) {
        bytes += #"{"time":""#.utf8
        bytes += time.second
        bytes.append(UInt8(ascii: "."))
        for divisor in [100, 10, 1] { bytes.append(UInt8(ascii: "0") + UInt8(time.milliseconds / divisor % 10)) }
        bytes += #"Z","level":""#.utf8
        bytes += level.rawValue.utf8
        bytes.append(UInt8(ascii: "\""))
    }

    mutating func add(_ name: StaticString, _ value: String) {
        key(name)
        JSONEscape.append(quoted: value, to: &bytes)
    }

    mutating func add(_ name: String, _ value: String) {
        bytes.append(UInt8(ascii: ","))
        JSONEscape.append(quoted: name, to: &bytes)
        bytes.append(UInt8(ascii: ":"))
        JSONEscape.append(quoted: value, to: &bytes)
    }

    mutating func add(_ name: StaticString, _ value: Int) {
        key(name)
        var text = String(value)
        text.withUTF8 { bytes.append(contentsOf: $0) }
    }

    mutating func end() {
        bytes += "}\n".utf8
    }

    private mutating func key(_ name: StaticString) {
        bytes += ",\"".utf8
        bytes.append(contentsOf: UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
        bytes += "\":".utf8
    }
}

/// The time of day, its text made once a second.
struct SecondClock {
    private var second = -1
    private var text: [UInt8] = []

    mutating func now() -> (second: [UInt8], milliseconds: Int) {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        if time.tv_sec != second {
            second = time.tv_sec
            text = Array(UnixTime(Int64(second)).description.dropLast().utf8)
        }
        return (text, time.tv_nsec / 1_000_000)
    }
}
