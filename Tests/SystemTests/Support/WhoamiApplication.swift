// SPDX-License-Identifier: MIT
import Foundation
import Glibc
import Synchronization

/// The application that nginx asks with auth_request: who somebody is stands in the cookie `session`, and a status in
/// the cookie `status`. A careless one: a user header that arrives is sent back as the truth.
final class WhoamiApplication: Sendable {
    let port: Int
    private let socket: Int32
    private let asked = Mutex<[String]>([])

    init() throws {
        port = try Ports.free()
        socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var yes: Int32 = 1
        setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in.loopback(port)
        guard address.with({ bind(socket, $0, $1) }) == 0, listen(socket, 512) == 0 else {
            close(socket)
            throw Missing("no port for the application")
        }
        Thread.detachNewThread { [socket, self] in
            while case let connection = accept(socket, nil, nil), connection >= 0 {
                Thread.detachNewThread { self.serve(connection) }
            }
        }
    }

    /// Connections are refused from now on.
    func stop() { shutdown(socket, Int32(SHUT_RDWR)) }

    deinit { close(socket) }

    /// The head of every request that came, in order.
    var requests: [String] { asked.withLock { $0 } }

    private func serve(_ connection: Int32) {
        defer { close(connection) }
        var limit = timeval(tv_sec: 30, tv_usec: 0)
        setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        var head: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while head.firstRange(of: Array("\r\n\r\n".utf8)) == nil {
            let count = recv(connection, &buffer, buffer.count, 0)
            guard count > 0 else { return }
            head += buffer[..<count]
        }
        let text = String(decoding: head, as: UTF8.self)
        asked.withLock { $0.append(text) }
        let answer = Array(Self.answer(text).utf8)
        _ = send(connection, answer, answer.count, Int32(MSG_NOSIGNAL))
    }

    private static func answer(_ head: String) -> String {
        let echoed = head.firstMatch(of: /(?i)\r\nx-auth-request-user: *([^\r]*)/)?.1
        let status = head.firstMatch(of: /status=(\d+)/).map { String($0.1) }
        let user = echoed ?? head.firstMatch(of: /session=([a-z0-9.\/-]+)/)?.1
        let header = user.map { "X-Auth-Request-User: \($0)\r\n" } ?? ""
        return "HTTP/1.1 \(status ?? (user == nil ? "401" : "200")) Said\r\n\(header)Content-Length: 0\r\n"
            + "Connection: close\r\n\r\n"
    }
}
