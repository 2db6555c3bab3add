// SPDX-License-Identifier: MIT
import CFastCGI
import Glibc

/// A socket that nginx connects to.
package struct ListeningSocket: Sendable {
    package let descriptor: Int32
    /// The path that was bound here and is removed when the gateway ends; nil for a socket that was handed over.
    package let ownPath: String?

    /// Deep enough that a restart does not make nginx answer 502: a full backlog fails connect() at once.
    package static let backlog: Int32 = 4096

    package enum Failure: Error, Equatable, CustomStringConvertible {
        case pathTooLong(String)
        case live(String)
        case system(String, errno: Int32)

        package var description: String {
            switch self {
            case .pathTooLong(let path): "the socket path \(path) is longer than the 107 bytes that Linux allows"
            case .live(let path): "another process already listens on \(path)"
            case .system(let call, let code): "\(call): \(String(cString: strerror(code)))"
            }
        }
    }

    /// Descriptor 0 when it is a listening socket: where the FastCGI specification (2.2) and systemd put it.
    package static func inherited() -> ListeningSocket? {
        var listening: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        guard getsockopt(0, SOL_SOCKET, SO_ACCEPTCONN, &listening, &size) == 0, listening != 0 else { return nil }
        return ListeningSocket(descriptor: 0, ownPath: nil)
    }

    /// Listens on a path, mode 0660 with the group of its directory, so that nginx can be let in by group. A socket
    /// that a dead process left is replaced; one that answers is not.
    package static func bound(to path: String) throws(Failure) -> ListeningSocket {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let room = MemoryLayout.size(ofValue: address.sun_path) - 1
        guard path.utf8.count <= room else { throw .pathTooLong(path) }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }

        // Not blocking: connect() waits while a backlog is full, and EAGAIN says as much as an answer.
        let probe = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
        guard probe >= 0 else { throw .system("socket", errno: errno) }
        let answered = call(connect, probe, &address)
        let refusal = errno
        close(probe)
        if answered == 0 || refusal == EAGAIN { throw .live(path) }
        // A path that is no socket refuses connections as well: somebody's file is not ours to remove.
        var there = stat()
        if refusal == ECONNREFUSED, stat(path, &there) == 0, there.st_mode & S_IFMT == S_IFSOCK, unlink(path) != 0 {
            throw .system("unlink \(path)", errno: errno)
        }

        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw .system("socket", errno: errno) }
        // Nobody can connect before listen(), so the mode is right before the first connection.
        guard call(bind, descriptor, &address) == 0 else { throw failure("bind \(path)", closing: descriptor) }
        var directory = stat()
        let parent = path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        guard stat(parent, &directory) == 0 else { throw failure("stat \(parent)", closing: descriptor, at: path) }
        guard chown(path, uid_t.max, directory.st_gid) == 0 else {
            throw failure("chown \(path) to the group of its directory", closing: descriptor, at: path)
        }
        guard chmod(path, 0o660) == 0 else { throw failure("chmod \(path)", closing: descriptor, at: path) }
        guard listen(descriptor, backlog) == 0 else { throw failure("listen \(path)", closing: descriptor, at: path) }
        return ListeningSocket(descriptor: descriptor, ownPath: path)
    }

    private static func call(
        _ function: (Int32, UnsafePointer<sockaddr>?, socklen_t) -> Int32, _ descriptor: Int32,
        _ address: inout sockaddr_un
    ) -> Int32 {
        withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                function(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }

    /// - Parameter path: Was bound, and is not left behind.
    private static func failure(_ what: String, closing descriptor: Int32, at path: String? = nil) -> Failure {
        let code = errno
        close(descriptor)
        if let path { unlink(path) }
        return .system(what, errno: code)
    }
}
