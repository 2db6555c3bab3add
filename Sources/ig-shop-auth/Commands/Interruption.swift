// SPDX-License-Identifier: MIT
import Connect
import Dispatch
import Glibc
import Synchronization

/// Signals that end a command, such as Ctrl-C, while a backup is not finished: what there is of it goes first.
struct Interruption {
    private final class Unfinished: Sendable {
        let directory = Mutex<String?>(nil)
    }

    private let unfinished = Unfinished()
    private let sources: [any DispatchSourceSignal]

    /// From here on.
    init() {
        sources = [SIGHUP, SIGINT, SIGQUIT, SIGTERM].filter { !Self.isIgnored($0) }.map { [unfinished] number in
            signal(number, SIG_IGN)  // a source hears of it all the same
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler {
                // Held to the end: nobody goes on and complains of what is gone.
                unfinished.directory.withLock { directory in
                    if let directory { Backup.discard(directory) }
                    Self.end(by: number)
                }
            }
            // Before it listens a signal would be lost.
            let isListening = DispatchSemaphore(value: 0)
            source.setRegistrationHandler { isListening.signal() }
            source.activate()
            isListening.wait()
            return source
        }
    }

    /// The signal ends the process now, as if nobody had waited for it. Sent to the process it might go to the source
    /// once more; this thread blocks it until it is told not to.
    private static func end(by number: Int32) -> Never {
        signal(number, SIG_DFL)
        var set = sigset_t()
        sigemptyset(&set)
        sigaddset(&set, number)
        pthread_sigmask(SIG_UNBLOCK, &set, nil)
        raise(number)
        _exit(128 + number)
    }

    func discards(_ directory: String?) {
        unfinished.directory.withLock { $0 = directory }
    }

    /// The work is done, unless a signal came: then the process ends here.
    func cancel() {
        discards(nil)
        for source in sources { source.cancel() }
    }

    /// As `nohup` leaves it to its program.
    private static func isIgnored(_ number: Int32) -> Bool {
        var action = sigaction()
        sigaction(number, nil, &action)
        return unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self)
            == unsafeBitCast(SIG_IGN, to: Int.self)
    }
}
