// SPDX-License-Identifier: MIT

/// The place of a box: it opens there and nowhere else. A box that is moved to another row, or put back beside a newer
/// row, belongs to another place.
package struct SealedField: Sendable, Equatable {
    package let table: String
    package let column: String
    package let user: String
    package let instagramUserID: String
    package let generation: Int64

    package init(table: String, column: String, user: String, instagramUserID: String, generation: Int64) {
        self.table = table
        self.column = column
        self.user = user
        self.instagramUserID = instagramUserID
        self.generation = generation
    }

    /// Each part behind its length (4 bytes, big endian), so that no two places have the same bytes.
    func associatedData(keyID: KeyID) -> [UInt8] {
        var data: [UInt8] = []
        func append(_ part: some Collection<UInt8>) {
            data.append(contentsOf: UInt32(part.count).bigEndianBytes)
            data.append(contentsOf: part)
        }
        append(CollectionOfOne(Box.format))
        for text in [keyID.description, table, column, user, instagramUserID] { append(text.utf8) }
        append(generation.bigEndianBytes)
        return data
    }
}

extension FixedWidthInteger {
    fileprivate var bigEndianBytes: [UInt8] { withUnsafeBytes(of: bigEndian, Array.init) }
}
