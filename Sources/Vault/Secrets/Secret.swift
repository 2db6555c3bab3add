// SPDX-License-Identifier: MIT

/// Bytes that do not print, wipe themselves, and compare in constant time. `Kind` keeps one secret from passing
/// for another: a short-lived token is no long-lived one.
package struct Secret<Kind>: Sendable {
    private let storage: SecretBytes

    /// Copies; what is copied from stays with the caller, who wipes it if it can be wiped.
    package init(copying bytes: some Collection<UInt8>) {
        storage = SecretBytes(count: bytes.count) { $0.copyBytes(from: bytes) }
    }

    package init(utf8 text: String) {
        self.init(copying: text.utf8)
    }

    /// Made in place, so that no second copy exists; what `fill` has written before it throws is wiped.
    init<Failure: Error>(
        count: Int, _ fill: (UnsafeMutableRawBufferPointer) throws(Failure) -> Void
    ) throws(Failure) {
        storage = try SecretBytes(count: count, fill)
    }

    package var count: Int { storage.count }
    package var isEmpty: Bool { count == 0 }

    /// Lends the bytes; the pointer is good inside `body` only.
    package func withBytes<R, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> R
    ) throws(Failure) -> R {
        try storage.withBytes(body)
    }

    /// The secret as an ordinary string, which can be printed and is never wiped. **For the one place where a token
    /// leaves: the body of an answer to an agent.** Everywhere else `withBytes` is enough.
    package func exposedText() -> String {
        withBytes { String(decoding: $0, as: UTF8.self) }
    }
}

extension Secret: Equatable {
    /// Constant time for equal lengths; that lengths differ is no secret.
    package static func == (left: Self, right: Self) -> Bool {
        left.withBytes { left in right.withBytes { right in Digest.constantTimeEqual(left, right) } }
    }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "‹secret›" }
    package var debugDescription: String { description }
    /// No children: `dump` and `Mirror` walk no further.
    package var customMirror: Mirror { Mirror(self, children: []) }
}
