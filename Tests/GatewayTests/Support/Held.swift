// SPDX-License-Identifier: MIT
import Glibc

/// What this process holds, to be compared before and after.
enum Held {
    /// Only these: the runtime opens descriptors of other kinds when it first needs them.
    static var sockets: Int {
        (Int32(0)..<4_096).count {
            var status = stat()
            return fstat($0, &status) == 0 && status.st_mode & S_IFMT == S_IFSOCK
        }
    }

    /// Kilobytes of memory that is this process's alone: `RssAnon` of proc(5).
    static var kilobytes: Int {
        let file = open("/proc/self/status", O_RDONLY | O_CLOEXEC)
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: 8_192)
        let count = read(file, &bytes, bytes.count)
        let text = String(decoding: bytes.prefix(max(count, 0)), as: UTF8.self)
        let line = text.split(separator: "\n").first { $0.hasPrefix("RssAnon:") }
        return line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) } ?? 0
    }
}
