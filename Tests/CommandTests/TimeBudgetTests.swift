// SPDX-License-Identifier: MIT
import ArgumentParser
import Foundation
import Testing

@testable import ig_shop_auth

@Suite struct TimeBudgetTests {
    private static let root: String = {
        var url = URL(fileURLWithPath: #filePath)
        for _ in 0..<3 { url.deleteLastPathComponent() }
        return url.path
    }()

    @Test("A flow ends before nginx gives up, a stop before systemd kills")
    func order() throws {
        let budget = TimeBudget()
        #expect(budget.faults() == [])
        try budget.prove(nil)
        try budget.prove(Watchdog(time: .seconds(10)))
        #expect(budget.longestImport < TimeBudget.answer && budget.longestImport > budget.call * 2)
        #expect(budget.longestFlow < TimeBudget.answer && TimeBudget.answer < TimeBudget.stop)
        #expect(
            budget.longestFlow > budget.call * 3 && budget.longestStop > budget.drain * 2, "or nothing was added up")
    }

    @Test("The numbers are those of the shipped files")
    func shipped() throws {
        let nginx = try Self.read("nginx/snippets/ig-shop-auth-fastcgi.conf")
        #expect(Self.seconds(nginx, #/^fastcgi_read_timeout (\d+)s;/#) == [TimeBudget.answer])
        // The units come with the package.
        if let unit = try? Self.read("systemd/ig-shop-auth.service") {
            #expect(Self.seconds(unit, #/^TimeoutStopSec=(\d+)s?$/#) == [TimeBudget.stop])
            let watchdogs = Self.seconds(unit, #/^WatchdogSec=(\d+)s?$/#)
            #expect(watchdogs.count == 1 && watchdogs.allSatisfy { TimeBudget().fault(Watchdog(time: $0)) == nil })
        }
    }

    @Test("Each number that is too large is a fault, and the start is refused as a defect")
    func broken() throws {
        var slow = TimeBudget()
        slow.call = .seconds(12)
        #expect(slow.faults().count == 3, "a flow, an import, and a stop that waits for calls")
        slow = TimeBudget()
        slow.drain = .seconds(20)
        #expect(slow.faults().count == 1)
        let refusal = #expect(throws: Complaint.self) { try slow.prove(nil) }
        #expect(refusal?.exit == ExitCode(70) && refusal?.lines.first?.contains("systemd kills after") == true)
        let hasty = #expect(throws: Complaint.self) { try TimeBudget().prove(Watchdog(time: .seconds(5))) }
        #expect(hasty?.exit == ExitCode(78) && hasty?.lines.count == 1)
    }

    private static func read(_ path: String) throws -> String {
        try String(contentsOfFile: "\(root)/\(path)", encoding: .utf8)
    }

    private static func seconds(_ text: String, _ line: Regex<(Substring, Substring)>) -> [Duration] {
        text.split(separator: "\n").compactMap { $0.prefixMatch(of: line).flatMap { Int($0.1) }.map { .seconds($0) } }
    }
}
