// SPDX-License-Identifier: MIT
import Gateway
import TestSupport
import Testing

/// 100,000 mutated streams in each run, 1,000,000 in a soak. On a thread of their own: they would keep the pool that
/// handlers run on busy for seconds.
@Suite(.serialized, .ownThread, .timeLimit(.minutes(10))) struct MutationTests {
    @Test func theScreenAcceptsExactlyWhatTheSpecificationCallsARequest() {
        let count = Soak.times(90_000)
        var screen = Screen(limit: 65_536)
        var whole = 0
        for bytes in Mutation(seed: 1, count: count) {
            let verdict = bytes.withUnsafeBytes { screen.judge($0) }
            if (verdict == .whole) != (Understood(bytes) != nil) {
                Issue.record("\(verdict): \(bytes)")
            }
            if verdict == .whole {
                whole += 1
                let cut = bytes[..<(bytes.count / 2)].withUnsafeBytes { screen.judge($0) }
                if cut != .incomplete { Issue.record("half of it is \(cut): \(bytes)") }
            }
        }
        #expect(whole > count / 10)
        Soak.record("mutated FastCGI streams over the screen", count, "\(whole) requests, no crash, no disagreement")
    }

    /// In a process of its own, which ends with the sockets and the memory that it had after the first of them.
    @Test func libfcgiReadsExactlyWhatWasSentAndNothingIsLeftBehind() async {
        await #expect(processExitsWith: .success) {
            let count = Soak.times(10_000)
            try await onOwnThread {
                try await Crossing.through { crossing in
                    var streams = Mutation(seed: 2, count: count)
                    try crossing.send((0..<2_000).compactMap { _ in streams.next() })
                    let (sockets, kilobytes) = (Held.sockets, Held.kilobytes)
                    try crossing.send(streams)
                    #expect(crossing.answered + crossing.closed == count && crossing.answered > count / 10)
                    let (more, grown) = (Held.sockets - sockets, Held.kilobytes - kilobytes)
                    #expect(more <= 0)
                    // 100 bytes a stream, and 10 in a soak.
                    #expect(kilobytes > 0 && grown < 1_000, "\(grown) KB more")
                    Soak.record(
                        "mutated FastCGI streams through a running gateway", count,
                        "\(crossing.answered) answered as sent, the rest closed; 0 sockets and \(max(grown, 0)) KB more "
                            + "than after 2,000")
                }
            }
        }
    }
}
