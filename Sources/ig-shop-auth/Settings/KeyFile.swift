// SPDX-License-Identifier: MIT
import Glibc
import Vault

/// The keyring's file.
enum KeyFile {
    enum Fault: Error, CustomStringConvertible {
        case unreadable(String, errno: Int32)
        case tooOpen(String, mode: UInt32)
        case invalid(String, KeyringFaults)

        var description: String {
            switch self {
            case .unreadable(let path, let code): "the keys \(path) cannot be read: \(String(cString: strerror(code)))"
            case .tooOpen(let path, let mode):
                "the keys \(path) have mode \(String(mode, radix: 8)); chmod 0640 or tighter"
            case .invalid(let path, let faults): "the keys \(path):\n\(faults)"
            }
        }
    }

    /// Reads and checks the whole file. Its mode is 0640 or tighter, or nothing is read.
    static func load(_ path: String) throws(Fault) -> Keyring {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .unreadable(path, errno: errno) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw .unreadable(path, errno: errno) }
        guard status.st_mode & 0o137 == 0 else { throw .tooOpen(path, mode: status.st_mode & 0o7777) }
        // One byte more than a keyring may have: the parser says so.
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 65_537, alignment: 1)
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
            return try Keyring(parsing: UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        } catch {
            throw .invalid(path, error)
        }
    }
}
