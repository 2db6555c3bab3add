// SPDX-License-Identifier: MIT
import Glibc
import HTTPTypes

/// Names of header fields in CGI's spelling (RFC 3875, 4.1.18).
enum CGIField {
    /// Those that are expected. Their names are made once, and the search does not touch them: parsing a name on each
    /// request, or counting references to all of them, costs more than the rest of it.
    private static let expected: [StaticString] = [
        "CONTENT_TYPE", "CONTENT_LENGTH", "HTTP_ACCEPT", "HTTP_COOKIE", "HTTP_ORIGIN", "HTTP_SEC_FETCH_SITE",
        "HTTP_SEC_PURPOSE", "HTTP_AUTHORIZATION", "HTTP_ACCEPT_LANGUAGE",
    ]
    private static let names: [HTTPField.Name] = [
        .contentType, .contentLength, .accept, .cookie, .origin, HTTPField.Name("Sec-Fetch-Site")!,
        HTTPField.Name("Sec-Purpose")!, .authorization, .acceptLanguage,
    ]

    /// The header field that a CGI variable stands for; nil where it stands for none.
    static func named(_ variable: UnsafeRawBufferPointer) -> HTTPField.Name? {
        if let index = expected.firstIndex(where: { equal(variable, $0) }) { return names[index] }
        guard variable.count > 5, equal(UnsafeRawBufferPointer(rebasing: variable[..<5]), "HTTP_") else { return nil }
        return HTTPField.Name(text(UnsafeRawBufferPointer(rebasing: variable[5...])).replacing("_", with: "-"))
    }

    static func equal(_ bytes: UnsafeRawBufferPointer, _ name: StaticString) -> Bool {
        bytes.count == name.utf8CodeUnitCount && memcmp(bytes.baseAddress!, name.utf8Start, bytes.count) == 0
    }

    static func hasControls(_ bytes: UnsafeRawBufferPointer) -> Bool {
        bytes.contains { $0 < 0x20 && $0 != UInt8(ascii: "\t") || $0 == 0x7f }
    }

    static func text(_ bytes: UnsafeRawBufferPointer) -> String {
        String(decoding: bytes, as: UTF8.self)
    }

    static func length(_ entry: UnsafeRawPointer) -> Int {
        strlen(entry.assumingMemoryBound(to: CChar.self))
    }

    static func index(of byte: UInt8, in bytes: UnsafeRawBufferPointer) -> Int? {
        memchr(bytes.baseAddress!, Int32(byte), bytes.count).map { UnsafeRawPointer($0) - bytes.baseAddress! }
    }
}
