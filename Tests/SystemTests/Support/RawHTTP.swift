// SPDX-License-Identifier: MIT
import Foundation
import Glibc

/// Requests byte by byte, for what no client sends. Ends with the connection, so a request says `Connection: close`.
enum RawHTTP {
    static func send(_ request: String, port: Int) async throws -> Response {
        try await send(Array(request.utf8), port: port)
    }

    static func send(_ request: [UInt8], port: Int) async throws -> Response {
        let bytes = try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread { continuation.resume(with: Result { try exchange(request, port: port) }) }
        }
        return try response(bytes)
    }

    private static func exchange(_ request: [UInt8], port: Int) throws -> [UInt8] {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        defer { close(descriptor) }
        var limit = timeval(tv_sec: 60, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_in.loopback(port)
        guard address.with({ connect(descriptor, $0, $1) }) == 0 else { throw Missing("no connection to port \(port)") }
        // A server may refuse and close before it has read everything: what it said still counts.
        var sent = 0
        while sent < request.count {
            let count = request[sent...].withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            if count <= 0 { break }
            sent += count
        }
        var answer: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while case let count = recv(descriptor, &buffer, buffer.count, 0), count > 0 { answer += buffer[..<count] }
        return answer
    }

    private static func response(_ bytes: [UInt8]) throws -> Response {
        guard !bytes.isEmpty else { throw Missing("no answer") }
        // A request line without a version is HTTP/0.9, whose answer is a body and nothing else.
        guard bytes.starts(with: "HTTP/".utf8), let end = bytes.firstRange(of: Array("\r\n\r\n".utf8)) else {
            return Response(status: 0, headers: [], body: bytes)
        }
        let lines = String(decoding: bytes[..<end.lowerBound], as: UTF8.self).components(separatedBy: "\r\n")
        let status = lines[0].split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
        let headers = lines.dropFirst().map { line in
            let parts = line.split(separator: ":", maxSplits: 1)
            return (
                name: parts[0].lowercased(), value: parts.count > 1 ? parts[1].trimmingCharacters(in: .whitespaces) : ""
            )
        }
        return Response(status: status, headers: headers, body: Array(bytes[end.upperBound...]))
    }
}
