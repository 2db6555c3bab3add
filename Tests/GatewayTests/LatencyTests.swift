// SPDX-License-Identifier: MIT
import Gateway
import TestSupport
import Testing

extension LiveGateway {
    /// Times are measured in a soak only, and held against a wide bound: other suites run beside it. That working peers
    /// are answered while stalled ones wait is shown in each run (`Crowd`).
    @Suite(.enabled(if: Soak.isOn, "times are measured in a soak")) struct Latency {
        private static let half = Array(RequestStream().bytes.dropLast())

        @Test func threeHundredStalledPeersDoNotSlowWorkingOnes() async throws {
            let (rounds, requests) = (21, 1_000)
            try await withGateway(limits { $0.completeWithin = .seconds(60) }) { running in
                func percentile() throws -> Duration {
                    let times = try (0..<requests).map { _ in
                        try ContinuousClock().measure { try #expect(running.ask()?.isComplete == true) }
                    }
                    return times.sorted()[requests * 99 / 100]
                }
                func stalled() throws -> [Peer] {
                    try (0..<300).map { number in
                        let peer = try running.connect()
                        peer.send(Array(Self.half.prefix(number % Self.half.count)))
                        return peer
                    }
                }
                _ = try percentile()
                var (with, without): ([Duration], [Duration]) = ([], [])
                for _ in 1...rounds {
                    try without.append(percentile())
                    let peers = try stalled()
                    try with.append(percentile())
                    #expect(peers.allSatisfy { !$0.hasNews })
                }
                let (alone, beside) = (without.sorted()[rounds / 2], with.sorted()[rounds / 2])
                #expect(beside < alone * 4 + .milliseconds(2), "\(beside) beside, \(alone) alone")
                let hundredths = Int(beside / alone * 100 + 0.5)
                Soak.record(
                    "requests beside 300 stalled peers and without them, \(rounds) rounds in turn",
                    rounds * 2 * requests, "p99 \(hundredths) % of that without")
            }
        }
    }
}
