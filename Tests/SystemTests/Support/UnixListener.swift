// SPDX-License-Identifier: MIT
import Glibc

/// A listening Unix socket as systemd makes one: bound before the service starts, and still there after it has ended.
enum UnixListener {
    static func make(_ path: String) throws -> Int32 {
        let descriptor = try bound(path, SOCK_STREAM)
        guard listen(descriptor, 4_096) == 0 else {
            close(descriptor)
            throw Missing("nobody listens at \(path)")
        }
        return descriptor
    }

    static func bound(_ path: String, _ type: __socket_type) throws -> Int32 {
        let descriptor = socket(AF_UNIX, Int32(type.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let room = MemoryLayout.size(ofValue: address.sun_path)
        guard path.utf8.count < room else { throw Missing("\(path) is too long") }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let bound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard bound == 0 else {
            close(descriptor)
            throw Missing("no socket at \(path)")
        }
        return descriptor
    }
}
