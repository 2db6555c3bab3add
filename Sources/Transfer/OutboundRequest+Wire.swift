// SPDX-License-Identifier: MIT
import Vault

extension OutboundRequest {
    /// Refuses what would become another request on the wire than the one that was meant.
    func screen(allowsPlainHTTP: Bool) throws(TransferFailure) {
        let isInOrder =
            Address.isAllowed(url, allowsPlainHTTP: allowsPlainHTTP)
            && query?.withBytes { $0.allSatisfy { isVisible($0) && $0 != UInt8(ascii: "#") } } ?? true
            && bearer?.withBytes { !$0.isEmpty && $0.allSatisfy(isVisible) } ?? true
            && headers.allSatisfy { isToken($0.name) && isFieldValue($0.value) }
            && isFieldValue(contentType)
            && (method == .post || form == nil && body == nil)
        guard isInOrder else { throw .refusedURL }
    }

    func fullURL() -> WipedBytes {
        if let query { WipedBytes(url + "?", query) } else { WipedBytes(url.utf8) }
    }

    /// Header lines in the notation of `CURLOPT_HTTPHEADER(3)`: `Name:` takes a header out, `Name;` sends it empty.
    var plainLines: [String] {
        var lines = ["Expect:"]
        if form == nil, body != nil { lines.append("Content-Type: \(contentType)") }
        return lines + headers.map { $0.value.isEmpty ? "\($0.name);" : "\($0.name): \($0.value)" }
    }
}

private func isVisible(_ byte: UInt8) -> Bool { 0x21...0x7e ~= byte }

/// RFC 9110, section 5.6.2.
private func isToken(_ name: String) -> Bool {
    !name.isEmpty && name.utf8.allSatisfy { isVisible($0) && !"\"(),/:;<=>?@[\\]{}".utf8.contains($0) }
}

/// RFC 9110, section 5.5, without the bytes above ASCII: no line break, no NUL.
private func isFieldValue(_ value: String) -> Bool {
    value.utf8.allSatisfy { isVisible($0) || $0 == 0x20 || $0 == 0x09 }
}
