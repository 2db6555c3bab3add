// SPDX-License-Identifier: MIT
import Glibc
import TestSupport
import Testing

/// Standard output is a pipe, and whoever should read it does not.
@Suite
struct StalledJournalTests {
    @Test("A reader that stalls stops nothing, and hears afterwards how much it missed")
    func stalled() async throws {
        let pipe = try PipeReader()
        // More than fits: a pipe holds 64 KiB and the program's queue a megabyte.
        let count = Soak.times(7_000)
        try await Stage.run(Stage.Options(journal: pipe.writing)) { stage in
            #expect(try await answered(count, stage) == count)
            #expect(stage.responder?.isRunning == true)
            pipe.start()
            // With a reader there is room again, and a line that finds it says what is missing before.
            try await eventually("the number of lost lines") {
                _ = try await Browser().fetch(stage.status)
                return pipe.text.contains("lines lost") ? () : nil
            }
            #expect(await stage.responder?.stop() == .exit(0))
        }
        close(pipe.writing)
        let lines = try JournalLine.parse(pipe.text)
        let lost = lines.filter { $0["event"] == "lines lost" }.compactMap { $0["count"].flatMap { Int($0) } }
        let written = lines.filter { $0["event"] == "request" && $0["route"] == "/auth/instagram/status" }.count
        #expect(lost.reduce(0, +) > 0)
        #expect(written + lost.reduce(0, +) > count, "nothing is missing without being counted")
        Soak.record("requests while nobody reads the journal", count, "all answered, lost lines counted")
        #expect(lines.first?["event"] == "started" && lines.last?["event"] == "stopped")
    }

    private func answered(_ count: Int, _ stage: Stage) async throws -> Int {
        try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<20 {
                group.addTask {
                    let browser = Browser()
                    var good = 0
                    for _ in 0..<count / 20 where try await browser.fetch(stage.status).status == 200 { good += 1 }
                    return good
                }
            }
            return try await group.reduce(0, +)
        }
    }
}
