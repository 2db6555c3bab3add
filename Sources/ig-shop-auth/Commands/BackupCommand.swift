// SPDX-License-Identifier: MIT
import ArgumentParser
import Connect
import Glibc

struct BackupCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup",
        abstract: "Writes a copy of the database that can stand in its place.",
        usage: """
            ig-shop-auth backup FILE
            ig-shop-auth backup --into DIRECTORY [--keep N]
            """,
        discussion: """
            Works while the service runs. FILE must not exist; it is there when it is whole, mode 0600, and otherwise \
            nothing is left. The keys are not in it.

            In DIRECTORY it is named by the time, and once it is whole the oldest of that kind beyond N are removed, \
            with what killed backups left there; nothing else is.
            """)

    @Argument(help: "The copy. Nothing may have that name yet.")
    var file: String?

    @Option(help: ArgumentHelp("Makes a new file in this directory, named by the time.", valueName: "directory"))
    var into: String?

    @Option(help: ArgumentHelp("How many stay in the directory; 14, if left out.", valueName: "n"))
    var keep: Int?

    private static let standardKeep = 14

    func validate() throws {
        guard (file == nil) != (into == nil) else {
            throw ValidationError("Say where the copy goes: either a FILE or --into DIRECTORY.")
        }
        guard keep.map({ $0 > 0 && into != nil }) ?? true else {
            throw ValidationError("--keep is a number above 0, beside --into DIRECTORY.")
        }
    }

    func run() async throws {
        // A limit on the size of files is an error like others, and no signal.
        signal(SIGXFSZ, SIG_IGN)
        umask(0o077)
        try await Complaint.about {
            let paths = try await SettingsReader.paths(environment: .current)
            // An installation that is not finished is no alert each day.
            if into != nil, access(paths.database, F_OK) != 0, errno == ENOENT {
                print("there is no database at \(paths.database) yet, so there is nothing to copy")
                return
            }
            try Records.expect(paths.database)
            // Root's own directory is root's to write to.
            let directory = into ?? SafeDirectory.parent(of: file ?? "")
            let records = try DatabaseOwner.become(of: paths.database, writingTo: directory) {
                try Records(path: paths.database)
            }
            let interruption = Interruption()
            defer { interruption.cancel() }
            let rotation = into.map { BackupRotation(directory: $0, keep: keep ?? Self.standardKeep) }
            let name = rotation.map { $0.name(at: time(nil)) } ?? ""
            let file = rotation.map { "\($0.directory)/\(name)" } ?? file ?? ""
            let backup = try Backup(of: records, as: file) { interruption.discards($0) }
            print("\(file): \(backup.users) users, \(backup.bytes) bytes")
            interruption.discards(nil)
            print(
                """
                Its tokens open only with the keyring, \(paths.keys), which is not in it: keep a copy of that somewhere else.
                """)
            if let (removed, failed) = rotation?.rotate(newest: name) {
                for path in removed { print("removed \(path)") }
                if !failed.isEmpty { throw Complaint(failed, exit: SysExit.inputOutput) }
            }
        }
    }
}
