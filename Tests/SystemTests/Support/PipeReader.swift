// SPDX-License-Identifier: MIT
import Foundation
import Glibc
import Synchronization

/// A pipe whose reading end nobody reads until a test says so.
final class PipeReader: Sendable {
    private let reading: Int32
    /// For a child; close it here once no more children are started.
    let writing: Int32
    private let bytes = Mutex<[UInt8]>([])

    init() throws {
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { throw Missing("no pipe") }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        (reading, writing) = (ends[0], ends[1])
    }

    /// Reads until every writing end is closed, on a thread of its own.
    func start() {
        Thread.detachNewThread { [self] in
            var buffer = [UInt8](repeating: 0, count: 65_536)
            while case let count = read(reading, &buffer, buffer.count), count > 0 {
                bytes.withLock { $0 += buffer[..<count] }
            }
            close(reading)
        }
    }

    /// What was read so far.
    var text: String { bytes.withLock { String(decoding: $0, as: UTF8.self) } }
}
