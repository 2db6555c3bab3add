// SPDX-License-Identifier: MIT
import Glibc

extension ListeningSocket {
    /// Where others find this socket; nil where it has no path.
    package var path: String? {
        var address = sockaddr_un()
        var size = socklen_t(MemoryLayout<sockaddr_un>.size)
        let failed = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &size) }
        }
        guard failed == 0, address.sun_family == sa_family_t(AF_UNIX) else { return nil }
        // Not always ended by NUL (unix(7)); an abstract name begins with one.
        let path = withUnsafeBytes(of: &address.sun_path) { $0.prefix { $0 != 0 } }
        return path.first == UInt8(ascii: "/") ? String(decoding: path, as: UTF8.self) : nil
    }

    /// Whether no socket is at a path any more. What cannot be looked at is believed to be there.
    package static func isGone(_ path: String) -> Bool {
        var there = stat()
        guard lstat(path, &there) == 0 else { return [ENOENT, ENOTDIR].contains(errno) }
        return there.st_mode & S_IFMT != S_IFSOCK
    }
}
