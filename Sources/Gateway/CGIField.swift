// SPDX-License-Identifier: MIT
import Glibc
import HTTPTypes

/// Names of header fields in CGI's spelling (RFC 3875, 4.1.18).
enum CGIField {
    /// Those that are expected, made once: parsing a name on each request costs more than the rest of it.
    private static let expected: [(cgi: StaticString, name: HTTPField.Name)] = [
        ("CONTENT_TYPE", .contentType), ("CONTENT_LENGTH", .contentLength), ("HTTP_ACCEPT", .accept),
        ("HTTP_COOKIE", .cookie), ("HTTP_ORIGIN", .origin), ("HTTP_SEC_FETCH_SITE", HTTPField.Name("Sec-Fetch-Site")!),
        ("HTTP_SEC_PURPOSE", HTTPField.Name("Sec-Purpose")!), ("HTTP_AUTHORIZATION", .authorization),
        ("HTTP_USER_AGENT", .userAgent),
    ]

    /// The header field that a CGI variable stands for; nil where it stands for none.
    static func named(_ variable: UnsafeRawBufferPointer) -> HTTPField.Name? {
        for (cgi, name) in expected where equal(variable, cgi) { return name }
        guard variable.count > 5, equal(UnsafeRawBufferPointer(rebasing: variable[..<5]), "HTTP_") else { return nil }
        return HTTPField.Name(text(UnsafeRawBufferPointer(rebasing: variable[5...])).replacing("_", with: "-"))
    }

    static func equal(_ bytes: UnsafeRawBufferPointer, _ name: StaticString) -> Bool {
        bytes.count == name.utf8CodeUnitCount && memcmp(bytes.baseAddress!, name.utf8Start, bytes.count) == 0
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
