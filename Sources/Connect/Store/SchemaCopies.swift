// SPDX-License-Identifier: MIT
import FoundationEssentials

/// The copies of a database that migrations left beside it. They hold sealed tokens, also of accounts that were let go
/// since, so they go when nobody needs them any more.
struct SchemaCopies {
    /// Seconds that a copy is kept: time enough to go back to the version before.
    static let kept: Int64 = 30 * 86_400

    let database: String

    func path(_ schema: String) -> String { "\(database).schema-\(schema)" }

    /// Removes what is too old, by the time of the file system.
    func forget(now: UnixTime) {
        let slash = database.lastIndex(of: "/")
        let directory = slash.map { String(database[...$0]) } ?? "./"
        let prefix = String(database[(slash.map(database.index(after:)) ?? database.startIndex)...]) + ".schema-"
        let names = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
        for name in names where name.hasPrefix(prefix) {
            let attributes = try? FileManager.default.attributesOfItem(atPath: directory + name)
            guard let written = attributes?[.modificationDate] as? Date else { continue }
            if now.seconds - Int64(written.timeIntervalSince1970) > Self.kept {
                try? FileManager.default.removeItem(atPath: directory + name)
            }
        }
    }
}
