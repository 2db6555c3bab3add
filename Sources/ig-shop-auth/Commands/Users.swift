// SPDX-License-Identifier: MIT
import ArgumentParser
import Connect
import Foundation
import Glibc
import Vault

struct Users: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Lists the users with the state of their accounts.",
        discussion: """
            Reads the database that IG_SHOP_AUTH_DATABASE names, also while the service runs, and changes nothing. What \
            a terminal should not see of a name is escaped: \\u{...}.
            """)

    @Option(help: "Only users in this state: \(Records.states.joined(separator: ", ")).")
    var state: String?

    func validate() throws {
        if let state, !Records.states.contains(state) {
            throw ValidationError("'\(state)' is not one of \(Records.states.joined(separator: ", ")).")
        }
    }

    func run() async throws {
        try await Complaint.about {
            let paths = try await SettingsReader.paths(environment: .current)
            // While root may still read them.
            let keys = Result { try KeyFile.load(paths.keys).ids }
            let records = try Records(existing: paths.database)
            if case .failure(let error) = keys {
                let note = "ig-shop-auth: without the keys nobody can say whether one is missing: \(error)\n"
                FileHandle.standardError.write(Data(note.utf8))
            }
            try Self.list(records, state: state, keys: try? keys.get(), now: MachineClock().now().time) { print($0) }
        }
    }

    static func list(
        _ records: Records, state: String?, keys: [KeyID]?, now: UnixTime, _ write: (String) -> Void
    ) throws {
        var table = Table([
            .init(title: "USER"), .init(title: "USERNAME"), .init(title: "INSTAGRAM ID"), .init(title: "STATE"),
            .init(title: "REASON"), .init(title: "DAYS LEFT", isNumber: true), .init(title: "NEXT RENEWAL"),
        ])
        func cells(_ record: UserRecord) -> [String] {
            [
                Shown.text(record.user), record.username.map { "@" + Shown.text($0) } ?? Table.nothing,
                Shown.text(record.instagramUserID), record.state, Shown.text(record.reason),
                record.daysToExpiry.map(String.init) ?? Table.nothing,
                record.nextRenewalAt?.description ?? Table.nothing,
            ]
        }
        try records.users(state: state, keys: keys, now: now) { table.measure(cells($0)) }
        write(table.heading)
        try records.users(state: state, keys: keys, now: now) { write(table.line(cells($0))) }
    }
}

extension Records {
    /// A database that has to be there, read as its owner: nothing that SQLite makes beside it is root's.
    init(existing path: String) throws {
        try Self.expect(path)
        try DatabaseOwner.become(of: path)
        try self.init(path: path)
    }

    static func expect(_ path: String) throws {
        guard FileManager.default.fileExists(atPath: path) else {
            throw Complaint.noDatabase(at: path)
        }
        guard isFile(path) else { throw Complaint.noFile(at: path) }
    }

    /// SQLite would wait for ever where a pipe is.
    static func isFile(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    }
}
