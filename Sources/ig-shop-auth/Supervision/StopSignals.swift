// SPDX-License-Identifier: MIT
import Glibc
import ServiceLifecycle
import Synchronization
import UnixSignals

/// SIGTERM and SIGINT, from the first moment: one that comes while files are read ends the program as well as any other.
struct StopSignals: Service {
    private static let numbers = [SIGTERM, SIGINT]
    private static let hasCome = Atomic<Bool>(false)

    private let signals: UnixSignalsSequence

    /// The very first step: until there is somebody to listen, it is written down that one came.
    static func note() {
        // The flag is there before a handler needs it.
        hasCome.store(false, ordering: .sequentiallyConsistent)
        for number in numbers {
            signal(number) { _ in StopSignals.hasCome.store(true, ordering: .sequentiallyConsistent) }
        }
    }

    /// From here on signals are listened to.
    init() async {
        signals = await UnixSignalsSequence(trapping: .sigterm, .sigint)
    }

    /// Returns when there is a reason to stop.
    func run() async {
        if Self.hasCome.load(ordering: .sequentiallyConsistent) { return }
        for await _ in signals.cancelOnGracefulShutdown() { return }
    }

    /// The end has begun, and nobody needs to ask for it any more.
    static func ignore() {
        for number in numbers { signal(number, SIG_IGN) }
    }
}
