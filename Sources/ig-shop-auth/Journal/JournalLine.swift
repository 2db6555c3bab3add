// SPDX-License-Identifier: MIT
import Connect
import Glibc
import Logging

/// One JSON object under construction. Control bytes are escaped, so that a line stays a line (checklist 41).
struct JournalLine {
    fileprivate(set) var bytes: [UInt8]

    init(bytes: [UInt8]) {
        self.bytes = bytes
    }

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
        append(quoted: value)
    }

    mutating func add(_ name: String, _ value: String) {
        bytes.append(UInt8(ascii: ","))
        append(quoted: name)
        bytes.append(UInt8(ascii: ":"))
        append(quoted: value)
    }

    mutating func add(_ name: StaticString, _ value: Int) {
        key(name)
        bytes += String(value).utf8
    }

    mutating func end() {
        bytes += "}\n".utf8
    }

    private mutating func key(_ name: StaticString) {
        bytes += ",\"".utf8
        bytes.append(contentsOf: UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
        bytes += "\":".utf8
    }

    private mutating func append(quoted text: String) {
        bytes.append(UInt8(ascii: "\""))
        if text.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x22 && $0 != 0x5c && $0 != 0x7f }) {
            bytes += text.utf8
        } else {
            escape(text)
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private mutating func escape(_ text: String) {
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                bytes.append(UInt8(ascii: "\\"))
                bytes.append(byte)
            case 0..<0x20, 0x7f:
                bytes += "\\u00".utf8
                for digit in [byte >> 4, byte & 15] {
                    bytes.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
                }
            default: bytes.append(byte)
            }
        }
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
