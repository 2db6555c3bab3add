// SPDX-License-Identifier: MIT
import Foundation
import Glibc
import Vault

/// What an operator does with the keyring.
extension Stage {
    /// The line of a new key.
    static func key(_ name: String) -> String { Keyring.generateLine(id: KeyID(name)!, random: .system) }

    func keyLines() throws -> [String] {
        try String(contentsOfFile: keys, encoding: .utf8).split(separator: "\n").map(String.init)
    }

    /// Under another name first, as an editor does it: at no time is half a file there.
    func writeKeys(_ lines: [String]) throws {
        let text = lines.map { $0 + "\n" }.joined()
        guard
            FileManager.default.createFile(
                atPath: keys + ".new", contents: Data(text.utf8), attributes: [.posixPermissions: 0o600]),
            rename(keys + ".new", keys) == 0
        else { throw Missing("no keys") }
    }

    /// Writes the file, sends SIGHUP, and tells what the journal says of it, to the line that says what is in force.
    func rekey(_ lines: [String]) async throws -> [String] {
        try writeKeys(lines)
        return try await reload()
    }

    func reload() async throws -> [String] {
        func told() throws -> [String] {
            try journal().compactMap { line in
                guard let event = line["event"], event.hasPrefix("reload") else { return nil }
                return "\(event): \(line["fault"] ?? line["keys"] ?? "")"
            }
        }
        let before = try told().count
        responder?.signal(SIGHUP)
        return try await eventually("the journal") {
            let new = try told().dropFirst(before)
            return new.last.map { !$0.hasPrefix("reload refused") } ?? false ? Array(new) : nil
        }
    }

    /// Waits until every row is sealed by this key.
    func resealed(with key: String) async throws {
        _ = try await eventually("rows sealed by \(key)") {
            try kept.users().allSatisfy { $0.box.flatMap(Box.init)?.keyID.description == key } ? () : nil
        }
    }
}
