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
            changes nothing. A key with 0 rows may be taken out; one that is missing stands last.
            """)

    func run() async throws {
        try await Complaint.about {
            let paths = try await SettingsReader.paths(environment: .current)
            let keyring = try KeyFile.load(paths.keys)
            guard FileManager.default.fileExists(atPath: paths.database) else {
                throw Complaint.noDatabase(at: paths.database)
            }
            let rows = try Inspection(path: paths.database).rowsByKey
            for line in Self.lines(keyring.ids, rows) { print(line) }
        }
    }

    static func lines(_ ring: [KeyID], _ rows: [KeyID: Int]) -> [String] {
        let missing = rows.keys.filter { !ring.contains($0) }.sorted()
        let cells =
            ring.enumerated().map { place, key in
                [
                    key.description, ["signs, seals", "verifies cookies"].dropFirst(place).first ?? "opens",
                    "\(rows[key] ?? 0)",
                ]
            } + missing.map { [$0.description, "missing", "\(rows[$0] ?? 0)"] }
        var table = Table([.init(title: "KEY"), .init(title: "USE"), .init(title: "ROWS", isNumber: true)])
        for each in cells { table.measure(each) }
        return [table.heading] + cells.map(table.line)
    }
}
