// SPDX-License-Identifier: MIT
import Dispatch
import Foundation
import Glibc
import Logging
import Synchronization

/// JSON lines on standard output, through a bounded queue and a thread of their own: a reader that stalls stops
/// nothing. Lines that found no room are counted, and the next one that finds room says how many.
final class Journal: Sendable {
    /// Lines are gathered this long, in microseconds, so that a busy server does not make a system call for each.
    private static let gathering: UInt32 = 5_000

    private struct Queue {
        var bytes: [UInt8] = []
        var lost = 0
        /// Since the beginning, whether they were told of or not.
        var lostInAll = 0
        var writerSleeps = true
        var isClosed = false
        var clock = SecondClock()

        mutating func add(_ level: Logger.Level, _ compose: (inout JournalLine) -> Void) {
            var line = JournalLine(bytes: bytes)
            bytes = []  // the line is the only owner now, so that appending does not copy
            line.begin(clock.now(), level)
            compose(&line)
            line.end()
            bytes = line.bytes
        }

        mutating func tellLost() {
            guard lost > 0 else { return }
            let count = lost
            lost = 0
            add(.warning) { line in
                line.add("event", "lines lost")
                line.add("count", count)
            }
        }
    }

    let level: Logger.Level
    /// Our own: whoever closes theirs does not make us write into a file that gets its number.
    private let descriptor: Int32
    private let capacity: Int
    private let queue = Mutex(Queue())
    private let work = DispatchSemaphore(value: 0)
    private let finished = DispatchSemaphore(value: 0)

    /// - Parameter capacity: Bytes that may wait to be written.
    init(descriptor: Int32 = STDOUT_FILENO, level: Logger.Level, capacity: Int = 1 << 20) {
        let own = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
        precondition(own >= 0, "no descriptor for the journal")
        self.descriptor = own
        self.level = level
        self.capacity = capacity
        let thread = Thread { [self] in write() }
        thread.name = "journal"
        thread.start()
    }

    /// Adds one line; `compose` writes what follows the time and the level, without the closing brace.
    func line(_ level: Logger.Level, _ compose: (inout JournalLine) -> Void) {
        guard level >= self.level else { return }
        let wakes = queue.withLock { queue in
            guard queue.bytes.count < capacity, !queue.isClosed else {
                queue.lost += 1
                queue.lostInAll += 1
                return false
            }
            queue.tellLost()
            queue.add(level, compose)
            defer { queue.writerSleeps = false }
            return queue.writerSleeps
        }
        if wakes { work.signal() }
    }

    var linesLost: Int { queue.withLock { $0.lostInAll } }

    /// Writes what is queued, for a second at most, and ends.
    func close() {
        queue.withLock { queue in
            queue.tellLost()
            queue.isClosed = true
        }
        work.signal()
        _ = finished.wait(timeout: .now() + 1)
    }

    private func write() {
        while true {
            work.wait()
            while true {
                let (bytes, isClosed) = queue.withLock { queue in
                    defer {
                        queue.writerSleeps = queue.bytes.isEmpty
                        queue.bytes = []
                    }
                    return (queue.bytes, queue.isClosed)
                }
                writeAll(bytes)
                if bytes.isEmpty {
                    if isClosed {
                        Glibc.close(descriptor)
                        finished.signal()
                        return
                    }
                    break
                }
                if !isClosed { usleep(Self.gathering) }
            }
        }
    }

    /// A descriptor that nobody reads any more gives EPIPE: the lines are gone, the service goes on.
    private func writeAll(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { buffer in
            var at = 0
            while at < buffer.count {
                let written = Glibc.write(descriptor, buffer.baseAddress! + at, buffer.count - at)
                if written < 0, errno == EINTR { continue }
                if written < 0, errno == EAGAIN {
                    usleep(10_000)
                    continue
                }
                guard written >= 0 else { return }
                at += written
            }
        }
    }
}
