// SPDX-License-Identifier: MIT
import Glibc

/// A datagram socket that hears what a service says, as systemd's does.
final class SystemdEar {
    private let descriptor: Int32

    /// - Parameter path: A leading NUL is the abstract namespace, unix(7).
    init(_ path: String) {
        descriptor = socket(
            AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let size = MemoryLayout.offset(of: \sockaddr_un.sun_path)! + path.utf8.count + (path.first == "/" ? 1 : 0)
        let bound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, socklen_t(size)) }
        }
        precondition(bound == 0, "no socket at \(path)")
    }

    deinit { close(descriptor) }

    /// What has come since the last time.
    func heard() -> [String] {
        var bytes = [UInt8](repeating: 0, count: 4_096)
        var texts: [String] = []
        while case let count = recv(descriptor, &bytes, bytes.count, 0), count >= 0 {
            texts.append(String(decoding: bytes[..<count], as: UTF8.self))
        }
        return texts
    }
}
