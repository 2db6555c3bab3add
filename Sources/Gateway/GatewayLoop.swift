// SPDX-License-Identifier: MIT
import CFastCGI
import Glibc

/// The gateway's thread: accept, peek, judge, read, start. It never blocks but in epoll.
final class GatewayLoop {
    private let gateway: Gateway
    private let epoll: Int32
    private let buffer: UnsafeMutableRawBufferPointer
    private var screen: Screen
    private var waiting: WaitingConnections
    /// When to try accept() again; nil while the listening socket is believed to be empty.
    private var acceptAgain: ContinuousClock.Instant?

    private enum Token {
        static let listening: UInt64 = 0
        static let wake: UInt64 = 1
    }

    /// Connections accepted before the loop looks at deadlines and at those that waited.
    private static let batch = 64
    /// Turns given to others before the thread goes to sleep. Seen at 16 connections: 3 gave a few per cent more
    /// requests a second than none, and 12 no more than 3, for more CPU; at 256 it makes no difference.
    private static let patience = 3
    private static let pause = Duration.milliseconds(50)

    init(_ gateway: Gateway) {
        self.gateway = gateway
        epoll = gateway.epoll
        // One byte more than the limit: a longer request shows itself.
        buffer = .allocate(byteCount: gateway.limits.requestBytes + 1, alignment: 16)
        screen = Screen(limit: gateway.limits.requestBytes)
        waiting = WaitingConnections(bound: gateway.limits.waiting)
        _ = linux_bound_accept(gateway.socket.descriptor)
        _ = linux_epoll_add(epoll, gateway.wake, Token.wake)
        _ = linux_epoll_add(epoll, gateway.socket.descriptor, Token.listening)
    }

    deinit {
        for connection in waiting.descriptors { close(connection) }
        buffer.deallocate()
    }

    func run() {
        serve { !gateway.isStopping }
        let deadline = ContinuousClock.now + gateway.limits.drain
        // Whoever waits for what runs should not be felt by others. On a path of our own nobody else answers, and where
        // the socket was handed over the next process may begin only when this one has ended.
        serve(until: deadline) { gateway.runningSinceBeforeStop > 0 && .now < deadline }
        stopAccepting()
        drain(deadline)
        gateway.closeLeft()
        gateway.endTurns()
    }

    private func serve(until deadline: ContinuousClock.Instant? = nil, while goesOn: () -> Bool) {
        var events = [linux_event](repeating: linux_event(), count: 64)
        while goesOn() {
            let ready = linux_epoll_wait(epoll, &events, Int32(events.count), timeout(deadline))
            for event in events.prefix(Int(max(ready, 0))) {
                switch event.token {
                case Token.listening: if acceptAgain == nil { acceptAgain = .now }
                case Token.wake: gateway.takeTurns()
                default: look(event)
                }
            }
            if let due = acceptAgain, due <= .now { accept() }
            expire()
        }
    }

    private func accept() {
        acceptAgain = nil
        // The flag is the socket's, not this process's: systemd clears it for each further command of the service that is
        // given the socket as its standard input, ExecReload= among them (seen with 252), and then accept() would wait for
        // the next visitor.
        _ = linux_keep_nonblocking(gateway.socket.descriptor)
        var patience = 0
        for _ in 0..<Self.batch {
            if gateway.running >= gateway.limits.unanswered {
                acceptAgain = .now + Self.pause
                return
            }
            let connection = linux_accept(gateway.socket.descriptor)
            if connection < 0 {
                switch errno {
                case EAGAIN:
                    // Those who made these connections get a turn first: a busy server finds new ones then, and does
                    // not go to sleep and wake up for each.
                    guard patience > 0 else { return }
                    patience -= 1
                    sched_yield()
                    continue
                case EINTR, ECONNABORTED: continue
                case let code:
                    // EMFILE, ENFILE, ENOBUFS, ENOMEM: what is queued stays queued. Edge-triggered epoll does not
                    // tell again, so the clock does.
                    gateway.observe(.exhausted(errno: code))
                    acceptAgain = .now + Self.pause
                    return
                }
            }
            patience = Self.patience
            if !settle(connection) { wait(for: connection) }
        }
        acceptAgain = .now
    }

    /// Looks at a connection again that has new bytes, or was closed by its peer.
    private func look(_ event: linux_event) {
        guard let connection = waiting.connection(event.token) else { return }
        if !settle(connection, registered: true) {
            guard event.ended != 0 else { return }
            // What is not whole when its peer ends never will be.
            close(connection)
        }
        waiting.remove(event.token)
    }

    /// Starts the request of a connection, or closes it. False: it is not whole yet.
    private func settle(_ connection: Int32, registered: Bool = false) -> Bool {
        let count = linux_peek(connection, buffer.baseAddress, buffer.count)
        if count < 0, errno == EAGAIN { return false }
        guard count > 0 else {
            // The peer closed before its request was whole.
            close(connection)
            return true
        }
        switch screen.judge(UnsafeRawBufferPointer(rebasing: buffer[..<count])) {
        case .incomplete:
            return false
        case .refused(let fault):
            gateway.observe(.refused(fault))
            close(connection)
        case .whole:
            if registered { _ = linux_epoll_remove(epoll, connection) }
            start(connection)
        }
        return true
    }

    private func start(_ connection: Int32) {
        guard let exchange = Exchange(reading: connection) else {
            gateway.observe(.unreadable("libfcgi"))
            return
        }
        do throws(Exchange.Unreadable) {
            let request = try exchange.received(bodyLimit: gateway.limits.bodyBytes, scratch: buffer)
            gateway.start(request, exchange)
        } catch {
            gateway.observe(.unreadable("\(error)"))
        }
    }

    private func wait(for connection: Int32) {
        let (token, pushedOut) = waiting.insert(connection, deadline: .now + gateway.limits.completeWithin)
        if let pushedOut {
            gateway.observe(.stalled)
            close(pushedOut)
        }
        // Registration reports what is readable already, so bytes that came after the peek are not missed.
        if linux_epoll_add(epoll, connection, token) != 0 {
            waiting.remove(token)
            close(connection)
        }
    }

    private func expire() {
        guard waiting.count > 0 else { return }
        while let connection = waiting.takeOverdue(.now) {
            gateway.observe(.stalled)
            close(connection)
        }
    }

    /// Milliseconds until something is due, rounded up; -1 for never.
    private func timeout(_ deadline: ContinuousClock.Instant?) -> Int32 {
        let due = [acceptAgain, waiting.nextDeadline, deadline].compactMap(\.self).min()
        return due.map(Self.milliseconds(until:)) ?? -1
    }

    private static func milliseconds(until instant: ContinuousClock.Instant) -> Int32 {
        let left = instant - .now
        if left <= .zero { return 0 }
        return Int32(clamping: left.components.seconds * 1000 + left.components.attoseconds / 1_000_000_000_000_000 + 1)
    }

    /// A listening socket that was handed over is never shut down: systemd holds it, and the next process answers what
    /// queued up. On a path of our own nobody will, so what queued up until now is answered here.
    private func stopAccepting() {
        _ = linux_epoll_remove(epoll, gateway.socket.descriptor)
        guard let path = gateway.socket.ownPath else { return }
        unlink(path)
        repeat { accept() } while acceptAgain.map { $0 <= .now } ?? false
    }

    /// Requests that were accepted still become whole and are answered, until the deadline; then `overdue` ends what
    /// they wait for, and they get as long again.
    private func drain(_ end: ContinuousClock.Instant) {
        var events = [linux_event](repeating: linux_event(), count: 64)
        var deadline = end
        var called = false
        while gateway.running > 0 || waiting.count > 0 {
            if deadline <= .now {
                if called { break }
                called = true
                if gateway.running > 0 { gateway.overdue() }
                deadline = .now + gateway.limits.drain
            }
            let due = waiting.nextDeadline.map { min($0, deadline) } ?? deadline
            let ready = linux_epoll_wait(epoll, &events, Int32(events.count), Self.milliseconds(until: due))
            for event in events.prefix(Int(max(ready, 0))) {
                if event.token == Token.wake { gateway.takeTurns() } else { look(event) }
            }
            expire()
        }
        if gateway.running > 0 { gateway.observe(.abandoned(gateway.running)) }
    }
}
