// SPDX-License-Identifier: MIT
import ArgumentParser
import Connect
import Foundation
import Glibc

struct Audit: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Shows who had to do with which account, and when: the newest last.",
        discussion: """
            Reads the database that IG_SHOP_AUTH_DATABASE names, also while the service runs, and changes nothing. \
            Times are UTC. Hand-outs of one agent, user and hour are one line.
            """)

    @Option(help: "Only what concerns this user.")
    var user: String?

    @Option(help: "Nothing before this moment: 2026-01-31 or 2026-01-31T09:30:00Z.", transform: Audit.time)
    var since: UnixTime?

    @Option(help: "Only so many lines, the newest.")
    var last: Int?

    func validate() throws {
        if since != nil, last != nil { throw ValidationError("--since and --last exclude each other.") }
        if let last, last < 1 { throw ValidationError("--last is a number from 1 on.") }
    }

    func run() async throws {
        try await Complaint.about {
            let paths = try await SettingsReader.paths(environment: .current)
            let records = try Records(existing: paths.database)
            try Self.list(records, records.auditSelection(user: user, since: since, last: last)) { print($0) }
        }
    }

    static func list(_ records: Records, _ selection: AuditSelection, _ write: (String) -> Void) throws {
        var table = Table([
            .init(title: "TIME"), .init(title: "ACTION"), .init(title: "USER"), .init(title: "AGENT"),
            .init(title: "REASON"), .init(title: "GENERATION", isNumber: true), .init(title: "TIMES", isNumber: true),
            .init(title: "REQUEST"),
        ])
        func cells(_ record: AuditRecord) -> [String] {
            [
                record.at.description, Shown.text(record.action), Shown.text(record.user), Shown.text(record.agent),
                Shown.text(record.reason), record.generation.map(String.init) ?? Table.nothing, String(record.times),
                Shown.text(record.requestID),
            ]
        }
        try records.audit(selection) { table.measure(cells($0)) }
        write(table.heading)
        try records.audit(selection) { write(table.line(cells($0))) }
    }

    /// A day of the calendar from its first second, or a second; in UTC, as it is written down.
    static func time(_ text: String) throws -> UnixTime {
        let whole = text.utf8.count == 10 ? text + "T00:00:00Z" : text
        let numbers = whole.split { "-T:Z".contains($0) }.compactMap { Int32($0) }
        if numbers.count == 6, (1970...9999).contains(numbers[0]) {
            var fields = tm()
            (fields.tm_year, fields.tm_mon, fields.tm_mday) = (numbers[0] - 1900, numbers[1] - 1, numbers[2])
            (fields.tm_hour, fields.tm_min, fields.tm_sec) = (numbers[3], numbers[4], numbers[5])
            let time = UnixTime(Int64(timegm(&fields)))
            // What is on no calendar, such as a 31st of February, or written in another way, comes out as another text.
            if time.description.utf8.elementsEqual(whole.utf8) { return time }
        }
        throw ValidationError("'\(text)' is no moment such as 2026-01-31 or 2026-01-31T09:30:00Z.")
    }
}
