// SPDX-License-Identifier: MIT
import Foundation

/// The files that a fuzzer begins with: a folder of its own, and for Instagram's answers also those of InstagramTests.
enum Corpus {
    static func files(_ name: String) throws -> [URL] {
        let own = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        let others = own.deletingLastPathComponent().appendingPathComponent("InstagramTests/Replies")
        return try ([own.appendingPathComponent("Corpus/\(name)")] + (name == "reply" ? [others] : []))
            .flatMap { try FileManager.default.contentsOfDirectory(at: $0, includingPropertiesForKeys: nil) }
            .filter { $0.pathExtension != "md" }
            .sorted { $0.path < $1.path }
    }
}
