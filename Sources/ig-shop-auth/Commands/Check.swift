// SPDX-License-Identifier: MIT
import ArgumentParser
import Connect

struct Check: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Verifies settings, keys, database and libraries, each fault with its remedy.")

    func run() async throws {
        var report = CheckReport()
        await report.run(environment: .current)
        for line in report.lines { print(line) }
        if !report.faults.isEmpty { throw SysExit.configuration }
    }
}
