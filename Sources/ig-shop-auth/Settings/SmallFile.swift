// SPDX-License-Identifier: MIT
import Glibc

/// A file that is read whole.
enum SmallFile {
    struct Failure: Error, Equatable {
        let code: Int32

        var text: String { String(cString: strerror(code)) }
        /// There is no such file.
        var isAbsence: Bool { code == ENOENT || code == ENOTDIR }
        var isRefusal: Bool { code == EACCES || code == EPERM }
    }

    /// - Parameter limit: A larger file is read one byte beyond it, so that the caller can see that.
    static func read(_ path: String, limit: Int) throws(Failure) -> [UInt8] {
        // Without O_NONBLOCK a pipe would be waited for.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw Failure(code: errno) }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4_096)
        while bytes.count <= limit {
            let count = Glibc.read(descriptor, &buffer, min(buffer.count, limit + 1 - bytes.count))
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw Failure(code: errno) }
            if count == 0 { break }
            bytes += buffer[..<count]
        }
        return bytes
    }
}
