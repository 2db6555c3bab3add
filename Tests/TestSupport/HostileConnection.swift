// SPDX-License-Identifier: MIT
import Foundation
import Glibc

/// What a script does with one accepted socket.
package struct HostileConnection {
    let socket: Int32
    let onRequest: (String) -> Void
    let onAnswer: () -> Void

    /// Reads one whole request; nil when the peer has gone.
    package func readRequest() -> String? {
        var bytes: [UInt8] = []
        while true {
            if let end = Self.end(of: bytes), bytes.count >= end {
                let request = String(decoding: bytes, as: UTF8.self)
                onRequest(request)
                return request
            }
            var piece = [UInt8](repeating: 0, count: 16 << 10)
            let count = recv(socket, &piece, piece.count, 0)
            guard count > 0 else { return nil }
            bytes += piece[..<count]
        }
    }

    /// Exactly so many bytes; nil when the peer has gone before.
    package func receive(_ count: Int) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: count)
        return count == 0 || recv(socket, &bytes, count, Int32(MSG_WAITALL)) == count ? bytes : nil
    }

    /// Looks at the first bytes and leaves them there.
    package func begins(with text: String) -> Bool {
        var bytes = [UInt8](repeating: 0, count: text.utf8.count)
        let flags = Int32(MSG_WAITALL) | Int32(MSG_PEEK)
        return recv(socket, &bytes, bytes.count, flags) == bytes.count && bytes.elementsEqual(text.utf8)
    }

    /// Reads a request and keeps nothing of it.
    package func discardRequest(whoseBodyEndsWith last: UInt8) {
        withUnsafeTemporaryAllocation(byteCount: 4_096, alignment: 1) { piece in
            piece[0] = 0
            var count = 1
            while count > 0, piece[count - 1] != last { count = recv(socket, piece.baseAddress, piece.count, 0) }
            if let start = piece.baseAddress { explicit_bzero(start, piece.count) }
        }
    }

    /// False when the peer has gone.
    @discardableResult
    package func send(_ text: String) -> Bool { send(Array(text.utf8)) }

    @discardableResult
    package func send(_ bytes: [UInt8]) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let sent = rest.withUnsafeBytes { Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard sent > 0 else { return false }
            rest = rest.dropFirst(sent)
        }
        return true
    }

    package func sendForever(_ text: String) {
        while send(text) {}
    }

    /// The next close sends RST instead of FIN.
    package func reset() {
        var linger = linger(l_onoff: 1, l_linger: 0)
        setsockopt(socket, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout.size(ofValue: linger)))
    }

    package func waitForClose() {
        var byte: UInt8 = 0
        while recv(socket, &byte, 1, 0) > 0 {}
    }

    /// Where the request ends, or nil while its head is not complete.
    private static func end(of bytes: [UInt8]) -> Int? {
        let text = String(decoding: bytes, as: UTF8.self)  // requests in these tests are ASCII
        guard let head = text.range(of: "\r\n\r\n") else { return nil }
        let lines = text[..<head.lowerBound].split(separator: "\r\n")
        let length = lines.first { $0.lowercased().hasPrefix("content-length:") }
        let body = length.flatMap { Int($0.dropFirst(15).trimmingPrefix(" ")) } ?? 0
        return text.utf8.distance(from: text.startIndex, to: head.upperBound) + body
    }
}

/// A whole answer with a length.
package func answer(_ body: String, status: String = "200 OK", headers: String = "") -> String {
    "HTTP/1.1 \(status)\r\nContent-Length: \(body.utf8.count)\r\n\(headers)\r\n\(body)"
}

/// Reads a request and sends an answer until the peer goes.
package func answering(_ text: String, afterMilliseconds delay: UInt32 = 0) -> HostileServer.Script {
    { connection in
        while connection.readRequest() != nil {
            if delay > 0 { usleep(delay * 1_000) }
            connection.onAnswer()
            guard connection.send(text) else { return }
        }
    }
}

/// Reads one request, sends something and closes.
package func closing(after text: String) -> HostileServer.Script {
    { connection in
        guard connection.readRequest() != nil else { return }
        connection.send(text)
    }
}
