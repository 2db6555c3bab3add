// SPDX-License-Identifier: MIT

/// Text as a JSON string (RFC 8259, section 7): for answers and for journal lines.
package enum JSONEscape {
    package static func append(quoted text: String, to bytes: inout [UInt8]) {
        var text = text
        bytes.append(UInt8(ascii: "\""))
        text.withUTF8 { utf8 in
            // One pass that takes many bytes at a time: nearly every text needs nothing escaped.
            var found: UInt8 = 0
            for byte in utf8 { found |= needsEscape(byte) }
            if found != 0 {
                for byte in utf8 { append(byte, to: &bytes) }
            } else {
                bytes.append(contentsOf: utf8)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private static func append(_ byte: UInt8, to bytes: inout [UInt8]) {
        guard needsEscape(byte) != 0 else { return bytes.append(byte) }
        bytes += "\\u00".utf8
        for digit in [byte >> 4, byte & 15] {
            bytes.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
        }
    }

    /// 1 for control bytes, quote and backslash; for `<` too, so that JSON inside a page could not end a script.
    private static func needsEscape(_ byte: UInt8) -> UInt8 {
        (byte < 0x20 ? 1 : 0) | (byte == UInt8(ascii: "\"") ? 1 : 0) | (byte == UInt8(ascii: "\\") ? 1 : 0)
            | (byte == UInt8(ascii: "<") ? 1 : 0) | (byte == 0x7f ? 1 : 0)
    }
}
