// SPDX-License-Identifier: MIT
import ArgumentParser
import Connect

struct Check: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Verifies settings, files, keys, database, libraries, units and nginx, each fault with its remedy.",
        discussion: """
            It works while the service runs, changes nothing and shows no secret. Root sees all of it, also what \
            `nginx -T` says; where another user sees less, a note says so. It goes on after a fault.
            """)

    @Option(help: "A file with what `nginx -T` says, or - for standard input, where this is not root or not the host.")
    var nginx: String?

    func run() async throws {
        var report = CheckReport()
        await report.run(
            environment: .current, nginx: nginx.map { .file($0) } ?? .machine, asOwner: DatabaseOwner.become)
        for line in report.lines { print(line) }
        if !report.faults.isEmpty { throw SysExit.configuration }
    }
}
