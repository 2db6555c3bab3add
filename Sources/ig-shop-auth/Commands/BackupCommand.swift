// SPDX-License-Identifier: MIT
import ArgumentParser
import Connect
import Glibc

struct BackupCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup",
        abstract: "Writes a copy of the database that can stand in its place.",
        discussion: """
            Works while the service runs. FILE must not exist; it is there when it is whole, mode 0600, and otherwise \
            nothing is left. The keys are not in it.
            """)

    @Argument(help: "The copy. Nothing may have that name yet.")
    var file: String

    func run() async throws {
        // A limit on the size of files is an error like others, and no signal.
        signal(SIGXFSZ, SIG_IGN)
        umask(0o077)
        try await Complaint.about {
            let paths = try await SettingsReader.paths(environment: .current)
            let records = try Records(existing: paths.database)
            let interruption = Interruption()
            defer { interruption.cancel() }
            let backup = try Backup(of: records, as: file) { interruption.discards($0) }
            print("\(file): \(backup.users) users, \(backup.bytes) bytes")
            print(
                """
                Its tokens open only with the keyring, \(paths.keys), which is not in it: keep a copy of that somewhere else.
                """)
        }
    }
}
