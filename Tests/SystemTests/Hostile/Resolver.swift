// SPDX-License-Identifier: MIT
import Foundation
import Glibc
import Synchronization

/// A name server on a loopback address of its own, port 53, where `resolv.conf` can name it. It knows no name.
final class Resolver: Sendable {
    private struct State {
        var isSilent: Bool
        var queries = 0
    }

    /// 127.x.y.z
    let address: String
    private let descriptor: Int32
    private let state: Mutex<State>

    /// - Parameter isSilent: Asks are heard and not answered; otherwise "no such name" (NXDOMAIN).
    init(isSilent: Bool) throws {
        state = Mutex(State(isSilent: isSilent))
        let descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        self.descriptor = descriptor
        for _ in 0..<50 {
            let numbers = (0..<3).map { _ in UInt32.random(in: 1...250) }
            var place = sockaddr_in.loopback(53)
            place.sin_addr.s_addr = (127 << 24 | numbers[0] << 16 | numbers[1] << 8 | numbers[2]).bigEndian
            guard place.with({ bind(descriptor, $0, $1) }) == 0 else { continue }
            address = "127." + numbers.map(String.init).joined(separator: ".")
            Thread.detachNewThread { [weak self] in
                var query = [UInt8](repeating: 0, count: 512)
                while true {
                    var from = sockaddr_in()
                    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
                    let count = withUnsafeMutablePointer(to: &from) {
                        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                            recvfrom(descriptor, &query, query.count, 0, $0, &length)
                        }
                    }
                    guard count > 0, let self else { break }
                    if let answer = answer(Array(query[..<count])) {
                        _ = from.with { sendto(descriptor, answer, answer.count, 0, $0, $1) }
                    }
                }
                close(descriptor)
            }
            return
        }
        close(descriptor)
        throw Missing("no address for a resolver")
    }

    /// Ends `recvfrom`, which then reads nothing; its thread closes the socket.
    deinit { shutdown(descriptor, Int32(SHUT_RDWR)) }

    /// One try that takes longer than any test.
    var configuration: String { "nameserver \(address)\noptions timeout:30 attempts:1\n" }
    var queries: Int { state.withLock { $0.queries } }
    func silence() { state.withLock { $0.isSilent = true } }

    private func answer(_ query: [UInt8]) -> [UInt8]? {
        let isSilent = state.withLock { state in
            state.queries += 1
            return state.isSilent
        }
        guard !isSilent, query.count > 12 else { return nil }
        var answer = query
        answer[2] |= 0x80  // a response (RFC 1035, section 4.1.1)
        answer[3] = 0x83  // recursion is there; NXDOMAIN
        return answer
    }
}
