// SPDX-License-Identifier: MIT
import Connect
import Logging
import Synchronization
import Transfer

/// Whether this machine's clock is right, by what Instagram's answers say of theirs. Told once when it goes wrong, and
/// once when it is right again.
final class ClockWatch: Sendable {
    private enum Trouble: Equatable {
        case skew
        /// A clock that is years off finds every certificate expired or not yet valid, and hears no answer.
        case untrusted
    }

    private let now: @Sendable () -> UnixTime
    private let log: Logger
    private let known = Mutex<Trouble?>(nil)

    init(log: Logger, now: @escaping @Sendable () -> UnixTime) {
        self.now = now
        self.log = log
    }

    /// A call by `send`, looked at.
    func observing(
        _ send: () async throws(TransferFailure) -> OutboundReply
    ) async throws(TransferFailure) -> OutboundReply {
        let began = now()
        do throws(TransferFailure) {
            let reply = try await send()
            if let skew = ClockSkew(reply, began...max(began, now())) { note(skew) }
            return reply
        } catch {
            if case .untrusted = error { note(untrusted: error) }
            throw error
        }
    }

    private func note(_ skew: ClockSkew) {
        let seconds = skew.beyondTolerance
        switch (change(to: seconds.map { _ in .skew }), seconds) {
        case (true, let seconds?):
            log.error(
                "clock wrong",
                metadata: [
                    "ahead": "\(seconds) s", "effect": "tokens seem to end earlier or later than they do",
                    "remedy": "set it, with `timedatectl set-ntp true` for good",
                ])
        case (true, nil): log.notice("clock right again")
        case (false, _): break
        }
    }

    private func note(untrusted failure: TransferFailure) {
        guard change(to: .untrusted) else { return }
        log.error(
            "Instagram untrusted",
            metadata: [
                "failure": "\(failure)",
                "remedy": "see whether this machine's clock is right (timedatectl) and ca-certificates is there",
            ])
    }

    private func change(to trouble: Trouble?) -> Bool {
        known.withLock { known in
            defer { known = trouble }
            return known != trouble
        }
    }
}
