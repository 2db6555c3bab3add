// SPDX-License-Identifier: MIT
import Foundation
import Glibc
import Synchronization

/// systemd's end of `sd_notify(3)`: what a service says, in order, each with its moment.
final class NotifySocket: Sendable {
    struct Said: Sendable {
        let text: String
        let at: ContinuousClock.Instant
    }

    let path: String
    private let descriptor: Int32
    private let heard = Mutex<[Said]>([])

    init(_ path: String) throws {
        self.path = path
        descriptor = try UnixListener.bound(path, SOCK_DGRAM)
        Thread.detachNewThread { [self] in listen() }
    }

    /// Ends the thread, which is what keeps this alive.
    func end() {
        shutdown(descriptor, Int32(SHUT_RDWR))
    }

    private func listen() {
        var bytes = [UInt8](repeating: 0, count: 4_096)
        while true {
            let count = recv(descriptor, &bytes, bytes.count, 0)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            let text = String(decoding: bytes[..<count], as: UTF8.self)
            heard.withLock { $0.append(Said(text: text, at: .now)) }
        }
        close(descriptor)
    }

    var all: [Said] { heard.withLock { $0 } }
    var texts: [String] { all.map(\.text) }
    var status: String? { texts.last { $0.hasPrefix("STATUS=") }.map { String($0.dropFirst(7)) } }

    func count(_ text: String) -> Int { texts.count { $0 == text } }
}
