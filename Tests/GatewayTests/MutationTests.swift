// SPDX-License-Identifier: MIT
import Gateway
import TestSupport
import Testing

/// With those that cross a running gateway, 100,000 mutated streams in each run. On a thread of their own: they would
/// keep the pool that handlers run on busy for seconds.
@Suite(.serialized, .ownThread) struct MutationTests {
    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func theScreenAcceptsExactlyWhatTheSpecificationCallsARequest(seed: UInt64) {
        let count = Soak.times(22_500)
        var screen = Screen(limit: 65_536)
        var whole = 0
        for bytes in Mutation(seed: seed, count: count) {
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
        #expect(whole > 2_000)
        Soak.record(
            "mutated FastCGI streams over the screen, seed \(seed)", count,
            "\(whole) requests, no crash, no disagreement")
    }
}

extension LiveGateway {
    @Suite struct Mutations {
        /// In a process of its own, which ends with the sockets and the memory that it had after the first thousand.
        @Test(arguments: Array(11...(Soak.isOn ? 15 : 11)) as [UInt64])
        func libfcgiReadsExactlyWhatWasSentAndNothingIsLeftBehind(seed: UInt64) async {
            await #expect(processExitsWith: .success) { [seed] in
                let count = Soak.isOn ? 20_000 : 10_000
                try await onOwnThread {
                    try await Crossing.through { crossing in
                        var streams = Mutation(seed: seed, count: count)
                        try crossing.send((0..<1_000).compactMap { _ in streams.next() })
                        let (sockets, kilobytes) = (Held.sockets, Held.kilobytes)
                        try crossing.send(streams)
                        #expect(crossing.answered + crossing.closed == count && crossing.answered > 1_000)
                        let (more, grown) = (Held.sockets - sockets, Held.kilobytes - kilobytes)
                        #expect(more <= 0)
                        // 200 bytes a stream, and half of that in a soak.
                        #expect(grown < 2_000, "\(grown) KB more")
                        Soak.record(
                            "mutated FastCGI streams through a running gateway, seed \(seed)", count,
                            "\(crossing.answered) answered as sent, the rest closed; \(max(more, 0)) sockets and "
                                + "\(max(grown, 0)) KB more than after 1,000")
                    }
                }
            }
        }
    }
}
