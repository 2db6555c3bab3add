// SPDX-License-Identifier: MIT
import Foundation
import Glibc
import TestSupport

/// One way to answer a call badly, and what the visitor is to hear of it, at whichever call.
struct Misbehaviour: Sendable {
    let name: String
    /// 504 where our deadline passes.
    var status = 503
    /// Beside `provider_unavailable`: an answer that is an object may also say that the call was refused.
    var mayBeRefused = false
    let script: HostileServer.Script

    var isSlow: Bool { status == 504 }

    private static let head = "HTTP/1.1 200 OK\r\n"

    private static let breaks: [Misbehaviour] = [
        Misbehaviour(name: "closes") { _ in },
        Misbehaviour(name: "resets") { $0.reset() },
        Misbehaviour(name: "ends-in-the-status") { $0.send("HTTP/1.1 2") },
        Misbehaviour(name: "ends-in-the-headers") { $0.send(head + "Content-Le") },
        Misbehaviour(name: "resets-in-the-headers") { connection in
            connection.send(head + "Content-Length: 10\r\n")
            connection.reset()
        },
        Misbehaviour(name: "ends-in-the-body") { $0.send(head + "Content-Length: 900\r\n\r\n" + GarbageReply.good) },
        Misbehaviour(name: "resets-in-the-body") { connection in
            connection.send(head + "Content-Length: 900\r\n\r\n" + GarbageReply.good)
            connection.reset()
        },
        Misbehaviour(name: "ends-in-a-chunk") { $0.send(head + "Transfer-Encoding: chunked\r\n\r\nfff\r\n{}") },
        Misbehaviour(name: "another-protocol") { $0.send("220 smtp.example ESMTP\r\n") },
        Misbehaviour(name: "noise") { $0.send((0..<4_096).map { _ in UInt8.random(in: 0...255) }) },
    ]

    private static let slow: [Misbehaviour] = [
        Misbehaviour(name: "hangs", status: 504) { $0.waitForClose() },
        Misbehaviour(name: "hangs-in-the-body", status: 504) { connection in
            connection.send(head + "Content-Length: 900\r\n\r\n{")
            connection.waitForClose()
        },
        Misbehaviour(name: "drips-headers", status: 504) { $0.drip(head, "X") },
        Misbehaviour(name: "drips-header-lines", status: 504) { $0.drip(head, "X: y\r\n") },
        Misbehaviour(name: "drips-a-body", status: 504) { $0.drip(head + "\r\n{", " ") },
        Misbehaviour(name: "drips-chunks", status: 504) {
            $0.drip(head + "Transfer-Encoding: chunked\r\n\r\n", "1\r\n \r\n")
        },
        Misbehaviour(name: "drips-interim-answers", status: 504) { $0.drip("", "HTTP/1.1 103 Early Hints\r\n\r\n") },
    ]

    private static let endless: [Misbehaviour] = [
        Misbehaviour(name: "endless-headers") { $0.sendForever(head, "X-Endless: 1\r\n") },
        Misbehaviour(name: "endless-header-line") { $0.sendForever(head + "X: ", "x") },
        Misbehaviour(name: "endless-interim-answers") {
            $0.sendForever("", "HTTP/1.1 103 Early Hints\r\nA: b\r\n\r\n")
        },
        Misbehaviour(name: "endless-body") { $0.sendForever(head + "\r\n", " ") },
        Misbehaviour(name: "endless-chunks") {
            $0.sendForever(head + "Transfer-Encoding: chunked\r\n\r\n", "1\r\n \r\n")
        },
        Misbehaviour(name: "endless-by-its-length") {
            $0.sendForever(head + "Content-Length: 99999999999\r\n\r\n", " ")
        },
        Misbehaviour(name: "gzip-bomb") { connection in
            let length = "Content-Type: application/json\r\nContent-Length: \(bomb.count)\r\n\r\n"
            connection.send(head + "Content-Encoding: gzip\r\n" + length)
            connection.send(bomb)
        },
        Misbehaviour(name: "gzip-bomb-in-chunks") { connection in
            connection.send(head + "Transfer-Encoding: gzip, chunked\r\n\r\n\(String(bomb.count, radix: 16))\r\n")
            connection.send(bomb)
            connection.send("\r\n0\r\n\r\n")
        },
    ]

    private static let empty: [Misbehaviour] = [
        Misbehaviour(name: "empty") { $0.send(answer("")) },
        Misbehaviour(name: "no-content") { $0.send("HTTP/1.1 204 No Content\r\n\r\n") },
        Misbehaviour(name: "a-page") {
            $0.send(answer("<html>Something went wrong</html>", status: "502 Bad Gateway"))
        },
    ]

    private static func redirects(to internalURL: String) -> [Misbehaviour] {
        [
            (301, "file:///etc/passwd"), (302, internalURL), (303, "http://169.254.169.254/latest/"),
            (307, internalURL),
            (308, "https://localhost/"), (302, "gopher://127.0.0.1:25/"), (307, "//\(internalURL.dropFirst(7))"),
        ].enumerated().map { number, redirect in
            Misbehaviour(name: "redirect-\(number)") {
                $0.send(answer("", status: "\(redirect.0) Moved", headers: "Location: \(redirect.1)\r\n"))
            }
        }
    }

    private static var garbage: [Misbehaviour] {
        (0..<GarbageReply.Kind.allCases.count).map(GarbageReply.init).filter { $0.spoiled == .everything }.map {
            reply in
            Misbehaviour(name: "garbage-\(reply.kind)", mayBeRefused: true) { connection in
                connection.send(head + "Content-Length: \(reply.body.count)\r\n\r\n")
                connection.send(reply.body)
            }
        }
    }

    /// - Parameter internalURL: Where redirects lead; nobody may come there.
    static func all(redirectingTo internalURL: String) -> [Misbehaviour] {
        breaks + slow + endless + empty + redirects(to: internalURL) + garbage
    }

    /// 200 KB that would become 40 MB of NUL: a gzip member (RFC 1952) of one block of fixed codes (RFC 1951), one
    /// literal and then matches of length 258 at distance 1.
    private static let bomb: [UInt8] = {
        var bytes: [UInt8] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3]
        var (bits, count): (UInt64, UInt64) = (0, 0)
        func add(_ code: UInt64, _ length: UInt64) {  // most significant bit first
            for bit in (0..<length).reversed() {
                bits |= (code >> bit & 1) << count
                count += 1
                guard count == 8 else { continue }
                bytes.append(UInt8(bits))
                (bits, count) = (0, 0)
            }
        }
        add(0b1_10, 3)  // the last block; fixed codes, least significant bit first
        add(0b0011_0000, 8)
        for _ in 0..<123_000 {
            add(0b1100_0101, 8)
            add(0, 5)
        }
        add(0, 7)
        return bytes + [0]
    }()
}

extension HostileConnection {
    fileprivate func sendForever(_ start: String, _ text: String) {
        send(start)
        sendForever(String(repeating: text, count: 1_000))
    }

    /// Once a second until the peer goes.
    fileprivate func drip(_ start: String, _ text: String) {
        send(start)
        while send(text) { sleep(1) }
    }
}
