// SPDX-License-Identifier: MIT
import Foundation
import Glibc
import Logging
import Testing

@testable import ig_shop_auth

@Suite("Journal")
struct JournalTests {
    /// A pipe whose reader is the test.
    final class Pipe {
        let reading: Int32
        let writing: Int32

        init() {
            var ends: [Int32] = [0, 0]
            precondition(pipe(&ends) == 0)
            reading = ends[0]
            writing = ends[1]
        }

        deinit { close(reading) }

        /// Reads on a thread of its own. What comes back closes the writing end and gives the lines.
        func collecting() -> () throws -> [[String: Any]] {
            final class Collected: @unchecked Sendable {
                var bytes = Data()
                let done = DispatchSemaphore(value: 0)
            }
            let collected = Collected()
            let reading = reading
            Thread {
                collected.bytes = (try? FileHandle(fileDescriptor: reading).readToEnd()) ?? Data()
                collected.done.signal()
            }.start()
            return { [writing] in
                close(writing)
                collected.done.wait()
                return try collected.bytes.split(separator: UInt8(ascii: "\n")).map {
                    try #require(try JSONSerialization.jsonObject(with: $0) as? [String: Any])
                }
            }
        }

        func lines() throws -> [[String: Any]] { try collecting()() }
    }

    @Test("A line is one JSON object with time and level, in order of adding")
    func line() throws {
        let pipe = Pipe()
        let journal = Journal(descriptor: pipe.writing, level: .info)
        journal.line(.info) { line in
            line.add("event", "request")
            line.add("status", 200)
        }
        journal.line(.debug) { $0.add("event", "left out") }
        journal.close()
        let lines = try pipe.lines()
        #expect(lines.count == 1)
        #expect(lines[0]["event"] as? String == "request")
        #expect(lines[0]["status"] as? Int == 200)
        #expect(lines[0]["level"] as? String == "info")
        let time = try #require(lines[0]["time"] as? String)
        #expect(time.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/) != nil)
    }

    @Test("10,000 hostile texts give exactly 10,000 lines (checklist 41)")
    func hostileTexts() throws {
        let pipe = Pipe()
        let journal = Journal(descriptor: pipe.writing, level: .info, capacity: 1 << 24)
        let collected = pipe.collecting()
        let texts = ["a\r\nb", "\u{0}\u{1b}[31m", "\"}\n{\"level\":\"error\"", "\\", "\u{2028}\u{85}", "<script>"]
        for number in 0..<10_000 {
            journal.line(.info) { line in
                line.add("event", texts[number % texts.count])
                line.add("number", number)
            }
        }
        journal.close()
        let lines = try collected()
        #expect(lines.count == 10_000)
        for (number, line) in lines.enumerated() {
            #expect(line["number"] as? Int == number)
            #expect(line["event"] as? String == texts[number % texts.count])
        }
    }

    @Test("A reader that stalls stops nothing: lines are dropped, counted and told")
    func stalledReader() throws {
        let pipe = Pipe()
        let journal = Journal(descriptor: pipe.writing, level: .info, capacity: 100_000)
        let text = String(repeating: "x", count: 1_000)
        for _ in 0..<5_000 { journal.line(.info) { $0.add("event", text) } }
        let collected = pipe.collecting()
        journal.close()
        let lines = try collected()
        let lost = lines.filter { $0["event"] as? String == "lines lost" }.compactMap { $0["count"] as? Int }.reduce(
            0, +)
        let written = lines.filter { $0["event"] as? String == text }.count
        #expect(lost > 4_000)
        #expect(journal.linesLost == lost, "as monitoring is told")
        #expect(written + lost == 5_000)
    }

    @Test("swift-log's lines are lines of the journal, with their metadata")
    func logger() throws {
        let pipe = Pipe()
        let journal = Journal(descriptor: pipe.writing, level: .info)
        var log = Logger(label: "x") { _ in JournalHandler(journal) }
        log[metadataKey: "always"] = "there"
        log.notice("started", metadata: ["keys": "a b"])
        journal.close()
        let lines = try pipe.lines()
        #expect(lines[0]["event"] as? String == "started")
        #expect(lines[0]["keys"] as? String == "a b")
        #expect(lines[0]["always"] as? String == "there")
        #expect(lines[0]["level"] as? String == "notice")
    }
}
