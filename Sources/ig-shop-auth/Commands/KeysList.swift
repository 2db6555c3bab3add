// SPDX-License-Identifier: MIT
import ArgumentParser
import Connect
import Foundation
import Vault

struct KeysList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Shows what each key is used for, and how many rows it has sealed.",
        discussion: """
            Reads the files that IG_SHOP_AUTH_KEYS and IG_SHOP_AUTH_DATABASE name, also while the service runs, and \
            changes nothing. A key with 0 rows may be taken out; one that is missing stands last. A key with other bytes than \
            were in force under its name is refused by a start and a reload.
            """)

    func run() async throws {
        try await Complaint.about {
            let paths = try await SettingsReader.paths(environment: .current)
            let keyring = try KeyFile.load(paths.keys)
            try Records.expect(paths.database)
            try DatabaseOwner.become(of: paths.database)
            let seen = try Inspection(path: paths.database)
            for line in Self.lines(keyring.ids, seen.rowsByKey, other: seen.otherBytes(in: keyring)) { print(line) }
        }
    }

    /// - Parameter other: Keys with other bytes than before.
    static func lines(_ ring: [KeyID], _ rows: [KeyID: Int], other: [KeyID]) -> [String] {
        let missing = rows.keys.filter { !ring.contains($0) }.sorted()
        let uses = ["signs, seals", "verifies cookies"]
        let cells =
            ring.enumerated().map { place, key in
                let use = other.contains(key) ? "other bytes" : uses.dropFirst(place).first ?? "opens"
                return [key.description, use, "\(rows[key] ?? 0)"]
            } + missing.map { [$0.description, "missing", "\(rows[$0] ?? 0)"] }
        var table = Table([.init(title: "KEY"), .init(title: "USE"), .init(title: "ROWS", isNumber: true)])
        for each in cells { table.measure(each) }
        return [table.heading] + cells.map(table.line)
    }
}
