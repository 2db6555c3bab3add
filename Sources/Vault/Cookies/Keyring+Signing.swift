// SPDX-License-Identifier: MIT

/// The limits of a signed value: base64url of payload and MAC.
package enum SignedValue {
    /// RFC 6265bis, section 5.6: browsers drop a cookie whose name and value are longer.
    package static let maximumByteCount = 4096
    /// What fits into `maximumByteCount`.
    package static let maximumPayloadByteCount = maximumByteCount / 4 * 3 - Digest.byteCount
}

extension Keyring {
    /// base64url(payload, HMAC-SHA-256 of it) with the first key. The value names no algorithm, key or version, so
    /// nothing in it can steer how it is verified. The payload is at most `SignedValue.maximumPayloadByteCount` long.
    package func sign(_ payload: [UInt8], for purpose: CookiePurpose) -> String {
        precondition(payload.count <= SignedValue.maximumPayloadByteCount, "a cookie that no browser would keep")
        return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: payload.count + Digest.byteCount) { signed in
            let end = signed.initialize(fromContentsOf: payload)
            let done = payload.withUnsafeBytes {
                entries[0].authenticator(for: purpose).authenticate($0, into: signed.baseAddress! + end)
            }
            precondition(done, "OpenSSL could not hash: no memory")
            return Base64URL.encode(UnsafeBufferPointer(signed))
        }
    }

    /// The payload, if one of the first two keys signed it for this purpose. Nobody looks at a byte of it before that.
    package func verify(_ value: some Collection<UInt8>, for purpose: CookiePurpose) -> [UInt8]? {
        guard value.count <= SignedValue.maximumByteCount, var payload = Base64URL.decode(value),
            payload.count >= Digest.byteCount
        else { return nil }
        let mac = Array(payload.suffix(Digest.byteCount))
        payload.removeLast(Digest.byteCount)
        let authentic = entries.prefix(Self.signingAndVerifyingCount).contains { entry in
            Digest.constantTimeEqual(entry.authenticator(for: purpose).authenticate(payload), mac)
        }
        return authentic ? payload : nil
    }
}
