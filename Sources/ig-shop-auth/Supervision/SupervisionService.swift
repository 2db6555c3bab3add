// SPDX-License-Identifier: MIT
import Connect
import Gateway
import Logging
import ServiceLifecycle

/// Nobody can connect any more to the socket that was handed over.
struct SocketGone: Error {
    let path: String
}

/// Looks after the process from inside: says that it is ready when it has shown that it is, that it lives as long as all
/// of its parts come round, and what it cannot do now.
struct SupervisionService: Service {
    let parts: [Part]
    let storage: StorageWatch
    let status: StatusLine
    let notifier: Notifier
    let rounds: Rounds
    /// Of the socket that was handed over.
    let socketPath: String?
    let log: Logger

    func run() async throws {
        // Before anything else ends, and also when this is why it does.
        defer { notifier.tell(.stopping) }
        do {
            try await cancelWhenGracefulShutdown { try await supervise() }
        } catch is CancellationError {}
    }

    private func supervise() async throws {
        try await round()
        // A disk that is full is no reason to begin anew: that makes no room, and most of what is asked needs none.
        try await storage.look()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await storage.watch() }
            group.addTask { try await goRound() }
            try await group.next()
        }
    }

    private func goRound() async throws {
        var isReady = false
        while true {
            let began = ContinuousClock.now
            try await round()
            status.refresh()
            if !isReady { isReady = notifier.tell(.ready) }
            notifier.tell(.watchdog)
            try lookAtSocket()
            try await Task.sleep(until: began + rounds.every)
        }
    }

    /// Returns when every part has come round, however long that takes. Who is late is named.
    private func round() async throws {
        for part in parts { part.askForTurn() }
        var late = ContinuousClock.now + rounds.patience
        var pause = Duration.milliseconds(1)
        var isLate = false
        while true {
            let silent = parts.filter { !$0.hasAnswered }.map(\.name).joined(separator: ", ")
            if silent.isEmpty { break }
            if late <= .now {
                late = .now + rounds.patience
                isLate = true
                log.error(
                    "no progress",
                    metadata: ["part": "\(silent)", "effect": "systemd's watchdog restarts the service"])
                status.tell(hung: "no progress: \(silent)")
            }
            try await Task.sleep(for: pause)
            pause = min(pause * 2, .milliseconds(50))
        }
        if isLate {
            log.notice("progress again")
            status.tell(hung: nil)
        }
    }

    private func lookAtSocket() throws {
        guard let path = socketPath, ListeningSocket.isGone(path) else { return }
        log.error(
            "socket gone",
            metadata: [
                "path": "\(path)", "effect": "nginx cannot reach this service",
                "remedy": "systemd makes it again, or `systemctl restart ig-shop-auth.socket ig-shop-auth.service`",
            ])
        throw SocketGone(path: path)
    }
}
