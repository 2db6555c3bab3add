// SPDX-License-Identifier: MIT
import Dispatch
import Glibc
import Synchronization

/// Signals that end a command, such as Ctrl-C, while a file is not finished: the file goes first.
struct Interruption {
    private final class Unfinished: Sendable {
        let paths = Mutex<[String]>([])
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
                unfinished.paths.withLock { paths in
                    for path in paths { unlink(path) }
                    signal(number, SIG_DFL)
                    kill(getpid(), number)  // `raise` is for this thread, which takes none
                    while true { pause() }
                }
            }
            source.activate()
            return source
        }
    }

    func removes(_ paths: [String]) {
        unfinished.paths.withLock { $0 = paths }
    }

    /// The work is done, unless a signal came: then the process ends here.
    func cancel() {
        removes([])
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
