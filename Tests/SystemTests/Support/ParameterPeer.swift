// SPDX-License-Identifier: MIT
import Foundation
import Glibc
import Synchronization

/// A FastCGI responder in the program's place, which answers every request with the parameters it was given. It reads
/// the protocol by itself (FastCGI 1.0, 3.3 and 3.4) and keeps order and doubles, which libraries do not.
final class ParameterPeer: Sendable {
    /// What it does instead of answering.
    enum Mood: Sendable {
        case answers, hangsUp, talksNonsense
    }

    private let socket: Int32
    private let mood = Mutex(Mood.answers)

    init(path: String) throws {
        socket = try UnixListener.make(path)
        Thread.detachNewThread { [socket, self] in
            while case let connection = accept(socket, nil, nil), connection >= 0 {
                Thread.detachNewThread { self.serve(connection) }
            }
        }
    }

    /// Ends accepting: a shutdown wakes the thread in accept, and the socket refuses from then on.
    func stop() { shutdown(socket, Int32(SHUT_RDWR)) }

    deinit { close(socket) }

    func become(_ mood: Mood) { self.mood.withLock { $0 = mood } }

    private func serve(_ connection: Int32) {
        defer { close(connection) }
        var limit = timeval(tv_sec: 30, tv_usec: 0)
        setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        var parameters: [UInt8] = []
        while let (type, content) = record(connection) {
            if type == 4 { parameters += content }
            if type == 5, content.isEmpty { break }
        }
        let text = Self.pairs(parameters).map { "\($0.name)=\(Self.plain($0.value))\n" }.joined()
        switch mood.withLock({ $0 }) {
        case .hangsUp: return
        case .talksNonsense: Self.say("zqxnonsense\r\n\r\n\0", to: connection)
        case .answers:
            let body = "parameters\n" + text
            Self.say("Status: 200 OK\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)", to: connection)
        }
    }

    private func record(_ connection: Int32) -> (type: UInt8, content: [UInt8])? {
        guard let header = bytes(8, connection) else { return nil }
        let length = Int(header[4]) << 8 | Int(header[5])
        guard let content = bytes(length + Int(header[6]), connection) else { return nil }
        return (header[1], Array(content[..<length]))
    }

    private func bytes(_ count: Int, _ connection: Int32) -> [UInt8]? {
        var all = [UInt8](repeating: 0, count: count)
        var have = 0
        while have < count {
            let got = all.withUnsafeMutableBytes { recv(connection, $0.baseAddress! + have, count - have, 0) }
            guard got > 0 else { return nil }
            have += got
        }
        return all
    }

    /// One STDOUT record, its end, END_REQUEST.
    private static func say(_ text: String, to connection: Int32) {
        let body = Array(text.utf8.prefix(65_000))
        var out: [UInt8] = [1, 6, 0, 1, UInt8(body.count >> 8), UInt8(body.count & 0xff), 0, 0] + body
        out += [1, 6, 0, 1, 0, 0, 0, 0, 1, 3, 0, 1, 0, 8, 0, 0] + [UInt8](repeating: 0, count: 8)
        var sent = 0
        while sent < out.count {
            let count = out[sent...].withUnsafeBytes { send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { return }
            sent += count
        }
    }

    private static func pairs(_ bytes: [UInt8]) -> [(name: String, value: String)] {
        var pairs: [(String, String)] = []
        var at = 0
        func length() -> Int {
            guard bytes[at] >= 0x80 else {
                at += 1
                return Int(bytes[at - 1])
            }
            at += 4
            return bytes[at - 4..<at].reduce(0) { $0 << 8 | Int($1) } & 0x7fff_ffff
        }
        while at < bytes.count {
            let (name, value) = (length(), length())
            pairs.append(
                (
                    String(decoding: bytes[at..<at + name], as: UTF8.self),
                    String(decoding: bytes[at + name..<at + name + value], as: UTF8.self)
                ))
            at += name + value
        }
        return pairs
    }

    private static func plain(_ value: String) -> String { value.replacing("\n", with: "\\n") }
}

/// What arrived, as the peer's answer tells it.
struct Arrived: Sendable {
    let parameters: [(name: String, value: String)]

    /// nil for an answer that nginx made itself.
    init?(_ text: some StringProtocol) {
        guard text.hasPrefix("parameters\n") else { return nil }
        parameters = text.split(separator: "\n").dropFirst().map { line in
            let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return (String(parts[0]), String(parts[1]))
        }
    }

    var names: [String] { parameters.map(\.name) }
    func all(_ name: String) -> [String] { parameters.filter { $0.name == name }.map(\.value) }
}
