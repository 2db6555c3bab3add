// SPDX-License-Identifier: MIT
import Connect
import Logging
import Synchronization
import Testing
import Transfer

@testable import ig_shop_auth

@Suite
struct ClockWatchTests {
    private static let here = UnixTime(784_111_777)

    private func reply(_ date: String) -> OutboundReply {
        OutboundReply(status: 200, headers: [(name: "date", value: date)], body: [])
    }

    @Test("A clock that is off is told once, and once when it is right; so is an Instagram that nobody vouches for")
    func told() async throws {
        let lines = Lines()
        let watch = ClockWatch(log: Logger(label: "clock") { _ in lines }, now: { Self.here })
        let right = reply("Sun, 06 Nov 1994 08:49:37 GMT")
        let ahead = reply("Sun, 06 Nov 1994 07:49:37 GMT")
        for each in [right, ahead, ahead, right, right] {
            _ = try await watch.observing { () async throws(TransferFailure) in each }
        }
        for _ in 0..<2 {
            await #expect(throws: TransferFailure.untrusted(code: 60)) {
                try await watch.observing { () async throws(TransferFailure) in throw .untrusted(code: 60) }
            }
        }
        await #expect(throws: TransferFailure.busy) {
            try await watch.observing { () async throws(TransferFailure) in throw .busy }
        }
        _ = try await watch.observing { () async throws(TransferFailure) in right }
        #expect(lines.told == ["clock wrong 3600 s", "clock right again", "Instagram untrusted", "clock right again"])
    }
}

private struct Lines: LogHandler {
    private final class Kept: Sendable {
        let lines = Mutex<[String]>([])
    }

    private let kept = Kept()
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.trace

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    var told: [String] { kept.lines.withLock { $0 } }

    func log(event: LogEvent) {
        let ahead = event.metadata?["ahead"].map { " \($0)" } ?? ""
        kept.lines.withLock { $0.append("\(event.message)\(ahead)") }
    }
}
