// SPDX-License-Identifier: MIT
import Glibc

/// What systemd hears of this process, `sd_notify(3)`: one datagram each. Without systemd nobody is told.
///
/// It never waits and never fails. What systemd has no room for is lost, and said again at the next round.
final class Notifier: Sendable {
    enum News {
        case ready
        case stopping
        case watchdog
        case status(String)

        fileprivate var assignment: String {
            switch self {
            case .ready: "READY=1"
            case .stopping: "STOPPING=1"
            case .watchdog: "WATCHDOG=1"
            // A line end would begin another assignment.
            case .status(let text): "STATUS=" + text.split { $0.isNewline }.joined(separator: " ")
            }
        }
    }

    /// Kept open: a process that is out of descriptors still says that it lives. -1: nobody listens.
    private let descriptor: Int32
    /// A `sockaddr_un`, as long as its path.
    private let address: [UInt8]

    /// - Parameter path: NOTIFY_SOCKET: an absolute path, or, with a leading `@`, a name of the abstract namespace
    ///   (unix(7)).
    init(path: String?) {
        let bytes = Array((path ?? "").utf8)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let begin = MemoryLayout.offset(of: \sockaddr_un.sun_path)!
        let isNamed = [UInt8(ascii: "/"), UInt8(ascii: "@")].contains(bytes.first)
        guard isNamed, bytes.count > 1, bytes.count < MemoryLayout.size(ofValue: address.sun_path) else {
            (descriptor, self.address) = (-1, [])
            return
        }
        let family = withUnsafeBytes(of: &address) { Array($0.prefix(begin)) }
        self.address = family + (bytes[0] == UInt8(ascii: "@") ? [0] + bytes.dropFirst() : bytes + [0])
        descriptor = socket(
            AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }

    /// - Returns: Whether systemd has it, or there is none.
    @discardableResult
    func tell(_ news: News) -> Bool {
        guard descriptor >= 0 else { return true }
        let text = Array(news.assignment.utf8)
        let sent = address.withUnsafeBytes { address in
            sendto(
                descriptor, text, text.count, Int32(MSG_NOSIGNAL),
                address.baseAddress!.assumingMemoryBound(to: sockaddr.self), socklen_t(address.count))
        }
        return sent == text.count
    }
}
