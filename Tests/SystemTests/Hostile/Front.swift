// SPDX-License-Identifier: MIT
import Dispatch
import Foundation
import Glibc
import Synchronization

/// A loopback port in front of others, which treats each connection as a plan says.
final class Front: Sendable {
    enum Turn: Equatable, Sendable {
        /// To this port.
        case pass(Int)
        /// Accepted, and reset at once.
        case reset
        /// Nobody listens. Nothing comes after it.
        case refuse
        /// A queue that is full and never accepted from: the kernel drops the SYN. Nothing comes after it.
        case ignore
    }

    private struct State {
        var listener: Listener?
        /// Connections of our own that fill the queue.
        var ballast: [Int32] = []
        var connections = 0
    }

    let port: Int
    private let state = Mutex(State())

    init(_ turns: Turn...) throws {
        port = try Ports.free()
        try plan(turns)
    }

    deinit { state.withLock { Self.close(&$0) } }

    var url: String { "http://127.0.0.1:\(port)" }
    /// Accepted since the last plan.
    var connections: Int { state.withLock { $0.connections } }

    /// For the connections from now on, in turn; the last one repeats.
    func plan(_ turns: [Turn]) throws {
        let listener: Listener? = try state.withLock { state in
            Self.close(&state)
            state.connections = 0
            let listener = try Listener(port)
            state.listener = listener
            return Self.goesOn(to: turns[0], &state) ? listener : nil
        }
        guard let listener else { return }
        Thread.detachNewThread { [weak self] in
            while case let client = accept(listener.descriptor, nil, nil), client >= 0 {
                guard let self, serve(client, turns) else { return }
            }
        }
    }

    func plan(_ turns: Turn...) throws { try plan(turns) }

    /// False: no more connections.
    private func serve(_ client: Int32, _ turns: [Turn]) -> Bool {
        let (turn, goesOn) = state.withLock { state in
            let turn = turns[min(state.connections, turns.count - 1)]
            state.connections += 1
            return (turn, Self.goesOn(to: turns[min(state.connections, turns.count - 1)], &state))
        }
        switch turn {
        case .pass(let port): Splice.start(client, port)
        default:
            var linger = linger(l_onoff: 1, l_linger: 0)
            setsockopt(client, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout.size(ofValue: linger)))
            Glibc.close(client)
        }
        return goesOn
    }

    /// What has to be so before the next connection comes.
    private static func goesOn(to next: Turn, _ state: inout State) -> Bool {
        switch next {
        case .pass, .reset: return true
        case .refuse: close(&state)
        case .ignore: fill(&state)
        }
        return false
    }

    private static func close(_ state: inout State) {
        state.listener?.end()
        for ballast in state.ballast { Glibc.close(ballast) }
        (state.listener, state.ballast) = (nil, [])
    }

    private static func fill(_ state: inout State) {
        guard let listener = state.listener else { return }
        Glibc.listen(listener.descriptor, 0)
        var address = sockaddr_in.loopback(listener.port)
        // Loopback answers at once or not at all: the first that stays without an answer shows that the queue is full.
        for _ in 0..<16 {
            let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
            let ballast = socket(AF_INET, kind, 0)
            state.ballast.append(ballast)
            _ = address.with { connect(ballast, $0, $1) }
            var poll = pollfd(fd: ballast, events: Int16(POLLOUT), revents: 0)
            if Glibc.poll(&poll, 1, 50) == 0 { return }
        }
    }
}

/// Open as long as somebody knows it: a thread in `accept` never finds another's socket under its number.
private final class Listener: Sendable {
    let descriptor: Int32
    let port: Int

    init(_ port: Int) throws {
        self.port = port
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var yes: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in.loopback(port)
        guard address.with({ bind(descriptor, $0, $1) }) == 0, listen(descriptor, 1_024) == 0 else {
            throw Missing("port \(port) is taken")
        }
    }

    deinit { close(descriptor) }

    /// Ends `accept`, and refuses from here on.
    func end() { shutdown(descriptor, Int32(SHUT_RDWR)) }
}

/// Two sockets that hear each other.
private enum Splice {
    static func start(_ client: Int32, _ port: Int) {
        let server = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in.loopback(port)
        guard address.with({ connect(server, $0, $1) }) == 0 else {
            for socket in [client, server] { Glibc.close(socket) }
            return
        }
        Thread.detachNewThread {
            let back = DispatchSemaphore(value: 0)
            Thread.detachNewThread {
                copy(server, client)
                back.signal()
            }
            copy(client, server)
            back.wait()
            for socket in [client, server] { Glibc.close(socket) }
        }
    }

    private static func copy(_ from: Int32, _ to: Int32) {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while case let count = recv(from, &buffer, buffer.count, 0), count > 0 {
            guard send(to, buffer, count, Int32(MSG_NOSIGNAL)) == count else { break }
        }
        // Either side's end is everybody's.
        for socket in [from, to] { shutdown(socket, Int32(SHUT_RDWR)) }
    }
}
