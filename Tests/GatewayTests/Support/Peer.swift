// SPDX-License-Identifier: MIT
import Glibc

/// nginx's end of a connection, speaking raw bytes. It waits, blocking, at most ten seconds for anything.
final class Peer: Sendable {
    let descriptor: Int32

    struct Failure: Error {
        let call: String
        let code = errno
        init(_ call: String) { self.call = call }
    }

    init(_ path: String) throws {
        descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw Failure("socket") }
        var patience = timeval(tv_sec: 10, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let connected = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard connected == 0 else { throw Failure("connect") }
    }

    deinit {
        close(descriptor)
    }

    /// False: the other end was closed.
    @discardableResult
    func send(_ bytes: [UInt8]) -> Bool {
        Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count
    }

    @discardableResult
    func send(_ stream: RequestStream) -> Bool {
        send(stream.bytes)
    }

    /// Says that no more comes; the answer can still arrive.
    func endSending() {
        shutdown(descriptor, Int32(SHUT_WR))
    }

    /// Everything until the other end closes, in pieces of `step` bytes at most.
    func readToEnd(step: Int = 65_536) throws -> [UInt8] {
        var all: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: step)
        while true {
            let count = recv(descriptor, &piece, piece.count, 0)
            if count < 0, errno == ECONNRESET { return all }
            guard count >= 0 else { throw Failure("recv") }
            if count == 0 { return all }
            all += piece[..<count]
        }
    }

    /// The answer; nil when the connection was closed without one.
    func answer() throws -> Answer? {
        try Answer(readToEnd())
    }

    /// Waits until the other end has closed, and says whether it did so without a byte.
    func isClosedWithoutAnswer() throws -> Bool {
        try readToEnd().isEmpty
    }

    /// Whether something, or the end, could be read now.
    var hasNews: Bool {
        var poll = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return Glibc.poll(&poll, 1, 0) > 0
    }
}
