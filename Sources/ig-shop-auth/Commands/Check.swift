// SPDX-License-Identifier: MIT
import ArgumentParser
import Connect

struct Check: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Verifies settings, keys, database, libraries and nginx, each fault with its remedy.",
        discussion: "Run by root it reads nginx's configuration too: what `nginx -T` says.")

    @Option(help: "A file with what `nginx -T` says, or - for standard input, where this is not root or not the host.")
    var nginx: String?

    func run() async throws {
        var report = CheckReport()
        await report.run(environment: .current, nginx: nginx.map { .file($0) } ?? .machine)
        for line in report.lines { print(line) }
        if !report.faults.isEmpty { throw SysExit.configuration }
    }
}
