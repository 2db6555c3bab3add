// SPDX-License-Identifier: MIT
import Glibc
import Vault

/// A file that the operator writes and that only the service's user and group may read.
enum OperatorFile {
    enum Fault<Faults: Error & CustomStringConvertible>: Error {
        case unreadable(String, errno: Int32)
        case noFile(String)
        case tooOpen(String, mode: UInt32)
        case invalid(String, Faults)

        /// One line each.
        var lines: [String] {
            switch self {
            case .unreadable(let path, let code):
                [
                    "\(path) cannot be read: \(String(cString: strerror(code)));"
                        + (code == ENOENT ? " make it, or name another" : " let the service's user or group read it")
                ]
            case .noFile(let path): ["\(path) is not an ordinary file; name one"]
            case .tooOpen(let path, let mode):
                ["\(path) has mode \(String(mode, radix: 8)); chmod 0640 or tighter"]
            case .invalid(let path, let faults): faults.description.split(separator: "\n").map { "\(path): \($0)" }
            }
        }
    }

    /// Reads and checks the whole file. Its mode is 0640 or tighter, or nothing is read.
    /// - Parameter limit: What `parse` takes at most. It is given one byte more of a larger file, and says so.
    static func load<Value, Faults>(
        _ path: String, limit: Int, _ parse: (UnsafeRawBufferPointer) throws(Faults) -> Value
    ) throws(Fault<Faults>) -> Value {
        // Without O_NONBLOCK a pipe would be waited for.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw .unreadable(path, errno: errno) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw .unreadable(path, errno: errno) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw .noFile(path) }
        guard status.st_mode & 0o137 == 0 else { throw .tooOpen(path, mode: status.st_mode & 0o7777) }
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: limit + 1, alignment: 1)
        defer {
            explicit_bzero(buffer.baseAddress!, buffer.count)
            buffer.deallocate()
        }
        var count = 0
        while count < buffer.count {
            let got = read(descriptor, buffer.baseAddress! + count, buffer.count - count)
            if got < 0, errno == EINTR { continue }
            guard got >= 0 else { throw .unreadable(path, errno: errno) }
            if got == 0 { break }
            count += got
        }
        do {
            return try parse(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        } catch {
            throw .invalid(path, error)
        }
    }
}

extension OperatorFile.Fault: CustomStringConvertible {
    var description: String { lines.joined(separator: "\n") }
}
