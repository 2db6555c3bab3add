// SPDX-License-Identifier: MIT
import Connect
import Logging
import Synchronization

/// Whether a token could be kept, and found again: what `/readyz` asks, for the journal and the status line.
final class StorageWatch: Sendable {
    private let check: @Sendable () async throws -> Void
    /// Why the last commit that anybody made has failed.
    private let failure: @Sendable () -> StoreFailure?
    private let status: StatusLine
    private let pause: Duration
    private let log: Logger
    private let known = Mutex<String?>(nil)

    /// - Parameter pause: Between two looks. One that finds nothing wrong costs nothing.
    init(
        status: StatusLine, log: Logger, pause: Duration = .seconds(5),
        failure: @escaping @Sendable () -> StoreFailure?, check: @escaping @Sendable () async throws -> Void
    ) {
        self.check = check
        self.failure = failure
        self.status = status
        self.pause = pause
        self.log = log
    }

    /// What does not work; nil: it does.
    var trouble: String? { known.withLock { $0 } }

    func watch() async throws {
        while true {
            try await Task.sleep(for: pause)
            if trouble != nil || failure() != nil { try await look() }
        }
    }

    /// Looks once. A disk that does not answer holds up nobody who wants to stop.
    func look() async throws {
        let (stream, answer) = AsyncStream.makeStream(of: String?.self)
        Task { [check] in
            answer.yield(await Self.trouble(check))
            answer.finish()
        }
        guard let found = await stream.first(where: { _ in true }) else { throw CancellationError() }
        let before = known.withLock { known in
            defer { known = found }
            return known
        }
        status.tell(storage: found)
        switch (before, found) {
        case (nil, let trouble?):
            log.error(
                "storage",
                metadata: [
                    "failure": "\(trouble)", "during": "self-check",
                    "effect": "nothing is kept until this is mended; then it goes on by itself",
                ])
        case (_?, nil): log.notice("storage works again")
        default: break
        }
    }

    private static func trouble(_ check: @Sendable () async throws -> Void) async -> String? {
        do {
            try await check()
            return nil
        } catch {
            return error is StoreFailure ? "storage_unavailable: \(error)" : "the newest token does not open: \(error)"
        }
    }
}
