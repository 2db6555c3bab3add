// SPDX-License-Identifier: MIT

/// An id of Instagram's: digits from end to end. All of them exceed 2^53, so they never pass through a `Double`.
package struct InstagramID: Hashable, Sendable, CustomStringConvertible {
    package let digits: String

    /// Refuses anything but 1 to 32 ASCII digits.
    package init?(_ digits: String) {
        let utf8 = digits.utf8
        guard (1...32).contains(utf8.count), utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
        else { return nil }
        self.digits = digits
    }

    package var description: String { digits }
}

extension InstagramID: Decodable {
    /// A JSON string or a JSON integer: Instagram sends both, for the same field.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try (try? container.decode(String.self)) ?? String(container.decode(UInt64.self))
        guard let id = InstagramID(text) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not an id")
        }
        self = id
    }
}
