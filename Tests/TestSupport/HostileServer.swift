// SPDX-License-Identifier: MIT
import Foundation
import Glibc
import Synchronization

/// A TCP server on a loopback port of its own. The first connection gets the first script, the last script all others.
package final class HostileServer: Sendable {
    package typealias Script = @Sendable (HostileConnection) -> Void

    private struct Record {
        var requests: [String] = []
        var connections = 0
        /// Requests that were read and not answered; the peak counts with scripts that say when they answer.
        var open = 0
        var peak = 0
    }

    package let port: Int
    /// One element for each whole request, in order of arrival.
    package let arrivals: AsyncStream<String>
    /// One element for each connection that is over.
    package let departures: AsyncStream<Void>

    private let listener: Int32
    private let scripts: [Script]
    private let record = Mutex(Record())
    private let arrived: AsyncStream<String>.Continuation
    private let departed: AsyncStream<Void>.Continuation

    package init(_ scripts: Script...) throws {
        self.scripts = scripts
        (arrivals, arrived) = AsyncStream.makeStream()
        (departures, departed) = AsyncStream.makeStream()
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = in_addr_t(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let listener = listener
        let failed = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, length) != 0 || listen(listener, 1_024) != 0
                    || getsockname(listener, $0, &length) != 0
            }
        }
        port = Int(UInt16(bigEndian: address.sin_port))
        guard !failed else { throw POSIXError(.EADDRNOTAVAIL) }
        Thread.detachNewThread { [weak self] in
            while case let socket = accept(listener, nil, nil), socket >= 0 { self?.serve(socket) }
            close(listener)
        }
    }

    deinit {
        shutdown(listener, Int32(SHUT_RDWR))  // ends `accept`; its thread closes the descriptor
    }

    package var url: String { "http://127.0.0.1:\(port)/path" }
    package var requests: [String] { record.withLock(\.requests) }
    package var connections: Int { record.withLock(\.connections) }
    package var peak: Int { record.withLock(\.peak) }

    private func serve(_ socket: Int32) {
        let script = record.withLock { record in
            record.connections += 1
            return scripts[min(record.connections, scripts.count) - 1]
        }
        Thread.detachNewThread { [self] in
            let connection = HostileConnection(socket: socket) { [self] request in
                record.withLock { record in
                    record.requests.append(request)
                    record.open += 1
                    record.peak = max(record.peak, record.open)
                }
                arrived.yield(request)
            } onAnswer: { [self] in
                record.withLock { $0.open -= 1 }
            }
            script(connection)
            close(socket)
            departed.yield()
        }
    }
}
