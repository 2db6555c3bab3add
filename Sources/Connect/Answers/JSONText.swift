// SPDX-License-Identifier: MIT

/// A flat JSON object written in order. By hand, because an encoder costs sixteen times as much for five fields.
struct JSONText {
    private(set) var bytes: [UInt8] = [UInt8(ascii: "{")]

    init() {
        bytes.reserveCapacity(512)
    }

    mutating func add(_ name: StaticString, _ value: String?) {
        key(name)
        guard let value else { return null() }
        JSONEscape.append(quoted: value, to: &bytes)
    }

    /// A value that has nothing to escape: a URL whose parts are percent-encoded.
    mutating func add(_ name: StaticString, url: String) {
        key(name)
        bytes.append(UInt8(ascii: "\""))
        var url = url
        url.withUTF8 { bytes.append(contentsOf: $0) }
        bytes.append(UInt8(ascii: "\""))
    }

    mutating func add(_ name: StaticString, _ value: Int64?) {
        key(name)
        guard let value else { return null() }
        bytes += String(value).utf8
    }

    /// Objects that are written already.
    mutating func add(_ name: StaticString, objects: [[UInt8]]) {
        key(name)
        bytes.append(UInt8(ascii: "["))
        for (index, object) in objects.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            bytes += object
        }
        bytes.append(UInt8(ascii: "]"))
    }

    mutating func add(_ name: StaticString, _ value: Bool) {
        key(name)
        bytes += (value ? "true" : "false").utf8
    }

    mutating func add(_ name: StaticString, _ values: [String]?) {
        key(name)
        guard let values else { return null() }
        bytes.append(UInt8(ascii: "["))
        for (index, value) in values.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            JSONEscape.append(quoted: value, to: &bytes)
        }
        bytes.append(UInt8(ascii: "]"))
    }

    /// As a member of something larger.
    consuming func object() -> [UInt8] {
        bytes.append(UInt8(ascii: "}"))
        return bytes
    }

    consuming func finished() -> [UInt8] {
        bytes.append(UInt8(ascii: "}"))
        bytes.append(UInt8(ascii: "\n"))
        return bytes
    }

    private mutating func key(_ name: StaticString) {
        if bytes.count > 1 { bytes.append(UInt8(ascii: ",")) }
        bytes.append(UInt8(ascii: "\""))
        bytes.append(contentsOf: UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
        bytes.append(UInt8(ascii: "\""))
        bytes.append(UInt8(ascii: ":"))
    }

    private mutating func null() {
        bytes += "null".utf8
    }
}
